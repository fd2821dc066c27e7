// The customers of units of which this became.
WITH *
WHERE fate = $asked.fate
RETURN DISTINCT customer.key AS key
