// What each unit is judged to be, from its first outcome on: 0 not eligible, 1 censored, 2 not
// loyal, 3 loyal; and for how long it could meet anything before that.
WITH *, head([row IN outcomes WHERE first_row <= row < end_row]) AS index_row
WITH *, at_us[index_row] + $asked.horizon_us AS horizon_end_us
WITH *,
  CASE
    WHEN index_row IS NULL OR horizon_end_us > $asked.as_of_us THEN null
    WHEN $asked.kind = 'repeat purchase' THEN any(
      row IN outcomes WHERE row > index_row AND at_us[index_row] < at_us[row] <= horizon_end_us
    )
    WHEN $asked.kind = 'active' THEN any(
      row IN range(index_row + 1, n_rows - 1)
      WHERE begun_by_customer[row]
        AND at_us[index_row] < at_us[row] <= horizon_end_us
        AND at_us[row] > horizon_end_us - $asked.inactivity_us
    )
    WHEN $asked.kind = 'value' THEN $asked.least_value_minor <= reduce(
      value = 0,
      row IN range(index_row + 1, n_rows - 1)
      | value + CASE
          WHEN at_us[index_row] < at_us[row] <= horizon_end_us THEN values[row]
          ELSE 0
        END
    )
    ELSE ($asked.kind = 'churn') = any(
      row IN range(index_row, n_rows - 1)
      WHERE at_us[row] <= horizon_end_us
        AND $asked.inactivity_us < CASE
          WHEN at_us[row + 1] <= horizon_end_us THEN at_us[row + 1]
          ELSE horizon_end_us
        END - at_us[row]
    )
  END AS is_loyal
WITH *,
  CASE
    WHEN index_row IS NULL THEN 0
    WHEN is_loyal IS NULL THEN 1
    WHEN is_loyal THEN 3
    ELSE 2
  END AS state,
  CASE
    WHEN index_row IS NULL THEN 0
    WHEN at_us[index_row] - at_us[0] > $asked.exposure_us THEN $asked.exposure_us / 1000000
    ELSE (at_us[index_row] - at_us[0]) / 1000000
  END AS seconds
