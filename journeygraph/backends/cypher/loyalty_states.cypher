// Units by what they are judged to be, and how long they could meet anything.
RETURN state, count(*) AS units, sum(seconds) AS seconds
