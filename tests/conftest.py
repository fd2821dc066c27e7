"""What every test shares: optional parts, Hypothesis's profiles, no network but loopback."""

import os

from hypothesis import settings

from tests import loopback

pytest_plugins = ["pytester", "tests.parts", "tests.neo4j_server.fixtures"]

# The first call of a kernel compiles it, so a deadline would say nothing. More examples are tried
# where there is time for them: make tests EXAMPLES=200
settings.register_profile(
    "journeygraph", deadline=None, max_examples=int(os.environ.get("JOURNEYGRAPH_EXAMPLES", "40"))
)
settings.register_profile(
    "journeygraph-ci", settings.get_profile("journeygraph"), derandomize=True, print_blob=True
)
settings.load_profile("journeygraph-ci" if os.environ.get("CI") else "journeygraph")

loopback.hold_to_loopback()
