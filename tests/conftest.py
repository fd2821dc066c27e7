"""What every test shares: optional parts, Hypothesis's profiles, no network but loopback."""

import os

from hypothesis import settings

from tests import loopback

pytest_plugins = ["pytester", "tests.parts", "tests.neo4j_server.fixtures"]

# The first call of a kernel compiles it, so a deadline would say nothing.
settings.register_profile("journeygraph", deadline=None)
settings.register_profile("journeygraph-ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("journeygraph-ci" if os.environ.get("CI") else "journeygraph")

loopback.hold_to_loopback()
