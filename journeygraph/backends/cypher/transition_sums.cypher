// What directly follows what: how often, and the sum of the times, each divided by itself.
CALL (items, at_us, journeys) {
  UNWIND journeys AS journey
  UNWIND range(1, size(journey.rows) - 1) AS place
  WITH
    items[journey.rows[place - 1]] AS source, items[journey.rows[place]] AS target,
    at_us[journey.rows[place]] - at_us[journey.rows[place - 1]] AS elapsed_us
  RETURN
    source, target, count(*) AS times,
    sum(elapsed_us / 1000000) AS seconds, sum(elapsed_us % 1000000) AS further
}
RETURN
  source, target, sum(times) AS count,
  sum(seconds) AS elapsed_seconds, sum(further) AS further_us
