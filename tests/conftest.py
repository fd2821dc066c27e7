"""What every test shares: optional parts, Hypothesis's profiles, no network but loopback."""

import os

import pytest
from hypothesis import settings

from tests import loopback

pytest_plugins = ["pytester", "tests.parts", "tests.neo4j_server.fixtures"]

# The first call of a kernel compiles it, so a deadline would say nothing. More examples are tried
# where there is time for them: make tests EXAMPLES=200
settings.register_profile(
    "journeygraph", deadline=None, max_examples=int(os.environ.get("JOURNEYGRAPH_EXAMPLES", "20"))
)
settings.register_profile(
    "journeygraph-ci", settings.get_profile("journeygraph"), derandomize=True, print_blob=True
)
settings.load_profile("journeygraph-ci" if os.environ.get("CI") else "journeygraph")

loopback.hold_to_loopback()


_ONE_OF_EACH = ("spark", "neo4j")
"""Parts that take long to start: of several processes one has all tests that need it."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Say which tests stay together under `--dist loadgroup`: those of a part, or of a file."""
    if not config.pluginmanager.hasplugin("xdist"):
        return
    part_of = {
        item.path: name
        for item in items
        for name in _ONE_OF_EACH
        if item.get_closest_marker(name) is not None
    }
    for item in items:
        file = item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(part_of.get(item.path, file)))
