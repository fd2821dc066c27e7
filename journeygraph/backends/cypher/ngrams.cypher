// Runs of $asked.length items within a journey: units and occurrences by the list of item codes.
CALL (items, journeys) {
  UNWIND journeys AS journey
  UNWIND range(0, size(journey.rows) - $asked.length) AS place
  RETURN
    [row IN journey.rows[place..place + $asked.length] | items[row]] AS path, count(*) AS times
}
RETURN path, count(*) AS units, sum(times) AS count
