// Which customers are looked at: a range of keys, and those of whom ids and attributes are meant.
MATCH (customer:Customer)
WHERE $first_key <= customer.key < $end_key
  AND ($view.keys IS NULL OR customer.key IN $view.keys)
  AND all(attribute IN $view.attributes
          WHERE toString(customer[attribute.property]) IN attribute.values)
