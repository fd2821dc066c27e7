// The customers of units that are judged to be one of some states.
WITH *
WHERE state IN $asked.states
RETURN DISTINCT customer.key AS key
