// What became of each unit: open, completed or gone, and the item at which it was last seen.
WITH *,
  items[journeys[-1].rows[-1]] AS last_item,
  CASE
    WHEN $asked.as_of_us - at_us[end_row - 1] < $asked.inactivity_us THEN 'open'
    WHEN any(row IN outcomes WHERE first_row <= row < end_row) THEN 'completed'
    ELSE 'gone'
  END AS fate
