// Of each item: units that meet it, and those last seen there by what became of them.
CALL (items, journeys) {
  UNWIND journeys AS journey
  UNWIND journey.rows AS row
  RETURN DISTINCT items[row] AS item
}
RETURN
  item, count(*) AS visits,
  count(CASE WHEN item = last_item AND fate = 'gone' THEN 1 END) AS exits,
  count(CASE WHEN item = last_item AND fate = 'open' THEN 1 END) AS open,
  count(CASE WHEN item = last_item AND fate = 'completed' THEN 1 END) AS completed
