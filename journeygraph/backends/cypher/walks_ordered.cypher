// How far each unit goes through the steps of an ordered funnel, anything allowed in between.
//
// One pass over a journey keeps, by number of steps, the latest start that met so many: later
// starts leave more of the window. The last entry of the state lists the rows at which each
// number of steps was first met. No choice of as many steps ends before the last of these; the
// earliest one starts within the window before it and takes every step as soon as it comes.
CALL (items, at_us, journeys) {
  UNWIND journeys AS journey
  WITH [row IN journey.rows WHERE items[row] IN $asked.step_items] AS rows
  WITH rows, reduce(
    state = [step IN $asked.steps | null] + [[]],
    row IN rows
    | [
      step IN range(0, $asked.n_steps - 1)
      | CASE
          WHEN items[row] IN $asked.steps[step]
            AND (step = 0 OR state[step - 1] >= at_us[row] - $asked.window_us)
          THEN CASE step WHEN 0 THEN at_us[row] ELSE state[step - 1] END
          ELSE state[step]
        END
    ]
    + [CASE
        WHEN items[row] IN coalesce($asked.steps[size(state[$asked.n_steps])], [])
          AND (
            size(state[$asked.n_steps]) = 0
            OR state[size(state[$asked.n_steps]) - 1] >= at_us[row] - $asked.window_us
          )
        THEN state[$asked.n_steps] + [row]
        ELSE state[$asked.n_steps]
      END]
  ) AS state
  WITH rows, state, size(state[$asked.n_steps]) AS depth
  WHERE depth > 0
  ORDER BY depth DESC, rows[0]
  WITH collect({rows: rows, state: state, depth: depth}) AS walks
  WITH walks[0] AS walk, [walk IN walks WHERE walk.depth = walks[0].depth][-1] AS latest
  WITH walk, latest,
    head([
      row IN walk.rows
      WHERE items[row] IN $asked.steps[0]
        AND at_us[row] >= at_us[walk.state[$asked.n_steps][-1]] - $asked.window_us
    ]) AS start
  RETURN
    coalesce(walk.depth, 0) AS depth,
    latest.state[latest.depth - 1] AS latest_us,
    reduce(
      met = [start],
      step IN range(1, coalesce(walk.depth, 0) - 1)
      | met + [head([row IN walk.rows WHERE row > met[-1] AND items[row] IN $asked.steps[step]])]
    ) AS met
}
