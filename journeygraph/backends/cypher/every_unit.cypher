// The customers of all units.
RETURN DISTINCT customer.key AS key
