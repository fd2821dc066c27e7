// At which touchpoints (kind 0) and channels (kind 1; 0 is "not said") an interaction is kept.
UNWIND journeys AS journey
UNWIND [row IN range(journey.begin, journey.end - 1) WHERE items[row] >= 0 | names[row]] AS name
WITH DISTINCT name
UNWIND [[0, name[0]]] + CASE name[1] WHEN 0 THEN [] ELSE [[1, name[1]]] END AS kind
RETURN DISTINCT kind[0] AS kind, kind[1] AS code, 1 AS seen
