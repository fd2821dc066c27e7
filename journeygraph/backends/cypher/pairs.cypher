// Which touchpoints are met by which channels.
MATCH (i:Interaction)
RETURN DISTINCT i.touchpoint AS touchpoint, coalesce(i.channel, 0) AS channel
ORDER BY touchpoint, channel
