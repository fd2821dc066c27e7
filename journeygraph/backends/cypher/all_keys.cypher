// The keys of all customers.
MATCH (customer:Customer)
RETURN customer.key AS key ORDER BY key
