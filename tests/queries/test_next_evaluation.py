"""Held-out evaluation: against the naive twin and other tools, and what it says of chance."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest

import journeygraph
from journeygraph.errors import JourneyGraphError
from journeygraph.graph import JourneyGraph
from journeygraph.graph_build import graph_from_rows
from queries.clustered import clustered_mean, clustered_share
from queries.intervals import wilson
from queries.next_evaluation import NextEvaluation, NextEvaluationAnswer, next_evaluation
from queries.next_predictions import Predictor
from tests.naive.next_best import Asked, losses, occasions
from tests.queries.test_next_best import campaign
from tests.statistics.sequences import view_and_units
from tests.strategies import DAY_US


def walk(chances: dict[str, str], n_customers: int, seed: int, memory: int) -> JourneyGraph:
    """Customers who walk for eight days, each next item drawn by the last `memory` ones."""
    pick = Random(seed)
    rows = []
    for customer in range(n_customers):
        path = ["a"] * memory
        start = pick.randint(0, 300)
        for day in range(8):
            path.append(pick.choice(chances["".join(path[-memory:])]))
            rows.append((f"c{customer}", (start + day) * DAY_US, path[-1]))
    return graph_from_rows(rows)


def scores(answer: NextEvaluationAnswer) -> dict[str, Any]:
    return {str(node.predictor): node for node in answer.nodes}


def test_it_is_that_of_the_naive_twin() -> None:
    compared = 0
    for seed in range(25):
        world, options = campaign(seed)
        journeys, units = view_and_units((world, options))
        until_us = (options["where"] or {}).get("until", journeys.graph.as_of_us + 1)
        asked = Asked(
            world=world, outcome=None, contacts=None, within=DAY_US, horizon=DAY_US,
            inactivity=DAY_US, objective="outcome",
            known_until=min(until_us - 1, journeys.graph.as_of_us),
        )  # fmt: skip
        found = occasions(units, asked)
        answer = next_evaluation(NextEvaluation(within="1d", length=2, at_least=2), journeys)
        assert answer.split_at_us == sorted(one.at for one in found)[int(0.7 * len(found))]
        expected = losses(found, journeys.items, answer.split_at_us, DAY_US, 2, 2)
        assert answer.tested == len(expected.get("model", [])) or not answer.nodes
        assert answer.taught + answer.tested + answer.left_out == len(found)
        for node in answer.nodes:
            mine = expected[node.predictor.value]
            assert node.log_loss == pytest.approx(np.mean(mine))
            compared += 1
            if node.predictor is not Predictor.MODEL:
                excess = np.mean(mine) - np.mean(expected["model"])
                assert node.excess_loss == pytest.approx(excess)
    assert compared > 40


def test_a_model_that_remembers_beats_a_chain_where_memory_matters() -> None:
    two = {"aa": "abbb", "ab": "aaab", "ba": "aaab", "bb": "abbb"}
    answer = next_evaluation(NextEvaluation(within="2d"), walk(two, 400, 1, 2).journeys())
    assert answer.beats_baselines
    assert answer.verdict == "The model does better than every baseline, beyond chance."
    assert all(node.excess_loss_low and node.excess_loss_low > 0 for node in answer.nodes[1:])


def test_a_model_that_is_no_better_says_so() -> None:
    one = {"a": "aaab", "b": "abbb"}
    answer = next_evaluation(NextEvaluation(within="2d"), walk(one, 300, 2, 1).journeys())
    assert answer.beats_baselines is False
    assert "does not do better than first order chain" in answer.verdict
    assert scores(answer)["most_popular"].is_beaten


def test_probabilities_that_are_right_are_found_reliable() -> None:
    one = {"a": "aaab", "b": "abbb"}
    answer = next_evaluation(NextEvaluation(within="2d"), walk(one, 400, 3, 1).journeys())
    model = answer.nodes[0]
    assert model.calibration_error is not None
    assert model.calibration_error < 0.05
    for part in model.reliability:
        assert part.from_probability <= part.mean_probability <= part.until_probability
    assert sum(part.observed.of for part in model.reliability) == answer.tested
    hits = [rate.rate.successes for rate in model.hit_rates]
    assert hits == sorted(hits)
    assert sum(part.observed.successes for part in model.reliability) == hits[0]


def test_what_is_learnt_is_known_before_what_is_tested() -> None:
    """Whatever comes after the cut, the same is learnt: the most popular is told alike."""
    rows = [("a", day * DAY_US, "home" if day % 2 else "cart") for day in range(20)]
    later = [[("b", day * DAY_US, name) for day in range(21, 40)] for name in ("home", "cart")]
    answers = [
        next_evaluation(
            NextEvaluation(within="1d", split_at="1970-01-21", at_least=1),
            graph_from_rows(rows + more).journeys(),
        )
        for more in later
    ]
    popular = [scores(answer)["most_popular"].reliability[0] for answer in answers]
    assert popular[0].mean_probability == popular[1].mean_probability
    assert answers[0].taught == answers[1].taught == 19  # day 19 waits for day 20


@pytest.mark.parametrize(
    "options",
    [
        {"split_at": "soon"}, {"within": "1"}, {"length": 0}, {"at_least": 0}, {"hits_at": [0]},
        {"hits_at": [1, 1]}, {"hits_at": [101]},
    ],
)  # fmt: skip
def test_bad_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(JourneyGraphError) as caught:
        next_evaluation(NextEvaluation(**options), graph_from_rows([("a", 0, "home")]).journeys())
    assert caught.value.code in {"INVALID_OPTION", "INVALID_DURATION"}


@pytest.mark.parametrize("rows", [[], [("a", 0, "home")]])
def test_nothing_can_be_tested(rows: list[Any]) -> None:
    answer = next_evaluation(NextEvaluation(), graph_from_rows(rows).journeys())
    assert (answer.nodes, answer.beats_baselines) == ((), None)
    assert answer.verdict.startswith("Nothing can be tested")


def test_a_population_that_looks_ahead_is_warned_of() -> None:
    graph = graph_from_rows([("a", 0, "home"), ("a", DAY_US, "purchase")])
    view = graph.journeys(where={"customers": {"hasOutcome": True}})
    [warning] = next_evaluation(NextEvaluation(), view).warnings
    assert warning.startswith("hasOutcome")


def test_intervals_of_means_are_those_of_statsmodels() -> None:
    """Ordinary least squares on a constant, errors clustered by unit, Student's t."""
    import statsmodels.api as sm

    pick = np.random.default_rng(0)
    units = np.sort(pick.integers(0, 12, 90))
    values = pick.normal(size=90) + units
    fitted = sm.OLS(values, np.ones(90)).fit(
        cov_type="cluster", cov_kwds={"groups": units}, use_t=True
    )
    low, high = fitted.conf_int(0.1)[0]
    found = clustered_mean(values, units, 0.9)
    assert found == pytest.approx((values.mean(), low, high))


def test_intervals_of_shares_know_who_stands_there_often() -> None:
    hits = np.array([True, False] * 50)
    alone = clustered_share(hits, np.arange(100), 0.95)
    plain = wilson(50, 100, 0.95)
    assert (alone.value, alone.of) == (plain.value, plain.of)
    assert alone.low == pytest.approx(plain.low, abs=0.001)
    of_ten = clustered_share(np.sort(hits), np.arange(100) // 10, 0.95)
    ten = wilson(5, 10, 0.95)  # each of ten says ten times the same: worth ten, less one degree
    assert ten.low is not None
    assert of_ten.low is not None
    assert ten.low - 0.015 < of_ten.low < ten.low
    never = clustered_share(np.zeros(100, np.bool_), np.arange(100) // 10, 0.95)
    assert (never.low, never.high) == pytest.approx((0.0, wilson(0, 10, 0.95).high))


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("name", "within", "beats"),
    [("simple_onlineshop", "1d", False), ("sepsis", "30d", True)],
)
def test_real_logs(name: str, within: str, beats: bool) -> None:
    """A first-order chain counted by pandas has the log loss that is told; memory helps or not."""
    table = pd.read_parquet(Path(os.environ["JOURNEYGRAPH_DATA"]) / f"{name}.parquet")
    frame = table[["customer_id", "timestamp", "touchpoint", "event_index"]].rename(
        columns={"customer_id": "customer", "timestamp": "at", "event_index": "sequence"}
    )
    journeys = journeygraph.from_pandas(frame).journeys()
    answer = next_evaluation(NextEvaluation(within=within), journeys)
    assert answer.beats_baselines is beats
    chain = scores(answer)["first_order_chain"]
    assert chain.log_loss == pytest.approx(_chain_loss(frame, within, answer), abs=1e-9)


def _chain_loss(frame: pd.DataFrame, within: str, answer: NextEvaluationAnswer) -> float:
    frame = frame.sort_values(["customer", "at", "sequence"], kind="stable")
    frame["at"] = pd.to_datetime(frame["at"], utc=True).dt.floor("us")
    of = frame.groupby("customer", sort=False)
    soon = of["at"].shift(-1) - frame["at"] <= pd.Timedelta(within.replace("d", "D"))
    came = of["touchpoint"].shift(-1).where(soon, "nothing")
    assert answer.split_at_us is not None
    split = pd.Timestamp(answer.split_at_us, unit="us", tz="UTC")
    ends = frame["at"] + pd.Timedelta(within.replace("d", "D"))
    taught, tested = ends < split, (frame["at"] >= split) & (ends <= frame["at"].max())
    names = [*frame["touchpoint"].unique(), "nothing"]
    popular = came[taught].value_counts().reindex(names, fill_value=0) + 1 / len(names)
    popular /= popular.sum()
    counts = pd.crosstab(frame["touchpoint"][taught], came[taught])
    counts = counts.reindex(columns=names, fill_value=0)
    said = (counts + popular).div(counts.sum(axis=1) + 1, axis=0)
    pairs = zip(frame["touchpoint"][tested], came[tested], strict=True)
    return -float(np.mean([np.log(said.loc[last, after]) for last, after in pairs]))
