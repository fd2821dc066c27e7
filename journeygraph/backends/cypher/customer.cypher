// What is known of one customer.
MATCH (customer:Customer {key: $key})
RETURN properties(customer) AS known
