// What directly follows what: units that go from a source to a target, and how often.
CALL (items, journeys) {
  UNWIND journeys AS journey
  UNWIND range(1, size(journey.rows) - 1) AS place
  RETURN
    items[journey.rows[place - 1]] AS source, items[journey.rows[place]] AS target,
    count(*) AS times
}
RETURN source, target, count(*) AS units, sum(times) AS count
