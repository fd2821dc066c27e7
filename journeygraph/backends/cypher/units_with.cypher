// The customers of units that have any of the listed paths or runs, or none of them.
WITH *
WHERE $asked.has_any = any(
  journey IN journeys
  WHERE any(
    place IN
      CASE WHEN $asked.length IS NULL THEN [0] ELSE range(0, size(journey.rows) - $asked.length) END
    WHERE [
      row IN journey.rows[place..place + coalesce($asked.length, size(journey.rows))] | items[row]
    ] IN $asked.lists
  )
)
RETURN DISTINCT customer.key AS key
