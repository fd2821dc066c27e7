// Everything that one customer did, in order.
MATCH (:Customer {key: $key})-[:MADE]->(i:Interaction)
RETURN properties(i) AS interaction
ORDER BY i.place
