// The properties that customers have.
MATCH (customer:Customer)
UNWIND keys(customer) AS name
RETURN DISTINCT name
ORDER BY name
