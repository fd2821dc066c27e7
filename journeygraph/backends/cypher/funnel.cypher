// Units by step and measure (see statistics/funnel.py): those that meet a step, those that stop
// before it and could still go on, and the times since the step before and since the first by
// bucket.
WITH at_us, met, depth,
  CASE
    WHEN $asked.has_window THEN latest_us > $asked.as_of_us - $asked.window_us
    ELSE $asked.as_of_us - at_us[end_row - 1] < $asked.inactivity_us
  END AS could_go_on
UNWIND
  [step IN range(1, depth) | [step, 0, 0]]
  + CASE WHEN 0 < depth < $asked.n_steps AND could_go_on THEN [[depth + 1, 1, 0]] ELSE [] END
  + [step IN range(2, depth) | [step, 2, at_us[met[step - 1]] - at_us[met[step - 2]]]]
  + [step IN range(2, depth) | [step, 3, at_us[met[step - 1]] - at_us[met[0]]]] AS counted
WITH counted[0] AS step, counted[1] AS measure, counted[2] AS elapsed_us
WITH step, measure, elapsed_us,
  CASE elapsed_us WHEN 0 THEN 0 ELSE toInteger(16 * log(elapsed_us) / log(2)) + 1 END AS guess
WITH step, measure, head([
  bucket IN [guess + 1, guess, guess - 1] WHERE $asked.bucket_edges[bucket] <= elapsed_us
]) AS bucket
RETURN step, measure, bucket, count(*) AS units
