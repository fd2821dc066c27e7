// Of the judged units, which items each met before its exposure ended.
WITH *
WHERE state >= 2
CALL (items, at_us, journeys, index_row) {
  UNWIND journeys AS journey
  UNWIND
    range(
      journey.begin, CASE WHEN journey.end < index_row THEN journey.end ELSE index_row END - 1
    ) AS row
  WITH items[row] AS item
  WHERE item >= 0 AND at_us[row] >= at_us[index_row] - $asked.exposure_us
  RETURN collect(DISTINCT item) AS exposed_to
}
