"""A real Neo4j server for tests: fetched once by Maven, started without a container."""
