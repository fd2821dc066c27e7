from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import pytest

import journeygraph


def test_all_that_is_promised_is_there() -> None:
    assert journeygraph.__all__ == ["JourneyGraph", "__version__", "from_pandas", "load", "open"]
    for name in journeygraph.__all__:
        assert getattr(journeygraph, name) is not None
        assert name in dir(journeygraph)
    assert journeygraph.__version__ == version("customer-journeygraph")
    with pytest.raises(AttributeError, match="no attribute 'opne'"):
        journeygraph.opne  # noqa: B018


def test_importing_the_package_imports_nothing_else() -> None:
    program = (
        "import sys; before = set(sys.modules); import journeygraph\n"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stderr == ""
    assert set(done.stdout.split()) <= {"journeygraph", *sys.stdlib_module_names}
