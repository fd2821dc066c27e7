// How far each unit goes through the steps of a strict funnel, each the directly next item.
CALL (items, at_us, journeys) {
  UNWIND journeys AS journey
  WITH journey.rows AS rows
  UNWIND range(0, size(rows) - 1) AS place
  WITH rows, place
  WHERE items[rows[place]] IN $asked.steps[0]
  WITH rows[place..place + reduce(
    depth = 1,
    step IN range(1, $asked.n_steps - 1)
    | CASE
        WHEN depth = step
          AND items[rows[place + step]] IN $asked.steps[step]
          AND at_us[rows[place + step]] - at_us[rows[place]] <= $asked.window_us
        THEN step + 1
        ELSE depth
      END
  )] AS met
  ORDER BY size(met) DESC, met[0]
  WITH collect(met) AS walks
  RETURN
    coalesce(size(walks[0]), 0) AS depth,
    at_us[[met IN walks WHERE size(met) = size(walks[0])][-1][0]] AS latest_us,
    walks[0] AS met
}
