"""Ourselves: a stored, validated graph, and the statistics behind the questions.

Every round makes its view anew, and a forest is grown anew, so nothing that an earlier round
found out is used. The whole answers, with shares, intervals and all, are `answer_…`: peers do
not offer the like.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import journeygraph
from benchmarks.files import Files
from benchmarks.make_journeys import TOUCHPOINTS
from benchmarks.normal import Answer, contingency, customers_to_look_up, top
from benchmarks.workloads import LENGTHS, STEPS, TOP, WINDOW_DAYS
from journeygraph.graph import MISSING, JourneyGraph
from journeygraph.graph_store import open_graph
from journeygraph.journeys import Journeys
from journeygraph.kernels.loyalty import LOYAL, NOT_LOYAL
from journeygraph.loading.load import load as load_files
from journeygraph.loading.options import LoadOptions
from journeygraph.statistics.base import total
from journeygraph.statistics.funnel import FUNNEL, Steps
from journeygraph.statistics.loyalty import judge_units, loyalty_exposures
from journeygraph.statistics.ngrams import count_ngrams
from journeygraph.statistics.paths import count_paths
from journeygraph.statistics.referrals import ReferralForest
from journeygraph.statistics.sequences import SequenceCounts, ranked
from journeygraph.statistics.transitions import TRANSITION_TIMES, count_transitions
from queries.common_paths import CommonPaths, PathForm, common_paths
from queries.customer import customer
from queries.funnel import Funnel
from queries.funnel import funnel as ask_funnel
from queries.loyalty import Loyalty, compile_loyalty
from queries.loyalty_touchpoints import LoyaltyTouchpoints, loyalty_touchpoints
from queries.rankings import ranked as ranked_customers
from queries.referrals import Referrals
from queries.referrals import referrals as ask_referrals
from queries.transitions import Transitions
from queries.transitions import transitions as ask_transitions

PACKAGE = "customer-journeygraph"

_ASKED_FOR = LoadOptions(mapping={"stage": "", "emotion": ""}, properties="none")
_FOR_PATHS = LoadOptions(
    mapping={"stage": "", "emotion": "", "channel": "", "value": ""}, properties="none"
)
WINDOW_US = WINDOW_DAYS * 86_400 * 1_000_000


@dataclass(frozen=True)
class State:
    """An open graph, the store that it is of, and whom to look up."""

    graph: JourneyGraph
    store: Path
    looked_up: list[str]


def load(files: Files) -> State:
    store = _store(files)
    load_files(store, files.interactions, _ASKED_FOR)
    load_files(store, files.customers, LoadOptions(table="customers"))
    load_files(store, files.referrals, LoadOptions(table="referrals"))
    graph = open_graph(store)
    everybody = graph.customer_id(np.arange(graph.n_customers))
    looked_up = customers_to_look_up([int(name) for name in everybody])
    return State(graph, store, [str(name) for name in looked_up])


def leave(state: State) -> None:
    shutil.rmtree(state.store)


def _store(files: Files) -> Path:
    return Path(tempfile.mkdtemp(prefix="store-", dir=files.folder))


def transitions(state: State) -> Answer:
    return _transitions(state.graph)


def _transitions(graph: JourneyGraph) -> Answer:
    """As the question does it: find the pairs, then measure their times."""
    journeys = graph.journeys()
    found = count_transitions(journeys)
    pairs = found.lists().items.reshape(-1, 2).astype(np.int64)
    times = total(TRANSITION_TIMES, journeys, edges=pairs)
    edges = times["edge"].to_numpy()
    seconds = np.bincount(edges, times["elapsed_seconds"].to_numpy(), len(pairs))
    further_us = np.bincount(edges, times["further_us"].to_numpy(), len(pairs))
    means = (seconds + further_us / 1e6) / found.counts

    def normal() -> Any:
        names = _names(journeys, found, slice(None))
        rows = zip(names, found.counts.tolist(), means.tolist(), strict=True)
        return sorted((*pair, count, mean) for pair, count, mean in rows)

    return Answer(normal)


def transition_counts(state: State) -> Answer:
    journeys = state.graph.journeys()
    found = count_transitions(journeys)
    return Answer(
        lambda: sorted(
            (*names, count)
            for names, count in zip(
                _names(journeys, found, slice(None)), found.counts.tolist(), strict=True
            )
        )
    )


def whole_paths(state: State) -> Answer:
    return _whole_paths(state.graph)


def _whole_paths(graph: JourneyGraph) -> Answer:
    journeys = graph.journeys()
    found = count_paths(journeys)
    best = ranked(found, journeys.items, 0, min(TOP, len(found)))
    lists = _names(journeys, found, best)
    return Answer(lambda: (len(found), top(zip(found.units[best].tolist(), lists, strict=True))))


def _names(journeys: Journeys, counts: SequenceCounts, numbers: Any) -> list[tuple[str, ...]]:
    return [
        tuple(journeys.items[code] for code in codes) for codes in counts.lists(numbers).tuples()
    ]


def ngrams(state: State) -> Answer:
    journeys = state.graph.journeys()
    best = {length: _most_frequent(journeys, length) for length in LENGTHS}
    return Answer(lambda: {length: top(rows) for length, rows in best.items()})


def _most_frequent(journeys: Journeys, length: int) -> list[tuple[int, tuple[str, ...]]]:
    """By occurrences, as peers count; the questions rank by customers."""
    found = count_ngrams(journeys, length)
    least = -np.partition(-found.counts, TOP - 1)[TOP - 1] if len(found) > TOP else 1
    best = np.flatnonzero(found.counts >= least)
    return list(zip(found.counts[best].tolist(), _names(journeys, found, best), strict=True))


def funnel(state: State) -> Answer:
    return _funnel(state, WINDOW_US)


def funnel_without_window(state: State) -> Answer:
    return _funnel(state, None)


def _funnel(state: State, window_us: int | None) -> Answer:
    journeys = state.graph.journeys()
    codes = tuple((journeys.item_code("steps", name),) for name in STEPS)
    steps = Steps(codes=codes, window_us=window_us, strict=False)
    reached = FUNNEL.finish(total(FUNNEL, journeys, steps=steps), len(steps))["units"]
    return Answer(reached.to_pylist)


def loyalty(state: State) -> Answer:
    journeys = state.graph.journeys()
    judged = judge_units(journeys, compile_loyalty(Loyalty(column="loyal"), None, journeys))
    states = judged.count_states()
    met = total(loyalty_exposures, journeys, judged=judged)
    rows = contingency(
        journeys.items,
        met["exposed"].to_numpy(),
        met["exposed_loyal"].to_numpy(),
        states[LOYAL] + states[NOT_LOYAL],
        states[LOYAL],
    )
    return Answer(lambda: rows)


def referral_forest(state: State) -> Answer:
    graph = state.graph
    forest = ReferralForest.of(graph)
    depths = np.bincount(forest.depths)
    is_root = (forest.parents < 0) & (forest.brought > 0)
    sizes, chains = np.unique(forest.downstream[is_root] + 1, return_counts=True)
    values = forest.downstream_values_minor
    page = ranked_customers(graph, np.flatnonzero(forest.brought), values, 0, TOP)
    best = [(int(name), int(values[index])) for index, name in page]
    sized = list(zip(sizes.tolist(), chains.tolist(), strict=True))
    return Answer(lambda: (depths.tolist(), sized, best))


def history(state: State) -> Answer:
    """The columns of a customer's rows, as peers give them."""
    graph = state.graph
    columns = graph.at_us, graph.touchpoint_codes, graph.channel_codes, graph.value_minor
    found = []
    for name in state.looked_up:
        index = graph.customer_index(name)
        rows = slice(int(graph.customer_starts[index]), int(graph.customer_starts[index + 1]))
        found.append([column[rows] for column in columns])
    return Answer(lambda: [(len(rows[0]), int(rows[0].sum()) // 1_000_000) for rows in found])


def load_parquet(files: Files) -> Answer:
    return _loaded(files, files.interactions)


def load_csv(files: Files) -> Answer:
    return _loaded(files, [files.csv])


def _loaded(files: Files, paths: list[Path]) -> Answer:
    store = _store(files)
    load_files(store, paths, _ASKED_FOR)
    graph = open_graph(store)

    def normal() -> Any:
        values = graph.value_minor
        return graph.n_interactions, graph.n_customers, int(values[values != MISSING].sum())

    return Answer(normal, lambda: shutil.rmtree(store))


def first_answer(files: Files) -> Answer:
    store = _store(files)
    one, other = answers_of_csv(store, files.csv)
    return Answer(lambda: (one.normal(), other.normal()), lambda: shutil.rmtree(store))


def answers_of_csv(store: Path, csv: Path) -> tuple[Answer, Answer]:
    """Transitions and whole paths of a CSV file, of which only what they need is loaded."""
    load_files(store, [csv], _FOR_PATHS)
    graph = open_graph(store)
    return _transitions(graph), _whole_paths(graph)


def open_stored(state: State) -> Answer:
    graph = journeygraph.open(state.store)
    return Answer(lambda: (graph.n_interactions, graph.n_customers))


def _answer_of(ask: Callable[[Journeys], Any]) -> Callable[[State], Answer]:
    def answer(state: State) -> Answer:
        found = ask(state.graph.journeys())
        return Answer(lambda: found is not None)

    return answer


def answer_referrals(state: State) -> Answer:
    """Of a graph that is new, since a forest is kept as long as its graph."""
    graph = journeygraph.open(state.store)
    found = ask_referrals(Referrals(), graph.journeys())
    page = found.chains(first=TOP), found.advocates(first=TOP)
    return Answer(lambda: page is not None)


def answer_history(state: State) -> Answer:
    found = [customer(state.graph, name).interactions(first=1_000) for name in state.looked_up]
    return Answer(lambda: found is not None)


answer_transitions = _answer_of(lambda view: ask_transitions(Transitions(first=1_000), view))
answer_whole_paths = _answer_of(lambda view: common_paths(CommonPaths(first=TOP), view))
answer_ngrams = _answer_of(
    lambda view: [
        common_paths(CommonPaths(form=PathForm.NGRAM, length=length, first=TOP), view)
        for length in LENGTHS
    ]
)
answer_funnel = _answer_of(lambda view: ask_funnel(Funnel(steps=STEPS, window="7d"), view))
answer_loyalty = _answer_of(
    lambda view: loyalty_touchpoints(
        LoyaltyTouchpoints(loyalty=Loyalty(column="loyal"), first=len(TOUCHPOINTS)), view
    )
)
