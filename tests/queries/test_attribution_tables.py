"""Tables of paths: the same numbers as of journeys, as of other tools, and errors that say where.

Truth of the real data: ChannelAttribution 2.2.5 (`heuristic_models`) and an exact solution of the
absorbing chain with numpy, by others.
"""

from __future__ import annotations

import json
import math
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import journeygraph
from journeygraph.errors import (
    ConflictingOptionsError,
    InvalidOptionError,
    JourneyGraphError,
    UnknownColumnError,
)
from journeygraph.journeys import By
from journeygraph.statistics.paths_to_outcomes import PathScope
from queries.attribution import Attribution, AttributionMethod, attribution
from queries.attribution_credit import Worth
from queries.attribution_tables import PathColumns, attribution_of_paths
from tests.queries.test_attribution import view_of

M = AttributionMethod
ROWS = [
    {"path": "a > b", "conversions": 2, "value": "20.50", "nulls": 1},
    {"path": "b", "conversions": 0, "value": 0, "nulls": 3},
    {"path": "c > a > c", "conversions": 1, "value": "0.01", "nulls": 0},
]
WALKS = [("a", "b", True)] * 2 + [("a", "b", False)] + [("b", False)] * 3 + [("c", "a", "c", True)]
HEURISTICS = {"first": "first_touch", "last": "last_touch", "linear": "linear_touch"}


def asked(table: Any, method: AttributionMethod, **options: Any) -> Any:
    return attribution_of_paths(Attribution(method=method, first=1000, **options), table)


def credits_in(answer: Any) -> dict[str, float]:
    return {node.item: node.credit for node in answer.nodes}


@pytest.mark.parametrize("method", [method for method in M if method is not M.TIME_DECAY])
def test_a_table_is_its_paths_one_by_one(method: AttributionMethod) -> None:
    view = view_of(*WALKS, rules={"exclude": ["elsewhere"]})
    walked = attribution(Attribution(method=method), view)
    for table in (
        ROWS,
        pd.DataFrame(ROWS),
        pa.Table.from_pylist([{**r, "value": 0} for r in ROWS]),
    ):
        answer = asked(table, method)
        assert credits_in(answer) == pytest.approx(credits_in(walked))
        assert (answer.total, answer.null_paths) == (walked.total, walked.null_paths) == (3, 4)
        assert answer.credited == pytest.approx(walked.credited)
        assert [node.outcomes for node in answer.nodes] == [n.outcomes for n in walked.nodes]


def test_values_are_divided_to_the_cent() -> None:
    answer = asked(ROWS, M.LINEAR)
    assert answer.value_minor == 2051
    assert sum(node.value_minor for node in answer.nodes) == 2051
    assert {node.item: node.value_minor for node in answer.nodes} == {"a": 1025, "b": 1025, "c": 1}


def test_paths_may_be_lists_under_other_names() -> None:
    rows = [{"way": ["a", "b"], "n": 1}, {"way": [], "n": 2}]
    columns = PathColumns(path="way", conversions="n")
    answer = attribution_of_paths(Attribution(method=M.FIRST), rows, columns)
    assert (answer.outcomes, answer.total, answer.without_path) == (3, 1, 2)
    assert credits_in(answer) == {"a": 1, "b": 0}


def test_an_empty_table() -> None:
    answer = asked([], M.MARKOV, replicates=2)
    assert (answer.total, answer.nodes, answer.outcome_rate) == (0, (), None)


def test_intervals_hold_the_credit() -> None:
    many = [{**row, "conversions": 100 * int(str(row["conversions"]))} for row in ROWS]
    for node in asked(many, M.MARKOV, replicates=60).nodes:
        assert node.low <= node.credit <= node.high
        assert node.share_low <= node.share <= node.share_high


@pytest.mark.parametrize(
    ("row", "options", "error"),
    [
        ({"conversions": -1}, {}, InvalidOptionError),
        ({"conversions": 1.5}, {}, InvalidOptionError),
        ({"conversions": math.nan}, {}, InvalidOptionError),
        ({"conversions": "many"}, {}, InvalidOptionError),
        ({"nulls": None}, {}, InvalidOptionError),
        ({"value": "1,5"}, {}, InvalidOptionError),
        ({"value": "1e30"}, {}, InvalidOptionError),
        ({"conversions": 0, "value": 1}, {}, InvalidOptionError),
        ({"path": 7}, {}, InvalidOptionError),
        ({"path": ["a", None]}, {}, InvalidOptionError),
        ({"path": "a > > b"}, {}, InvalidOptionError),
        ({}, {"method": M.TIME_DECAY}, ConflictingOptionsError),
        ({}, {"by": By.CHANNEL}, ConflictingOptionsError),
        ({}, {"paths": PathScope.WHOLE_JOURNEY}, ConflictingOptionsError),
        ({}, {"open_as_null": True}, ConflictingOptionsError),
    ],
)
def test_what_cannot_be_read_or_asked(
    row: dict[str, Any], options: dict[str, Any], error: type[JourneyGraphError]
) -> None:
    rows = [ROWS[0], {**ROWS[0], **row}]
    with pytest.raises(error) as caught:
        attribution_of_paths(Attribution(**options), rows)
    if row:
        assert "(row 2)" in str(caught.value)


def test_a_column_that_is_not_there() -> None:
    with pytest.raises(UnknownColumnError):
        attribution_of_paths(Attribution(), ROWS, PathColumns(conversions="orders"))


# Real data ----------------------------------------------------------------------------------


def data(name: str) -> Path:
    return Path(os.environ["JOURNEYGRAPH_DATA"]) / name


def truth(name: str) -> Any:
    return json.loads(data(f"truth/attribution_{name}.json").read_text(encoding="utf-8"))


def assert_heuristics(asked_for: Any, expected: Any, exponent: int, within: float) -> None:
    for method, name in HEURISTICS.items():
        answer = asked_for(M(method))
        assert answer.credited == pytest.approx(expected["total_conversions"])
        for node in answer.nodes:
            figures = expected["heuristics"][node.item]
            assert node.credit == pytest.approx(figures[f"{name}_conversions"], abs=1e-6)
            in_major = node.value_minor / 10**exponent
            assert in_major == pytest.approx(figures[f"{name}_value"], abs=within)


def assert_markov(answer: Any, expected: Any) -> None:
    chain = expected["exact_markov_order1"]
    assert {node.item: node.removal_effect for node in answer.nodes} == pytest.approx(
        chain["removal_effect"]
    )
    assert {node.item: node.share for node in answer.nodes} == pytest.approx(chain["share"])
    assert credits_in(answer) == pytest.approx(chain["attributed_conversions"])
    assert answer.outcome_rate == pytest.approx(chain["conversion_probability_from_start"])


@pytest.mark.realdata
def test_the_paths_of_a_package_are_credited_as_the_package_does() -> None:
    expected = truth("channelattribution_pathdata")
    table = pd.read_csv(data("channelattribution_pathdata.csv"))
    columns = PathColumns(
        conversions="total_conversions", nulls="total_null", value="total_conversion_value",
        exponent=9,
    )  # fmt: skip

    def ask(method: AttributionMethod, **options: Any) -> Any:
        question = Attribution(method=method, **options)
        return attribution_of_paths(question, table, columns)

    assert_heuristics(ask, expected, 9, within=5e-6)  # 10,000 values, each rounded to 1e-9
    assert_markov(ask(M.MARKOV), expected)
    assert ask(M.MARKOV).null_paths == expected["total_null"]
    for options in ({"method": M.SHAPLEY}, {"method": M.SHAPLEY, "worth": Worth.OUTCOME_RATE}):
        assert ask(**options).credited == pytest.approx(expected["total_conversions"])


@pytest.fixture(scope="module")
def july(tmp_path_factory: pytest.TempPathFactory) -> journeygraph.JourneyGraph:
    store = tmp_path_factory.mktemp("attribution") / "july"
    journeygraph.load(str(store), [str(data("attribution_jul2018.parquet"))])
    return journeygraph.open(str(store))


@pytest.mark.realdata
def test_whole_journeys_are_credited_as_a_package_does(july: journeygraph.JourneyGraph) -> None:
    expected = truth("attribution_jul2018")
    view = july.journeys(outcome={"touchpoints": ["conversion"]})

    def ask(method: AttributionMethod) -> Any:
        whole = PathScope.WHOLE_JOURNEY
        question = Attribution(method=method, by=By.CHANNEL, paths=whole, open_as_null=True)
        answer = attribution(question, view)
        assert all(node.outcomes or node.null_paths for node in answer.nodes)
        return answer

    assert_heuristics(ask, expected, 2, within=0.01)
    assert_markov(ask(M.MARKOV), expected)
    assert ask(M.MARKOV).null_paths == expected["total_null"]


@pytest.mark.realdata
def test_paths_to_each_outcome_are_those_of_the_log(july: journeygraph.JourneyGraph) -> None:
    """Last and linear touch of what stands between two conversions, straight from the file."""
    log = pd.read_parquet(data("attribution_jul2018.parquet"))
    log = log.sort_values(["case_id", "timestamp", "event_index"], kind="stable")
    last: Counter[str] = Counter()
    linear: dict[str, float] = Counter()  # type: ignore[assignment]
    for _case, rows in log.groupby("case_id"):
        since: list[str] = []
        for touchpoint, channel in zip(rows["touchpoint"], rows["channel"], strict=True):
            if touchpoint != "conversion":
                since.append(channel)
                continue
            last.update(since[-1:])
            for name in since:
                linear[name] += 1 / len(since)
            since = []
    view = july.journeys(by="channel", outcome={"touchpoints": ["conversion"]})
    for method, expected in ((M.LAST, last), (M.LINEAR, linear)):
        answer = attribution(Attribution(method=method), view)
        assert credits_in(answer) == pytest.approx(dict(expected))
