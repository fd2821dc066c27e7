// The customers of units so judged that met an item before their exposure ended, or did not.
WITH *
WHERE state IN $asked.states AND ($asked.item IN exposed_to) = $asked.is_exposed
RETURN DISTINCT customer.key AS key
