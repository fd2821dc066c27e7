"""What every test shares: optional parts, Hypothesis's profiles, no network but loopback."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

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
"""Parts that take long to start: one process has all files that are named after one."""


class _PartScheduling(LoadFileScheduling):  # type: ignore[misc]  # it has no types
    """Tests of a file stay together, and so do those of a part."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return next((part for part in _ONE_OF_EACH if part in Path(file).stem), file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    """Say which tests go to the same process under `--dist loadfile`."""
    return _PartScheduling(config, log) if config.getvalue("dist") == "loadfile" else None
