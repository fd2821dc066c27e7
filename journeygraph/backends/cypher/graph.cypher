// Which graph this is, and how much there is of it.
MATCH (graph:JourneyGraph)
RETURN
  graph.state AS state, graph.version AS version, graph.store AS store,
  graph.pushed_at_us AS pushed_at_us, graph.target AS target, graph.as_of_us AS as_of_us,
  graph.currency AS currency, graph.exponent AS exponent,
  COUNT { (:Customer) } AS customers, COUNT { (:Interaction) } AS interactions
