// Where the listed paths, $asked.lists, or runs of $asked.length items occur: of each unit that has any, what
// it has. Of several occurrences of one in a unit the first says how long it took; the outcome
// must come after its end, for a whole path anywhere in one of the journeys that took it.
CALL (items, at_us, outcomes, journeys, end_row) {
  UNWIND journeys AS journey
  UNWIND
    CASE WHEN $asked.length IS NULL THEN [0] ELSE range(0, size(journey.rows) - $asked.length) END AS place
  WITH journey, place, place + coalesce($asked.length, size(journey.rows)) AS behind
  WITH journey, place, behind, [row IN journey.rows[place..behind] | items[row]] AS path
  WHERE path IN $asked.lists
  WITH path, journey, journey.rows[place] AS first_item,
    last([
      row IN range(journey.rows[behind - 1], coalesce(journey.rows[behind], journey.end) - 1)
      WHERE items[row] >= 0
    ]) AS last_item
  ORDER BY first_item
  WITH path, collect([first_item, last_item]) AS stretches,
    collect(any(row IN outcomes WHERE journey.begin <= row < journey.end)) AS in_journeys
  RETURN collect({
    listed: head([listed IN range(0, size($asked.lists) - 1) WHERE $asked.lists[listed] = path]),
    elapsed_us: at_us[stretches[0][1]] - at_us[stretches[0][0]],
    has_outcome:
      CASE
        WHEN $asked.length IS NULL THEN true IN in_journeys
        ELSE any(row IN outcomes WHERE stretches[0][1] < row < end_row)
      END
  }) AS found
}
WITH *
WHERE size(found) > 0
