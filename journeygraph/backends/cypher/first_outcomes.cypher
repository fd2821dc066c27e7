// When each of them had the outcome first.
MATCH (customer)-[:MADE]->(i:Interaction)
WHERE ($view.outcome_touchpoints IS NULL OR i.touchpoint IN $view.outcome_touchpoints)
  AND ($view.outcome_stages IS NULL OR coalesce(i.stage, 0) IN $view.outcome_stages)
  AND ($view.outcome_least_minor IS NULL OR i.value_minor >= $view.outcome_least_minor)
RETURN customer.key AS key, min(i.at_us) AS at_us
