"""Who counts, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.console import journeygraph

ROWS = """customer,at,touchpoint,channel
a,2024-03-01 09:00:00,home,web
a,2024-03-01 09:01:00,cart,app
b,2024-03-01 10:00:00,cart,web
"""
QUERY = (
    "{ journeys(by: TOUCHPOINT) { dropOff { units nodes { item exits customers { count } } } } }"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("engines")
    (made / "visits.csv").write_text(ROWS)
    (made / "question.graphql").write_text(QUERY)
    done = journeygraph("load", "visits.csv", "--store", "shop", folder=made)
    assert done.returncode == 0, done.stderr
    return made


def test_the_local_engine_is_the_usual_one(folder: Path) -> None:
    usual = journeygraph("paths", "--store", "shop", "--json", folder=folder)
    named = journeygraph("paths", "--store", "shop", "--json", "--engine", "local", folder=folder)
    assert json.loads(usual.stdout) == json.loads(named.stdout)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--engine", "flink"], "engine='flink' cannot be used"),
        (["--master", "local[2]"], "CONFLICTING_OPTIONS"),
        (["--database", "neo4j"], "CONFLICTING_OPTIONS"),
        (["--engine", "spark", "--table", "visits"], "table and store exclude each other"),
        (["--engine", "spark", "--currency", "EUR"], "an option beside table"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    folder: Path, options: list[str], told: str
) -> None:
    for command in (["dropoff"], ["ask", "question.graphql"]):
        done = journeygraph(*command, "--store", "shop", *options, folder=folder)
        assert done.returncode == 1
        assert told in done.stderr
        assert "Traceback" not in done.stderr


def test_an_engine_that_reads_a_store_needs_one(folder: Path) -> None:
    for command in (["dropoff"], ["ask", "question.graphql"], ["paths", "--engine", "spark"]):
        done = journeygraph(*command, folder=folder)
        assert done.returncode == 1
        assert "store='nothing' cannot be used" in done.stderr
        assert "Traceback" not in done.stderr
