"""After a load, what was remembered is brought up to date: equal to counting anew, to the bit.

The expected values are those of the same questions asked of a view that remembers nothing; that
these are right is what the tests of each statistic show.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeygraph import graph_patch, graph_selection
from journeygraph.errors import JourneyGraphError
from journeygraph.graph import JourneyGraph
from journeygraph.graph_store import open_graph
from journeygraph.journeys import Journeys
from journeygraph.statistics import paths, view_changes
from journeygraph.statistics.base import MergeableStatistic, merge, total
from journeygraph.statistics.counted_sequences import ngrams_of, paths_of
from journeygraph.statistics.exits import EXITS
from journeygraph.statistics.funnel import FUNNEL, Steps
from journeygraph.statistics.loyalty import (
    LoyaltyKind,
    LoyaltyRule,
    judge_units,
    loyalty_exposures,
    loyalty_states,
)
from journeygraph.statistics.ngrams import NGRAMS
from journeygraph.statistics.occurrences import OCCURRENCES
from journeygraph.statistics.paths import PATHS
from journeygraph.statistics.refresh import Refresh
from journeygraph.statistics.remembering import StatisticsCache
from journeygraph.statistics.sequences import Lists, SequenceCounts, Sequences, ranked
from journeygraph.statistics.transitions import TRANSITION_SUMS, TRANSITION_TIMES, TRANSITIONS
from tests.graph.stores import write_load
from tests.journeys.views import ask, cases
from tests.strategies import DAY_US, World, worlds

KINDS = [kind for kind in LoyaltyKind if kind is not LoyaltyKind.COLUMN]


@pytest.fixture(autouse=True, scope="module")
def always_worth_it() -> Iterator[None]:
    """Small worlds change by much at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(view_changes, "_WORTH_IT", 0)
        patch.setattr(graph_patch, "SHARE", 0)  # versions are kept as patches, however large
        yield


def tables_of(view: Journeys, codes: tuple[int, ...], limit_us: int) -> dict[str, pa.Table]:
    """Every mergeable statistic, with options of all kinds."""
    found = {
        "exits": total(EXITS, view),
        "exits within": total(EXITS, view, inactivity_us=limit_us),
        "transitions": total(TRANSITIONS, view),
        "paths": total(PATHS, view),
        "ngrams": total(NGRAMS, view, length=3),
    }
    for kind in KINDS:
        rule = LoyaltyRule(kind=kind, horizon_us=limit_us)
        judged = judge_units(view, rule)
        found[f"{kind} states"] = total(loyalty_states, view, judged=judged)
        found[f"{kind} exposures"] = total(loyalty_exposures, view, judged=judged)
    codes = tuple(code for code in codes if code < view.n_items)
    if codes:
        for window_us in (None, limit_us):
            steps = Steps(codes=(codes, codes[:1]), window_us=window_us, strict=False)
            found[f"funnel {window_us}"] = total(FUNNEL, view, steps=steps)
        edges = np.array([(one, other) for one in codes for other in codes])
        found["times"] = total(TRANSITION_TIMES, view, edges=edges)
        lists = Lists.of([(one, other) for one in codes for other in codes])
        for length in (2, None):
            found[f"occurrences {length}"] = total(OCCURRENCES, view, lists=lists, length=length)
    return found


def counted(counts: Sequences, view: Journeys) -> dict[tuple[str, ...], tuple[int, int]]:
    assert isinstance(counts, SequenceCounts)
    lists = [tuple(view.items[code] for code in codes) for codes in counts.lists().tuples()]
    pairs = zip(counts.units.tolist(), counts.counts.tolist(), strict=True)
    found = dict(zip(lists, pairs, strict=True))
    assert len(found) == len(lists) == len(counts)
    return found


def best_of(counts: Sequences, view: Journeys) -> list[tuple[int, ...]]:
    assert isinstance(counts, SequenceCounts)
    return counts.lists(ranked(counts, view.items, 0, min(3, len(counts)))).tuples()


def sequences_of(view: Journeys) -> dict[str, Sequences]:
    return {"paths": paths_of(view), **{str(n): ngrams_of(view, n) for n in (1, 2, 3, 9, 33)}}


def assert_equal(view: Journeys, anew: Journeys, codes: tuple[int, ...], limit_us: int) -> None:
    found = tables_of(view, codes, limit_us)
    for name, table in tables_of(anew, codes, limit_us).items():
        own = found[name]
        assert own.schema == table.schema, name
        assert own.equals(table), (name, own.to_pydict(), table.to_pydict())
    found_sequences = sequences_of(view)
    for name, counts in sequences_of(anew).items():
        own_counts = found_sequences[name]
        assert counted(own_counts, view) == counted(counts, anew), name
        assert best_of(own_counts, view) == best_of(counts, view), name


def asked_of(graph: JourneyGraph, options: dict[str, Any]) -> Journeys | JourneyGraphError:
    try:
        return ask(graph, options)
    except JourneyGraphError as error:
        return error


@settings(max_examples=15)
@given(
    case=cases(simultaneous=True, many_touchpoints=True),
    loads=st.lists(worlds(max_touchpoints=8), min_size=1, max_size=3),
    codes=st.lists(st.integers(0, 4), min_size=1, max_size=2, unique=True).map(tuple),
    limit_us=st.sampled_from([1, DAY_US, 5 * DAY_US, 30 * DAY_US]),
    skip=st.booleans(),
)
def test_refreshed_is_what_counting_anew_gives(
    case: tuple[World, dict[str, Any]],
    loads: list[World],
    codes: tuple[int, ...],
    limit_us: int,
    skip: bool,
) -> None:
    first, options = case
    statistics, held = StatisticsCache(1 << 26), []
    with tempfile.TemporaryDirectory() as folder:
        for number, world in enumerate([first, *loads]):
            write_load(Path(folder) / "store", world)
            graph = open_graph(Path(folder) / "store")
            anew = asked_of(graph, options)
            if isinstance(anew, JourneyGraphError):
                return
            held.append(statistics.remember(ask(graph, options), graph))
            if not (skip and number == 1):  # a version of which nobody asked anything
                assert_equal(held[-1], anew, codes, limit_us)


SECOND_US = 1_000_000


def customer(name: str, start_us: int, *touchpoints: str) -> list[tuple[Any, ...]]:
    return [
        (name, start_us + step * SECOND_US, touchpoint, "web", None, None)
        for step, touchpoint in enumerate(touchpoints)
    ]


def many(n_customers: int) -> World:
    """Customers who do not do all the same, all of them gone before the last one comes."""
    rows = []
    for number in range(n_customers):
        steps = ["home", "cart", "purchase", "home"][: 1 + number % 4]
        rows += customer(f"c{number}", number * DAY_US, *steps)
    return World(rows=rows)


def views_after(
    path: Path, statistics: StatisticsCache, *loads: World, **options: Any
) -> Iterator[tuple[Journeys, Journeys]]:
    """After each load, the view that remembers and one that does not."""
    held = []
    for world in loads:
        write_load(path, world)
        graph = open_graph(path)
        held.append(statistics.journeys(graph, **options))
        yield held[-1], graph.journeys(**options)


MORE = World(rows=customer("c3", 101 * DAY_US, "cart", "help") + customer("new", DAY_US, "home"))
AGAIN = World(rows=customer("c3", 102 * DAY_US, "home") + customer("c8", 0, "home", "help"))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"by": "channel"},
        {"by": "touchpoint_at_channel"},
        {"split": {"inactivity": "1d"}, "unit": "journey"},
        {"rules": {"group": [{"pattern": "h*", "as": "h"}], "collapse": True}},
        {"where": {"until": "1970-03-01"}},
        {"where": {"customers": {"touched": ["cart"]}}},
        {"where": {"did": "home [^purchase]* path_end"}},
        {"where": {"channels": ["web"], "customers": {"has_outcome": False}}},
    ],
    ids=str,
)
def test_everything_declared_is_refreshed(tmp_path: Path, options: dict[str, Any]) -> None:
    statistics = StatisticsCache(1 << 26)
    codes = (0,)
    for view, anew in views_after(tmp_path / "s", statistics, many(90), MORE, AGAIN, **options):
        before = statistics.use
        assert_equal(view, anew, codes, 2 * DAY_US)
        made = statistics.use.misses - before.misses
        refreshed = statistics.use.refreshed - before.refreshed
        assert refreshed == (0 if before.misses == 0 else made)


def test_codes_that_move_are_known_by_their_names(tmp_path: Path) -> None:
    """Of touchpoint@channel pairs a new one goes between the others."""
    statistics, options = StatisticsCache(1 << 26), {"by": "touchpoint_at_channel"}
    phoned = World(rows=[("c2", 95 * DAY_US, "home", "phone", None, None)])
    again = World(rows=[("c2", 96 * DAY_US, "cart", "email", None, None)])
    held: list[tuple[str, ...]] = []
    for view, anew in views_after(tmp_path / "s", statistics, many(90), phoned, again, **options):
        assert held == [] or view.items[: len(held[-1])] != held[-1]
        held.append(view.items)
        assert_equal(view, anew, (0, 1), 2 * DAY_US)
    assert statistics.use.refreshed


def test_chains_of_refreshed_paths_come_to_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When too much stands beside what was found, all is counted anew."""
    monkeypatch.setattr("journeygraph.statistics.changed_sequences._FEW_BESIDE", 0)
    statistics = StatisticsCache(1 << 26)
    loads = [
        World(rows=customer(f"c{number}", (91 + number) * DAY_US, *["help"] * (1 + number)))
        for number in range(8)
    ]
    kinds = []
    for view, anew in views_after(tmp_path / "s", statistics, many(90), *loads):
        kinds.append(type(paths_of(view)).__name__)
        assert counted(paths_of(view), view) == counted(paths_of(anew), anew)
    assert kinds[:3] == ["JourneyCounts", "ChangedCounts", "JourneyCounts"]
    assert kinds.count("ChangedCounts") > 1


@pytest.mark.parametrize("base", [1 << 32, 5])
def test_paths_whose_numbers_do_not_do_are_counted_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, base: int
) -> None:
    """Numbers that say no more than the last two items; and a base for no more than four."""
    monkeypatch.setattr(paths, "number_base", lambda _: base)
    statistics = StatisticsCache(1 << 26)
    fifth = World(rows=customer("c3", 103 * DAY_US, "mail"))
    longer = World(rows=customer("c5", 104 * DAY_US, "purchase", "cart", "purchase", "home"))
    kinds = []
    for view, anew in views_after(tmp_path / "s", statistics, many(90), MORE, fifth, longer):
        kinds.append(type(paths_of(view)).__name__)
        assert counted(paths_of(view), view) == counted(paths_of(anew), anew)
    assert "ChangedCounts" in kinds
    assert kinds.count("JourneyCounts") > 1


def test_what_is_no_sum_is_not_declared() -> None:
    with pytest.raises(ValueError, match="what is no sum cannot be taken out again"):
        MergeableStatistic(
            name="firsts", keys=("item",), measures={"at": "min"}, partial=lambda block: block,
            refresh=Refresh(),
        )  # fmt: skip


def test_what_is_not_declared_is_counted_anew(tmp_path: Path) -> None:
    statistic = MergeableStatistic(
        name="lasts",
        keys=("item",),
        measures={"at": "max"},
        partial=lambda block: pa.table(
            {"item": [0], "at": [int(block.journeys.graph.at_us.max(initial=0))]}
        ),
    )
    statistics = StatisticsCache(1 << 20)
    for view, anew in views_after(tmp_path / "s", statistics, many(9), MORE):
        assert total(statistic, view).equals(total(statistic, anew))
    assert statistics.use.refreshed == 0


def test_much_change_is_counted_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_changes, "_WORTH_IT", 25)
    statistics = StatisticsCache(1 << 20)
    for view, anew in views_after(tmp_path / "s", statistics, many(4), MORE, many(40)):
        assert total(EXITS, view).equals(total(EXITS, anew))
    assert statistics.use.refreshed == 0


@pytest.mark.parametrize(
    ("by", "columns"), [("touchpoint", ["at_us", "touchpoint_codes"]), ("channel", ["at_us"])]
)
def test_only_what_a_statistic_looks_at_is_gathered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str, columns: list[str]
) -> None:
    """Codes of channels are those of the view, which has them."""
    gathered: list[str] = []
    gather = graph_selection._GatheredRows._gathered

    def noted(rows: graph_selection._GatheredRows, name: str) -> Any:
        gathered.append(name)
        return gather(rows, name)

    monkeypatch.setattr(graph_selection._GatheredRows, "_gathered", noted)
    statistics = StatisticsCache(1 << 26)
    for view, anew in views_after(tmp_path / "s", statistics, many(90), MORE, by=by):
        for statistic in (TRANSITION_SUMS, TRANSITIONS):
            assert total(statistic, view).equals(total(statistic, anew))
        assert counted(paths_of(view), view) == counted(paths_of(anew), anew)
    assert statistics.use.refreshed == 3
    assert sorted(gathered) == sorted(2 * columns)


@pytest.mark.parametrize(
    "more",
    [
        World(rows=[]),
        World(rows=customer("nobody yet", DAY_US, "mail", "home")),
        World(rows=[row for number in range(90) for row in customer(f"c{number}", 0, "help")]),
    ],
    ids=["nothing", "somebody new", "everybody"],
)
def test_small_and_large_changes(tmp_path: Path, more: World) -> None:
    statistics = StatisticsCache(1 << 26)
    for view, anew in views_after(tmp_path / "s", statistics, many(90), more, MORE):
        assert total(TRANSITION_SUMS, view).equals(total(TRANSITION_SUMS, anew))
        assert counted(paths_of(view), view) == counted(paths_of(anew), anew)
    assert statistics.use.refreshed


def test_without_the_older_view_it_is_counted_anew(tmp_path: Path) -> None:
    statistics = StatisticsCache(1 << 20)
    for world in (many(90), MORE):
        write_load(tmp_path / "s", world)
        graph = open_graph(tmp_path / "s")
        assert total(EXITS, statistics.journeys(graph)).equals(total(EXITS, graph.journeys()))
    assert statistics.use.refreshed == 0


def test_merged_rows_at_nothing_stay_where_every_block_has_them(tmp_path: Path) -> None:
    """A funnel says of each step how many reach it, nobody included."""
    statistics = StatisticsCache(1 << 20)
    steps = Steps(codes=((0,), (1,), (1,)), window_us=None, strict=True)
    for view, anew in views_after(tmp_path / "s", statistics, many(90), MORE):
        table = total(FUNNEL, view, steps=steps)
        assert table.equals(total(FUNNEL, anew, steps=steps))
        assert 0 in table["units"].to_pylist()
        assert merge(FUNNEL, [table]).equals(table)
    assert statistics.use.refreshed == 1
