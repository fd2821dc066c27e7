"""A package, so that a folder `tests/queries` is `tests.queries` and never hides `queries`."""
