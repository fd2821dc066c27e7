// The units of the population: what every statistic goes on from.
//
// One row for each unit: its customer, the customer's history, and the unit's journeys. A row of
// a history is a place in the customer's total order; items[row] is the code of its item, -1
// where it was filtered out or left out by a rule. The unit's own history are the rows from
// first_row to before end_row. A journey is {begin, end, rows}: where it begins and ends, and the
// rows of its items, without those that repeat the item before them where runs are collapsed.
CALL (customer) {
  MATCH (customer)-[:MADE]->(i:Interaction)
  WHERE $view.until_us IS NULL OR i.at_us < $view.until_us
  WITH i ORDER BY i.place
  RETURN
    count(CASE WHEN i.touchpoint IN $view.touched THEN 1 END) AS n_touched,
    count(CASE WHEN i.touchpoint IN $view.not_touched THEN 1 END) AS n_not_touched,
    collect(i.at_us) AS at_us,
    collect(
      CASE
        WHEN ($view.touchpoints IS NULL OR i.touchpoint IN $view.touchpoints)
          AND ($view.channels IS NULL OR coalesce(i.channel, 0) IN $view.channels)
          AND ($view.stages IS NULL OR coalesce(i.stage, 0) IN $view.stages)
          AND ($view.initiators IS NULL OR coalesce(i.initiator, 'unknown') IN $view.initiators)
          AND ($view.environments IS NULL OR coalesce(i.environment, 'unknown') IN $view.environments)
          AND ($view.levels IS NULL OR coalesce(i.level, 'unknown') IN $view.levels)
          AND ($view.least_minor IS NULL OR i.value_minor >= $view.least_minor)
          AND ($view.most_minor IS NULL OR i.value_minor <= $view.most_minor)
          AND ($view.from_us IS NULL OR i.at_us >= $view.from_us)
        THEN
          $view.item_of[CASE $view.by
            WHEN 'channel' THEN coalesce(i.channel, 0)
            WHEN 'stage' THEN coalesce(i.stage, 0)
            WHEN 'touchpoint' THEN i.touchpoint
            ELSE i.touchpoint * $view.n_channels + coalesce(i.channel, 0)
          END]
        ELSE -1
      END
    ) AS items,
    collect(
      CASE
        WHEN $view.with_outcomes
          AND ($view.outcome_touchpoints IS NULL OR i.touchpoint IN $view.outcome_touchpoints)
          AND ($view.outcome_stages IS NULL OR coalesce(i.stage, 0) IN $view.outcome_stages)
          AND ($view.outcome_least_minor IS NULL OR i.value_minor >= $view.outcome_least_minor)
        THEN i.place
      END
    ) AS outcomes,
    collect(CASE WHEN $view.with_values THEN coalesce(i.value_minor, 0) END) AS values,
    collect(
      CASE WHEN $view.with_names THEN [i.touchpoint, coalesce(i.channel, 0)] END
    ) AS names,
    collect(
      CASE WHEN $view.with_initiators THEN coalesce(i.initiator, 'customer') = 'customer' END
    ) AS begun_by_customer
}
WITH *, size(items) AS n_rows
WHERE n_rows > 0
  AND ($view.touched IS NULL OR n_touched > 0)
  AND n_not_touched = 0
  AND ($view.has_outcome IS NULL OR $view.has_outcome = (size(outcomes) > 0))
WITH *, [row IN range(0, n_rows - 1) WHERE items[row] >= 0] AS kept
WITH *,
  [0]
  + CASE
      WHEN $view.gap_us IS NOT NULL THEN [
        place IN range(1, size(kept) - 1)
        WHERE at_us[kept[place]] - at_us[kept[place - 1]] >= $view.gap_us
        | kept[place]
      ]
      WHEN $view.cut_at_outcomes THEN [row IN outcomes | row + 1]
      ELSE []
    END
  + [n_rows] AS bounds
WITH *, [
  journey IN [
    place IN range(0, size(bounds) - 2)
    | {
      begin: bounds[place],
      end: bounds[place + 1],
      rows: [row IN range(bounds[place], bounds[place + 1] - 1) WHERE items[row] >= 0]
    }
  ]
  WHERE size(journey.rows) > 0
] AS found
WITH *,
  CASE
    WHEN NOT $view.collapse THEN found
    ELSE [
      journey IN found
      | {
        begin: journey.begin,
        end: journey.end,
        rows: [
          place IN range(0, size(journey.rows) - 1)
          WHERE place = 0
            OR items[journey.rows[place]] <> items[journey.rows[place - 1]]
          | journey.rows[place]
        ]
      }
    ]
  END AS all_journeys
UNWIND
  CASE
    WHEN $view.unit_is_journey THEN [journey IN all_journeys | [journey]]
    WHEN size(all_journeys) > 0 THEN [all_journeys]
    ELSE []
  END AS journeys
WITH customer, at_us, items, outcomes, values, names, begun_by_customer, n_rows, journeys,
  journeys[0].begin = all_journeys[0].begin AS is_first_of_customer,
  CASE WHEN $view.unit_is_journey THEN journeys[0].begin ELSE 0 END AS first_row,
  CASE WHEN $view.unit_is_journey THEN journeys[0].end ELSE n_rows END AS end_row
