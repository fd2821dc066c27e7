// Whole paths: units and journeys by the list of item codes.
CALL (items, journeys) {
  UNWIND journeys AS journey
  RETURN [row IN journey.rows | items[row]] AS path, count(*) AS times
}
RETURN path, count(*) AS units, sum(times) AS count
