// The values that an attribute of customers has.
MATCH (customer:Customer)
WHERE customer[$property] IS NOT NULL
RETURN DISTINCT toString(customer[$property]) AS value
ORDER BY value
