// The customers of units that reach a step; or that stop before it, still open or dropped.
WITH customer, depth,
  CASE
    WHEN $asked.has_window THEN latest_us > $asked.as_of_us - $asked.window_us
    ELSE $asked.as_of_us - at_us[end_row - 1] < $asked.inactivity_us
  END AS could_go_on
WHERE
  CASE $asked.fate
    WHEN 'reached' THEN depth >= $asked.step
    ELSE $asked.step > 1 AND depth = $asked.step - 1 AND could_go_on = ($asked.fate = 'open')
  END
RETURN DISTINCT customer.key AS key
