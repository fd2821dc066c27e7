// Those of them who did what is asked before $view.until_us, with interactions or without.
CALL (customer) {
  OPTIONAL MATCH (customer)-[:MADE]->(i:Interaction)
  WHERE $view.until_us IS NULL OR i.at_us < $view.until_us
  RETURN
    count(CASE WHEN i.touchpoint IN $view.touched THEN 1 END) AS n_touched,
    count(CASE WHEN i.touchpoint IN $view.not_touched THEN 1 END) AS n_not_touched,
    count(
      CASE
        WHEN ($view.outcome_touchpoints IS NULL OR i.touchpoint IN $view.outcome_touchpoints)
          AND ($view.outcome_stages IS NULL OR coalesce(i.stage, 0) IN $view.outcome_stages)
          AND (
            $view.outcome_least_minor IS NULL OR i.value_minor >= $view.outcome_least_minor
          )
        THEN i.place
      END
    ) AS n_outcomes
}
WITH *
WHERE ($view.touched IS NULL OR n_touched > 0)
  AND n_not_touched = 0
  AND ($view.has_outcome IS NULL OR $view.has_outcome = (n_outcomes > 0))
RETURN customer.key AS key
