// When each customer was seen first, and what each brought in, in minor units of money.
MATCH (customer:Customer)
WHERE $first_key <= customer.key < $end_key
MATCH (customer)-[:MADE]->(i:Interaction)
RETURN customer.key AS key, min(i.at_us) AS first_at_us, sum(i.value_minor) AS value_minor
