// How much a view holds: whose, and what is left after filters and rules, runs not collapsed.
WITH is_first_of_customer, outcomes, first_row, end_row, journeys, [
  row IN reduce(
    rows = [],
    journey IN journeys
    | rows + [row IN range(journey.begin, journey.end - 1) WHERE items[row] >= 0]
  )
  | at_us[row]
] AS kept_us
RETURN
  0 AS whole, count(CASE WHEN is_first_of_customer THEN 1 END) AS customers, count(*) AS units, sum(size(journeys)) AS journeys,
  sum(size(kept_us)) AS interactions,
  sum(size([row IN outcomes WHERE first_row <= row < end_row])) AS outcomes,
  coalesce(min(kept_us[0]), 9223372036854775807) AS from_us,
  coalesce(max(kept_us[-1]), -9223372036854775808) AS until_us
