"""Our side of the benchmark gives what DuckDB and plain pandas find in the same files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import duckdb
import pandas as pd
import pytest

from benchmarks.files import Files
from benchmarks.make_journeys import make_journeys
from benchmarks.normal import difference, top
from benchmarks.peers import journeygraph as ours
from benchmarks.workloads import LENGTHS, STEPS, TOP, WINDOW_DAYS

Paths = dict[Any, list[str]]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return make_journeys(tmp_path_factory.mktemp("data"), "small", 24_000)


@pytest.fixture(scope="module")
def state(files: Files) -> Iterator[ours.State]:
    loaded = ours.load(files)
    yield loaded
    ours.leave(loaded)


@pytest.fixture(scope="module")
def interactions(files: Files) -> pd.DataFrame:
    return pd.read_parquet(files.interactions[0]).sort_values(["customer_id", "at"])


@pytest.fixture(scope="module")
def paths(interactions: pd.DataFrame) -> Paths:
    return interactions.groupby("customer_id")["touchpoint"].agg(list).to_dict()


def test_transitions(state: ours.State, files: Files) -> None:
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


def test_whole_paths(state: ours.State, paths: Paths) -> None:
    counted = Counter(tuple(path) for path in paths.values())
    expected = len(counted), top((n, path) for path, n in counted.items())
    assert difference(ours.whole_paths(state).normal(), expected) is None


def test_ngrams(state: ours.State, paths: Paths) -> None:
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
def test_funnel(state: ours.State, interactions: pd.DataFrame, ask: Any, window: str) -> None:
    of_steps = interactions[interactions["touchpoint"].isin(STEPS)]
    reached = [
        steps_reached(history, pd.Timedelta(window))
        for _, history in of_steps.groupby("customer_id")
    ]
    expected = [sum(level >= step for level in reached) for step in range(1, len(STEPS) + 1)]
    assert ask(state).normal() == expected


def test_loyalty(state: ours.State, files: Files, paths: Paths) -> None:
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


def test_referral_forest(state: ours.State, files: Files, interactions: pd.DataFrame) -> None:
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


def test_history(state: ours.State, interactions: pd.DataFrame) -> None:
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


def test_first_answer_is_that_of_the_loaded_graph(files: Files, state: ours.State) -> None:
    answer = ours.first_answer(files)
    expected = ours.transitions(state).normal(), ours.whole_paths(state).normal()
    assert difference(answer.normal(), expected) is None
    answer.forget()


def test_opened_again_it_is_the_same_graph(state: ours.State) -> None:
    graph = state.graph
    assert ours.open_stored(state).normal() == (graph.n_interactions, graph.n_customers)


@pytest.mark.parametrize("name", [name for name in dir(ours) if name.startswith("answer_")])
def test_there_is_a_whole_answer(state: ours.State, name: str) -> None:
    assert getattr(ours, name)(state).normal()
