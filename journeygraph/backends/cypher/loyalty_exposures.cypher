// Of each item: judged units that met it, the loyal of them, and how long they could meet anything.
UNWIND exposed_to AS item
RETURN
  item, count(*) AS exposed, count(CASE state WHEN 3 THEN 1 END) AS exposed_loyal,
  sum(seconds) AS exposed_seconds
