// The customers of units that meet an item, and of those last seen there by what became of them.
WITH *
WHERE any(journey IN journeys WHERE any(row IN journey.rows WHERE items[row] = $asked.item))
  AND ($asked.fate IS NULL OR (last_item = $asked.item AND fate = $asked.fate))
RETURN DISTINCT customer.key AS key
