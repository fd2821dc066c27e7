// What goes with listed paths: units, those with the outcome, and their value, by the number of the
// list and the bucket of the duration; with -1 for both, the units that have any of them.
UNWIND found + [{listed: -1, elapsed_us: 0, has_outcome: false}] AS one
WITH one.listed AS listed, one.has_outcome AS has_outcome, one.elapsed_us AS elapsed_us,
  reduce(value = 0, given IN values[first_row..end_row] | value + given) AS value,
  CASE one.elapsed_us
    WHEN 0 THEN 0 ELSE toInteger(16 * log(one.elapsed_us) / log(2)) + 1
  END AS guess
WITH listed, has_outcome, value,
  CASE listed
    WHEN -1 THEN -1
    ELSE head([
      bucket IN [guess + 1, guess, guess - 1] WHERE $asked.bucket_edges[bucket] <= elapsed_us
    ])
  END AS bucket
RETURN
  listed, bucket, count(*) AS units, count(CASE WHEN has_outcome THEN 1 END) AS outcome_units,
  sum(CASE listed WHEN -1 THEN 0 ELSE value END) AS value_minor
