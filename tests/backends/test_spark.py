"""The engine Spark against the local one: equal tables, equal answers, however rows are divided."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import journeygraph
from journeygraph.backends.local import LocalEngine
from journeygraph.errors import (
    JourneyGraphError,
    UnknownColumnError,
    UnsupportedByEngineError,
)
from journeygraph.graph import JourneyGraph
from journeygraph.statistics.base import total
from journeygraph.statistics.exits import EXITS
from journeygraph.statistics.funnel import FUNNEL, Steps
from journeygraph.statistics.ngrams import NGRAMS
from journeygraph.statistics.paths import PATHS
from journeygraph.statistics.sizes import SIZES
from journeygraph.statistics.transitions import TRANSITION_SUMS, TRANSITIONS
from queries.attribution import Attribution, attribution
from queries.common_paths import CommonPaths, common_paths
from queries.customer_lists import customers_of
from queries.drop_off import DropOff, drop_off
from queries.loyalty import Loyalty
from queries.loyalty_touchpoints import LoyaltyTouchpoints, loyalty_touchpoints
from tests.backends.questions import QUESTIONS, history, plain
from tests.graph.stores import write_load
from tests.strategies import DAY_US, World

pytestmark = [
    pytest.mark.spark,
    # PySpark leaves the socket of each answer to the garbage collector
    pytest.mark.filterwarnings("ignore:unclosed <socket.socket:ResourceWarning"),
]

NAMES = ("home", "product", "cart", "purchase", "support call", "ad")
STATISTICS: tuple[tuple[Any, dict[str, Any]], ...] = (
    (SIZES, {}),
    (EXITS, {}),
    (TRANSITIONS, {}),
    (TRANSITION_SUMS, {}),
    (PATHS, {}),
    (NGRAMS, {"length": 3}),
    (FUNNEL, {"steps": Steps(codes=((0,), (1, 2), (3,)), window_us=9 * DAY_US, strict=False)}),
)
VIEWS: tuple[dict[str, Any], ...] = (
    {},
    {"by": "touchpoint_at_channel", "unit": "journey", "split": {"inactivity": "1d"}},
    {
        "by": "channel",
        "where": {"until": "1970-01-31", "customers": {"attributes": {"country": ["DE"]}}},
        "rules": {"collapse": True},
        "inactivity": "3d",
    },
    {"where": {"initiators": ["customer"], "customers": {"referred": True}}},
    {"split": {"column": "colour"}, "unit": "journey"},
    {"where": {"customers": {"ids": ["c1", "c7"], "not_touched": ["ad"]}}},
    {"where": {"customers": {"has_outcome": False}, "did": ["home .* cart"]}},
)


def random_world(seed: int, n_rows: int = 600, first: int = 0) -> World:
    """Many ties in time, one customer who does a third of everything."""
    random = np.random.default_rng(seed)

    def one_of(*values: Any) -> Any:
        return values[int(random.integers(len(values)))]

    who = random.integers(0, 40, n_rows) + first
    who[random.random(n_rows) < 1 / 3] = first
    rows = [
        (
            f"c{customer}",
            int(random.integers(0, 40)) * DAY_US // 2,
            one_of(*NAMES),
            one_of("web", "email", None),
            one_of("inquiry", "purchase", None),
            one_of(None, 100, 2500),
        )
        for customer in who
    ]
    pairs = random.integers(0, 50, (25, 2)).tolist()
    referrals = [
        (
            None if one % 11 == 0 else f"c{one}",
            f"c{other}",
            int(random.integers(20)) * DAY_US,
            one_of("email", None),
        )
        for one, other in pairs
    ]
    return World(
        rows=rows,
        referrals=referrals,
        customers=["alone"],
        columns={
            "sequence": random.integers(0, 3, n_rows).tolist(),
            "initiator": [one_of("customer", "company", None) for _ in who],
            "colour": [one_of("red", "blue") for _ in who],
            "team": [one_of("north", None) for _ in who],
        },
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two loads, in a folder whose name would be a pattern if anybody took it for one."""
    path = tmp_path_factory.mktemp("stores") / "shop [a-c] {1,2}*"
    dictionary = {"ad": {"channel": "news", "initiator": "company"}, "home": {"stage": "inquiry"}}
    countries = [(f"c{number}", {"country": ["DE", "FR"][number % 2]}) for number in range(30)]
    write_load(path, random_world(1), attributes=countries, dictionary=dictionary)
    later = [("c1", {"country": "FR"})]
    write_load(path, random_world(2, 200, 5), attributes=later, dictionary=dictionary)
    return path


@pytest.fixture(scope="module")
def graph(store: Path) -> JourneyGraph:
    return journeygraph.open(store)


@pytest.fixture(scope="module")
def engine(store: Path, spark: Any) -> Any:
    return engine_of(store, spark)


def engine_of(store: Path, spark: Any, partitions: int = 3) -> Any:
    from journeygraph.backends.spark import SparkEngine

    return SparkEngine(store, session=spark, partitions=partitions)


@pytest.mark.parametrize(
    ("partitions", "batch", "others"),
    [(1, 10000, [SIZES, EXITS]), (3, 1, [NGRAMS, FUNNEL]), (7, 7, [TRANSITION_SUMS])],
    ids=["whole", "row by row", "mixed"],
)
def test_every_division_gives_the_tables_of_the_whole(
    store: Path, graph: JourneyGraph, spark: Any, partitions: int, batch: int, others: list[Any]
) -> None:
    """Whole paths with each division, since they tell every row in its order."""
    asked = [one for one in STATISTICS if one[0] in (PATHS, *others)]
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", str(batch))
    try:
        view = engine_of(store, spark, partitions).journeys()
        for statistic, options in asked:
            here = total(statistic, graph.journeys(), **options)
            assert total(statistic, view, **options).equals(here), statistic.name
    finally:
        spark.conf.unset("spark.sql.execution.arrow.maxRecordsPerBatch")


@pytest.mark.parametrize("number", range(len(VIEWS)))
def test_every_kind_of_view_gives_the_same_tables(
    graph: JourneyGraph, engine: Any, number: int
) -> None:
    view, here = engine.journeys(**VIEWS[number]), graph.journeys(**VIEWS[number])
    assert view.items == here.items
    assert total(PATHS, view).equals(total(PATHS, here))


ASKED = (
    "summary",
    "warnings",
    "whole paths, the second page",
    "transitions",
    "drop-off",
    "funnel with an optional step",
    "referral chains of the last",
    "referral credit split",
    "loyalty: repeat",
)


@pytest.mark.parametrize("question", ASKED)
def test_questions_are_answered_alike(graph: JourneyGraph, engine: Any, question: str) -> None:
    options: dict[str, Any] = {"inactivity": "3d", "where": {"channels": ["web", "news"]}}
    expected = plain(QUESTIONS[question](graph.journeys(**options)), lists=False)
    assert plain(QUESTIONS[question](engine.journeys(**options)), lists=False) == expected


def test_the_customers_behind_numbers_are_the_same(graph: JourneyGraph, engine: Any) -> None:
    options: dict[str, Any] = {"split": {"inactivity": "2d"}, "unit": "journey"}
    listed = []
    for view in (graph.journeys(**options), engine.journeys(**options)):
        paths = common_paths(CommonPaths(first=1), view)
        left = drop_off(DropOff(first=1), view)
        loyal = loyalty_touchpoints(
            LoyaltyTouchpoints(loyalty=Loyalty(no_churn="9d"), first=1), view
        )
        lists = (
            customers_of(view), paths.nodes[0].customers, left.nodes[0].open_customers,
            loyal.nodes[0].unexposed_customers,
        )  # fmt: skip
        listed.append([plain(one) for one in lists])
    assert listed[0] == listed[1]


def test_customers_and_histories_are_those_of_the_graph(graph: JourneyGraph, engine: Any) -> None:
    elsewhere = engine.graph
    assert elsewhere.n_customers == graph.n_customers
    assert elsewhere.n_interactions == graph.n_interactions
    assert elsewhere.says("initiator") == graph.says("initiator")
    assert elsewhere.says("level") == graph.says("level")
    assert elsewhere.coded("colour").names == ()
    with pytest.raises(UnknownColumnError):
        elsewhere.coded("size")
    everybody = np.arange(graph.n_customers)
    assert elsewhere.customer_id(everybody) == graph.customer_id(everybody)
    for name in ("c1", "alone"):
        index = graph.customer_index(name)
        assert history(elsewhere, index) == history(graph, index)


def test_customers_without_a_row_leave_no_gap(tmp_path: Path, spark: Any) -> None:
    write_load(tmp_path / "s", World(rows=[("x", 0, "home", None, None, None)]))
    write_load(tmp_path / "s", World(rows=[("y", 1, "home", None, None, None)] * 3))
    first = engine_of(tmp_path / "s", spark)
    assert first.graph.n_customers == 2
    from journeygraph.backends.spark import SparkEngine

    older = SparkEngine(tmp_path / "s", 1, session=spark)
    here = journeygraph.open(tmp_path / "s", 1)
    assert older.graph.n_customers == here.n_customers == 1
    assert plain(customers_of(older.journeys())) == plain(customers_of(here.journeys()))


def test_a_store_without_interactions_is_answered(tmp_path: Path, spark: Any) -> None:
    write_load(tmp_path / "empty", World(rows=[], customers=["a"], referrals=[("a", "b", 0, None)]))
    here = LocalEngine(journeygraph.open(tmp_path / "empty"))
    elsewhere = engine_of(tmp_path / "empty", spark)
    for question in ("summary", "whole paths", "referral chains"):
        expected = plain(QUESTIONS[question](here.journeys()))
        assert plain(QUESTIONS[question](elsewhere.journeys())) == expected


def test_errors_are_those_of_the_graph(graph: JourneyGraph, engine: Any) -> None:
    attributes = "attributes"
    for options in (
        {"where": {"customers": {attributes: {"country": ["XX"]}}}},
        {"where": {"customers": {attributes: {"land": ["DE"]}}}},
        {"where": {"customers": {"ids": ["nobody"]}}},
        {"split": {"column": "colour"}},  # interleaved, which only a worker sees
    ):
        told = []
        for one in (LocalEngine(graph), engine):
            with pytest.raises(JourneyGraphError) as raised:
                QUESTIONS["whole paths"](one.journeys(**options))
            told.append(raised.value.code)
        assert told[0] == told[1]
    with pytest.raises(UnsupportedByEngineError, match="The engine 'spark' does not give"):
        attribution(Attribution(), engine.journeys())


@pytest.mark.realdata
def test_a_real_log_gives_the_same_tables(tmp_path: Path, spark: Any) -> None:
    data = Path(os.environ["JOURNEYGRAPH_DATA"]) / "sepsis.parquet"
    journeygraph.load(tmp_path / "real", [data])
    here = journeygraph.open(tmp_path / "real").journeys()
    view = engine_of(tmp_path / "real", spark, 7).journeys()
    for statistic, options in STATISTICS:
        assert total(statistic, view, **options).equals(total(statistic, here, **options))


def test_a_lost_executor_changes_nothing(store: Path, graph: JourneyGraph) -> None:
    script = Path(__file__).with_name("losing_an_executor.py")
    run = subprocess.run(
        [sys.executable, script, store], capture_output=True, text=True, timeout=280, check=False
    )
    assert run.returncode == 0, run.stderr[-2000:]
    told = json.loads(run.stdout.splitlines()[-1])
    assert told["killed"] == 1
    assert told["table"] == total(TRANSITIONS, graph.journeys()).to_pydict()
