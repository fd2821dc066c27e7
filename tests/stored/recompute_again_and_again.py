"""Loads into the store given as argument, and recomputes, until it is killed."""

from __future__ import annotations

import sys
from pathlib import Path

from journeygraph.lake.store import Store
from queries.stored import run
from queries.stored.run import recompute
from tests.graph.stores import write_load
from tests.stored.computing import everything
from tests.strategies import DAY_US, World


def main() -> None:
    run._KEEP_EVERY_SECONDS = 0.0
    path, plan = Path(sys.argv[1]), everything(periods="month")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        number = Store.open(path).version().number
        row = (f"customer {number}", number * DAY_US, "ad", "web", None, None)
        write_load(path, World(rows=[row]))
        recompute(path, plan, wait="1m")


if __name__ == "__main__":
    main()
