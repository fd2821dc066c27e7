"""Spark counts for commands, of a store and of a table that nobody loaded."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pandas as pd
import pytest
from deltalake import write_deltalake

from tests.cli.console import journeygraph, run

ROWS = """customer,at,touchpoint,channel
a,2024-03-01 09:00:00,home,web
a,2024-03-01 09:01:00,cart,app
b,2024-03-01 10:00:00,cart,web
"""
QUERY = (
    "{ journeys(by: TOUCHPOINT) { dropOff { units nodes { item exits customers { count } } } } }"
)


@pytest.mark.spark
@pytest.mark.parametrize(
    ("command", "rows"),
    [
        (["dropoff", "--json"], ["--store", "shop"]),
        (["ask", "question.graphql"], ["--table", "visits"]),
    ],
)
def test_spark_answers_on_the_command_line_and_over_graphql(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str], rows: list[str]
) -> None:
    """Of a store, and of the same rows in a table of Delta Lake."""
    monkeypatch.setenv("SPARK_SUBMIT_OPTS", "-XX:TieredStopAtLevel=1")  # compiling costs more
    (tmp_path / "visits.csv").write_text(ROWS)
    (tmp_path / "question.graphql").write_text(QUERY)
    journeygraph("load", "visits.csv", "--store", "shop", folder=tmp_path)
    visits = pd.read_csv(tmp_path / "visits.csv", parse_dates=["at"])
    write_deltalake(tmp_path / "visits", visits.assign(at=visits["at"].dt.tz_localize("UTC")))
    here = journeygraph(*command, "--store", "shop", folder=tmp_path)
    words = ["journeygraph", *command, *rows, "--engine", "spark", "--master", "local[1]"]
    there = run(shlex.join(words), tmp_path)  # a session of its own
    assert there.returncode == 0, there.stderr
    assert json.loads(there.stdout) == json.loads(here.stdout)
