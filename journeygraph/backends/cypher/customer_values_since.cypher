// What some customers brought in from a moment of each on; without a moment, everything.
UNWIND $customers AS asked
MATCH (customer:Customer {key: asked.key})-[:MADE]->(i:Interaction)
WHERE asked.since_us IS NULL OR i.at_us >= asked.since_us
RETURN customer.key AS key, sum(i.value_minor) AS value_minor
