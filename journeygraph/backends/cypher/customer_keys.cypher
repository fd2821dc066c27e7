// The keys of customers by their ids.
UNWIND $ids AS id
MATCH (customer:Customer {id: id})
RETURN id, customer.key AS key
