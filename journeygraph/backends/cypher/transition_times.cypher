// How long some transitions take, $asked.edges: how often by bucket of the time, and with bucket -1 the
// sums. A bucket is guessed from the logarithm and put right by the table of edges.
CALL (items, at_us, journeys) {
  UNWIND journeys AS journey
  UNWIND range(1, size(journey.rows) - 1) AS place
  WITH
    [items[journey.rows[place - 1]], items[journey.rows[place]]] AS pair,
    at_us[journey.rows[place]] - at_us[journey.rows[place - 1]] AS elapsed_us
  WHERE pair IN $asked.edges
  RETURN
    head([edge IN range(0, size($asked.edges) - 1) WHERE $asked.edges[edge] = pair]) AS edge, elapsed_us
}
WITH edge, elapsed_us,
  CASE elapsed_us WHEN 0 THEN 0 ELSE toInteger(16 * log(elapsed_us) / log(2)) + 1 END AS guess
WITH edge, elapsed_us, head([
  bucket IN [guess + 1, guess, guess - 1] WHERE $asked.bucket_edges[bucket] <= elapsed_us
]) AS of_time
UNWIND [of_time, -1] AS bucket
RETURN
  edge, bucket, count(*) AS count,
  sum(CASE bucket WHEN -1 THEN elapsed_us / 1000000 ELSE 0 END) AS elapsed_seconds,
  sum(CASE bucket WHEN -1 THEN elapsed_us % 1000000 ELSE 0 END) AS further_us
