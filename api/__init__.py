"""Everything the outside touches: GraphQL, the server and the command line."""
