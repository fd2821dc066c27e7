// The ids of customers by their keys.
UNWIND $keys AS key
MATCH (customer:Customer {key: key})
RETURN key, customer.id AS id
