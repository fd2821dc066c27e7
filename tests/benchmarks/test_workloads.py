"""Our side of the benchmark gives what DuckDB and plain pandas find in the same files."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import duckdb
import pandas as pd
import pytest

from benchmarks.answers import AGAIN, ANSWERS, State
from benchmarks.files import Files, bytes_of_files
from benchmarks.make_journeys import make_journeys
from benchmarks.normal import difference, top
from benchmarks.peers import journeygraph as ours
from benchmarks.workloads import (
    LENGTHS,
    LONGEST_PATTERN,
    OUTCOME,
    SMALLEST_SUPPORT,
    STEPS,
    TOP,
    WINDOW_DAYS,
    WORKLOADS,
)
from journeygraph.statistics import view_changes

Paths = dict[Any, list[str]]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return make_journeys(tmp_path_factory.mktemp("data"), "small", 24_000)


@pytest.fixture(scope="module")
def state(files: Files) -> Iterator[State]:
    loaded = ours.load(files)
    yield loaded
    ours.leave(loaded)


@pytest.fixture(scope="module")
def interactions(files: Files) -> pd.DataFrame:
    return pd.read_parquet(files.interactions[0]).sort_values(["customer_id", "at"])


@pytest.fixture(scope="module")
def paths(interactions: pd.DataFrame) -> Paths:
    return interactions.groupby("customer_id")["touchpoint"].agg(list).to_dict()


def test_transitions(state: State, files: Files) -> None:
    expected = duckdb.execute(f"""
        select touchpoint, following, count(*), avg(epoch_us(later) - epoch_us(moment)) / 1e6
        from (select "at" as moment, touchpoint, lead(touchpoint) over customer as following,
                lead("at") over customer as later
            from '{files.interactions[0]}'
            window customer as (partition by customer_id order by "at"))
        where following is not null group by all order by all
    """).fetchall()
    assert difference(ours.transitions(state).normal(), expected) is None
    counts = [row[:3] for row in expected]
    assert difference(ours.transition_counts(state).normal(), counts) is None


def test_whole_paths(state: State, paths: Paths) -> None:
    counted = Counter(tuple(path) for path in paths.values())
    expected = len(counted), top((n, path) for path, n in counted.items())
    assert difference(ours.whole_paths(state).normal(), expected) is None


def test_ngrams(state: State, paths: Paths) -> None:
    found = ours.ngrams(state).normal()
    for length in LENGTHS:
        counted = Counter(
            tuple(path[start : start + length])
            for path in paths.values()
            for start in range(len(path) - length + 1)
        )
        expected = top((n, ngram) for ngram, n in counted.items())
        assert difference(found[length], expected) is None


def steps_reached(history: pd.DataFrame, window: pd.Timedelta) -> int:
    """Of every start: how many steps are met in time, each as early as possible."""
    rows = list(zip(history["touchpoint"], history["at"], strict=True))
    reached = 0
    for place, (touchpoint, start) in enumerate(rows):
        step = 0
        if touchpoint == STEPS[0]:
            for following, at in rows[place:]:
                in_time = at - start <= window
                step += step < len(STEPS) and following == STEPS[step] and in_time
        reached = max(reached, step)
    return reached


@pytest.mark.parametrize(
    ("ask", "window"),
    [(ours.funnel, f"{WINDOW_DAYS}D"), (ours.funnel_without_window, "10000D")],
)
def test_funnel(state: State, interactions: pd.DataFrame, ask: Any, window: str) -> None:
    of_steps = interactions[interactions["touchpoint"].isin(STEPS)]
    reached = [
        steps_reached(history, pd.Timedelta(window))
        for _, history in of_steps.groupby("customer_id")
    ]
    expected = [sum(level >= step for level in reached) for step in range(1, len(STEPS) + 1)]
    assert ask(state).normal() == expected


def patterns_after(
    prefix: tuple[str, ...], tails: list[list[str]], least: int
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Every frequent pattern that begins with a prefix; tails are what follows it, greedily."""
    met = Counter(touchpoint for tail in tails for touchpoint in set(tail))
    for touchpoint, customers in met.items():
        if customers >= least:
            yield customers, (*prefix, touchpoint)
            if len(prefix) + 1 < LONGEST_PATTERN:
                rest = [tail[tail.index(touchpoint) + 1 :] for tail in tails if touchpoint in tail]
                yield from patterns_after((*prefix, touchpoint), rest, least)


def test_patterns(state: State, paths: Paths) -> None:
    least = math.ceil(SMALLEST_SUPPORT * len(paths))
    expected = sorted(patterns_after((), list(paths.values()), least))
    assert len(expected) > 100
    assert ours.patterns(state).normal() == expected


def test_attribution(state: State, interactions: pd.DataFrame) -> None:
    """Each channel's removal by leaving it out of a chain of its own; each outcome divided."""
    moves: dict[str, Counter[str]] = {}
    shapley: defaultdict[str, float] = defaultdict(float)
    for _, history in interactions.groupby("customer_id"):
        path, end = ["(start)"], "(nothing)"
        for touchpoint, channel in zip(history["touchpoint"], history["channel"], strict=True):
            path.append(channel)
            if touchpoint == OUTCOME:
                end = "(outcome)"
                break
        for source, target in zip(path, [*path[1:], end], strict=True):
            moves.setdefault(source, Counter())[target] += 1
        if end == "(outcome)":
            for channel in set(path[1:]):
                shapley[channel] += 1 / len(set(path[1:]))
    whole = chance_of_outcome(moves, None)
    channels = sorted(set(moves) - {"(start)"})
    effects = [(channel, 1 - chance_of_outcome(moves, channel) / whole) for channel in channels]
    credited = sorted(shapley.items())
    assert difference(ours.attribution(state).normal(), (effects, credited)) is None
    assert difference(ours.removal_effects(state).normal(), effects) is None


def chance_of_outcome(moves: dict[str, Counter[str]], removed: str | None) -> float:
    """From the start, by going on until nothing moves any more."""
    chances = dict.fromkeys(moves, 0.0)
    for _ in range(3_000):
        for source, targets in moves.items():
            reached = sum(
                count * (1.0 if target == "(outcome)" else chances.get(target, 0.0))
                for target, count in targets.items()
                if target != removed
            )
            chances[source] = reached / targets.total()
    return chances["(start)"]


@pytest.fixture
def always_refreshed(monkeypatch: pytest.MonkeyPatch) -> None:
    """In so small a world most is changed by what is appended, and would be counted anew."""
    monkeypatch.setattr(view_changes, "_WORTH_IT", 0)


@pytest.mark.usefixtures("always_refreshed")
@pytest.mark.parametrize("by_differences", [True, False])
def test_what_is_appended_counts_as_if_it_had_been_there(
    state: State, files: Files, monkeypatch: pytest.MonkeyPatch, by_differences: bool
) -> None:
    # Few interactions of few customers: whether differences would be worth it is not the question.
    monkeypatch.setattr(view_changes, "_WORTH_IT", 0 if by_differences else 1_000_000)
    tables = [pd.read_parquet(path) for path in (files.interactions[0], files.delta)]
    whole = pd.concat(tables).sort_values(["customer_id", "at"])
    paths = whole.groupby("customer_id")["touchpoint"].agg(list)
    counted = Counter(tuple(path) for path in paths)
    times: dict[tuple[str, str], list[float]] = {}
    for _, history in whole.groupby("customer_id"):
        path, seconds = history["touchpoint"].tolist(), history["at"].astype("int64").tolist()
        scale = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}[history["at"].dt.unit]
        for place in range(len(path) - 1):
            elapsed = (seconds[place + 1] - seconds[place]) / scale
            times.setdefault((path[place], path[place + 1]), []).append(elapsed)
    transitions = sorted((*pair, len(all_), sum(all_) / len(all_)) for pair, all_ in times.items())
    expected = transitions, (len(counted), top((n, path) for path, n in counted.items()))
    appending = ours.prepare_append(state)
    answer = ours.append(appending)
    assert difference(answer.normal(), expected) is None
    assert list(answer.parts) == ["load", "graph", "statistics"]
    assert appending.remembered.use.refreshed == (2 if by_differences else 0)
    answer.forget()
    assert not appending.store.exists()


def test_loyalty(state: State, files: Files, paths: Paths) -> None:
    from scipy.stats import chi2_contingency

    customers = pd.read_parquet(files.customers[0]).set_index("customer_id")["loyal"]
    loyal = {customer for customer, is_loyal in customers.items() if is_loyal}
    met: dict[str, set[int]] = {}
    for customer, path in paths.items():
        for touchpoint in path:
            met.setdefault(touchpoint, set()).add(customer)
    expected = []
    for touchpoint, who in sorted(met.items()):
        a, b = len(who & loyal), len(who - loyal)
        c, d = len(loyal) - a, len(customers) - len(loyal) - b
        p_value = chi2_contingency([[a, b], [c, d]], correction=False).pvalue
        expected.append((touchpoint, a, a + b, a * d / (b * c), float(p_value)))
    assert difference(ours.loyalty(state).normal(), expected) is None


def test_referral_forest(state: State, files: Files, interactions: pd.DataFrame) -> None:
    referrals = pd.read_parquet(files.referrals[0])
    parents = dict(zip(referrals["referred"], referrals["referrer"], strict=True))
    cents = (interactions["value"] * 100).round().groupby(interactions["customer_id"]).sum()
    depths: Counter[Any] = Counter()
    sizes: Counter[Any] = Counter()
    below: Counter[Any] = Counter()
    for customer, value in cents.items():
        depth, above = 0, customer
        while above in parents:
            depth, above = depth + 1, parents[above]
            below[above] += int(value)
        depths[depth] += 1
        sizes[above] += 1
    chains = Counter(size for size in sizes.values() if size > 1)
    best = sorted(below.items(), key=lambda row: (-row[1], str(row[0])))[:TOP]
    expected = [depths[depth] for depth in sorted(depths)], sorted(chains.items()), best
    assert difference(ours.referral_forest(state).normal(), expected) is None


def test_history(state: State, interactions: pd.DataFrame) -> None:
    expected = []
    for customer in state.looked_up:
        history = interactions[interactions["customer_id"] == int(customer)]
        seconds = history["at"].astype("datetime64[s]").astype("int64")
        expected.append((len(history), int(seconds.sum())))
    assert ours.history(state).normal() == expected


@pytest.mark.parametrize("load", [ours.load_csv, ours.load_parquet])
def test_loading(files: Files, interactions: pd.DataFrame, load: Any) -> None:
    answer = load(files)
    cents = (interactions["value"] * 100).round().sum()
    expected = len(interactions), interactions["customer_id"].nunique(), int(cents)
    assert answer.normal() == expected
    answer.forget()


def test_first_answer_is_that_of_the_loaded_graph(files: Files, state: State) -> None:
    answer = ours.first_answer(files)
    expected = ours.transitions(state).normal(), ours.whole_paths(state).normal()
    assert difference(answer.normal(), expected) is None
    answer.forget()


def test_opened_again_it_is_the_same_graph(state: State) -> None:
    graph = state.graph
    assert ours.open_stored(state).normal() == (graph.n_interactions, graph.n_customers)


@pytest.mark.parametrize("name", ANSWERS)
def test_there_is_a_whole_answer(state: State, name: str) -> None:
    assert ANSWERS[name](state).normal()


@pytest.mark.parametrize("name", [name for name in AGAIN if name.startswith("again_")])
def test_asked_again_nothing_is_counted_anew(state: State, name: str) -> None:
    cache, view = AGAIN[f"prepare_{name}"](state)
    before = cache.use
    assert AGAIN[name]((cache, view)).normal()
    assert cache.use.misses == before.misses
    assert cache.use.hits > before.hits


def test_all_columns_that_a_workload_must_read_have_a_size(state: State, files: Files) -> None:
    sizes = {**ours.column_bytes(state), **bytes_of_files(files)}
    named = {name for workload in WORKLOADS.values() for name in workload.reads}
    assert named <= set(sizes)
    assert all(sizes[name] > 0 for name in named)
