"""Ourselves: a stored, validated graph, and the statistics behind the questions.

Every round makes its view anew, and a forest is grown anew, so nothing that an earlier round
found out is used: statistics are remembered only where a `StatisticsCache` made the view, which is
done in `append` (what an older version is refreshed from). The whole answers, with shares,
intervals and all, the like of which peers do not offer, are those of `benchmarks.answers`.
"""

from __future__ import annotations

import math
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import journeygraph
from benchmarks.answers import AGAIN, ANSWERS, CACHE_BYTES, State
from benchmarks.files import Files
from benchmarks.normal import Answer, contingency, customers_to_look_up, top
from benchmarks.workloads import (
    LENGTHS,
    LONGEST_PATTERN,
    OUTCOME,
    SMALLEST_SUPPORT,
    STEPS,
    TOP,
    WINDOW_DAYS,
)
from journeygraph.graph import MISSING
from journeygraph.graph_store import open_graph
from journeygraph.journeys import Journeys
from journeygraph.kernels.loyalty import LOYAL, NOT_LOYAL
from journeygraph.loading.load import load as load_files
from journeygraph.loading.options import LoadOptions
from journeygraph.statistics.absorbing import removals
from journeygraph.statistics.attribution import MOVES
from journeygraph.statistics.base import total
from journeygraph.statistics.counted_sequences import paths_of
from journeygraph.statistics.funnel import FUNNEL, Steps
from journeygraph.statistics.loyalty import judge_units, loyalty_exposures
from journeygraph.statistics.ngrams import count_occurrences
from journeygraph.statistics.path_survey import moves_and_sets
from journeygraph.statistics.paths_to_outcomes import PathRule, PathScope
from journeygraph.statistics.patterns import PatternRule, mine_patterns
from journeygraph.statistics.referrals import ReferralForest
from journeygraph.statistics.remembering import StatisticsCache
from journeygraph.statistics.sequences import SequenceCounts, SequenceRuns, ranked
from journeygraph.statistics.transitions import (
    TRANSITION_SUMS,
    count_pairs,
    sum_transitions,
)
from queries.loyalty import Loyalty, compile_loyalty
from queries.rankings import ranked as ranked_customers

PACKAGE = "customer-journeygraph"

_ASKED_FOR = LoadOptions(mapping={"stage": "", "emotion": ""}, properties="none")
_FOR_PATHS = LoadOptions(
    mapping={"stage": "", "emotion": "", "channel": "", "value": ""}, properties="none"
)
WINDOW_US = WINDOW_DAYS * 86_400 * 1_000_000


def load(files: Files) -> State:
    store = _store(files)
    load_files(store, files.interactions, _ASKED_FOR)
    load_files(store, files.customers, LoadOptions(table="customers"))
    load_files(store, files.referrals, LoadOptions(table="referrals"))
    graph = open_graph(store)
    everybody = graph.customer_id(np.arange(graph.n_customers))
    looked_up = customers_to_look_up([int(name) for name in everybody])
    return State(graph, store, [str(name) for name in looked_up], files.delta)


def column_bytes(state: State) -> dict[str, int]:
    """How large what is open is, by what `Workload.reads` names."""
    graph = state.graph
    return {
        "starts": graph.customer_starts.nbytes,
        "touchpoint": graph.touchpoint_codes.nbytes,
        "channel": graph.channel_codes.nbytes,
        "stage": graph.stage_codes.nbytes,
        "at": graph.at_us.nbytes,
        "value": graph.value_minor.nbytes,
        "referrals": graph.referrals.referrers.nbytes + graph.referrals.referred.nbytes,
    }


def leave(state: State) -> None:
    shutil.rmtree(state.store)


def _store(files: Files) -> Path:
    return Path(tempfile.mkdtemp(prefix="store-", dir=files.folder))


def transitions(state: State) -> Answer:
    return transitions_of(state.graph.journeys())


def transitions_of(journeys: Journeys) -> Answer:
    found = sum_transitions(journeys)
    return _named_transitions(journeys, found.sources, found.targets, found.counts, found.mean_us)


def _remembered_transitions(journeys: Journeys) -> Answer:
    """The same of a view that remembers: the merged table, brought up to date after a load."""
    found = TRANSITION_SUMS.finish(total(TRANSITION_SUMS, journeys))
    return _named_transitions(journeys, *(column.to_numpy() for column in found.columns))


def _named_transitions(journeys: Journeys, *columns: Any) -> Answer:
    sources, targets, counts, mean_us = columns
    seconds = mean_us / 1e6

    def normal() -> Any:
        names = [[journeys.items[code] for code in codes] for codes in (sources, targets)]
        return sorted(zip(*names, counts.tolist(), seconds.tolist(), strict=True))

    return Answer(normal)


def transition_counts(state: State) -> Answer:
    journeys = state.graph.journeys()
    sources, targets, counts = count_pairs(journeys)

    def normal() -> Any:
        names = [[journeys.items[code] for code in codes] for codes in (sources, targets)]
        return sorted(zip(*names, counts.tolist(), strict=True))

    return Answer(normal)


def whole_paths(state: State) -> Answer:
    return whole_paths_of(state.graph.journeys())


def whole_paths_of(journeys: Journeys) -> Answer:
    found = paths_of(journeys)
    assert isinstance(found, SequenceCounts)
    best = ranked(found, journeys.items, 0, min(TOP, len(found)))
    lists = _names(journeys, found, best)
    return Answer(lambda: (len(found), top(zip(found.units[best].tolist(), lists, strict=True))))


def _names(journeys: Journeys, counts: SequenceRuns, numbers: Any) -> list[tuple[str, ...]]:
    return [
        tuple(journeys.items[code] for code in codes) for codes in counts.lists(numbers).tuples()
    ]


def ngrams(state: State) -> Answer:
    journeys = state.graph.journeys()
    counted = count_occurrences(journeys, LENGTHS)
    best = {length: _most_frequent(journeys, found) for length, found in counted.items()}
    return Answer(lambda: {length: top(rows) for length, rows in best.items()})


def _most_frequent(journeys: Journeys, found: SequenceRuns) -> list[tuple[int, tuple[str, ...]]]:
    """By occurrences, as peers count; the questions rank by customers."""
    least = np.sort(found.counts)[-TOP] if len(found) > TOP else 1
    best = np.flatnonzero(found.counts >= least)
    return list(zip(found.counts[best].tolist(), _names(journeys, found, best), strict=True))


def funnel(state: State) -> Answer:
    return _funnel(state, WINDOW_US)


def funnel_without_window(state: State) -> Answer:
    return _funnel(state, None)


def _funnel(state: State, window_us: int | None) -> Answer:
    journeys = state.graph.journeys()
    codes = tuple(journeys.item_codes_of("steps", [name]) for name in STEPS)
    steps = Steps(codes=codes, window_us=window_us, strict=False)
    reached = FUNNEL.finish(total(FUNNEL, journeys, steps=steps), len(steps))["units"]
    return Answer(reached.to_pylist)


def patterns(state: State) -> Answer:
    journeys = state.graph.journeys()
    least = math.ceil(SMALLEST_SUPPORT * journeys.n_units)
    found = mine_patterns(journeys, PatternRule(least=least, max_length=LONGEST_PATTERN))

    def normal() -> Any:
        names = _names(journeys, found, slice(None))
        return sorted(zip(found.units.tolist(), names, strict=True))

    return Answer(normal)


_PATHS_OF_PEERS = PathRule(scope=PathScope.FIRST_OUTCOME, with_outcome_item=True, open_as_null=True)
"""Up to and with the first outcome; whoever is still open counts as lost, as with peers."""


def _view_to_outcomes(state: State) -> Journeys:
    return state.graph.journeys(by="channel", outcome={"touchpoints": [OUTCOME]})


def _credited(journeys: Journeys, numbers: Any) -> list[tuple[str, float]]:
    named = zip(journeys.items, numbers.tolist(), strict=True)
    return sorted((name, number) for name, number in named if number)


def attribution(state: State) -> Answer:
    journeys = _view_to_outcomes(state)
    moves, sets = moves_and_sets(journeys, _PATHS_OF_PEERS)
    effects = _credited(journeys, removals(moves, journeys.n_items, 1).effects)
    met = sets["items"].to_numpy()[:, None] >> np.arange(journeys.n_items) & 1
    credited = (sets["outcomes"].to_numpy() / met.sum(axis=1)) @ met
    shapley = _credited(journeys, credited)
    return Answer(lambda: (effects, shapley))


def removal_effects(state: State) -> Answer:
    journeys = _view_to_outcomes(state)
    moves = total(MOVES, journeys, rule=_PATHS_OF_PEERS)
    effects = _credited(journeys, removals(moves, journeys.n_items, 1).effects)
    return Answer(lambda: effects)


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
    depths = forest.generations
    sizes, chains = np.unique(forest.downstream[forest.chains] + 1, return_counts=True)
    values = forest.downstream_values_minor
    page = ranked_customers(graph, forest.advocates, values, 0, TOP)
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
    return transitions_of(graph.journeys()), whole_paths_of(graph.journeys())


def open_stored(state: State) -> Answer:
    graph = journeygraph.open(state.store)
    return Answer(lambda: (graph.n_interactions, graph.n_customers))


@dataclass(frozen=True)
class Appending:
    """A store of its own, a view of it, and where what was counted of it is remembered."""

    store: Path
    delta: Path
    older: Journeys
    remembered: StatisticsCache


def prepare_append(state: State) -> Appending:
    """What an analyst has on the screen when more arrives."""
    store = Path(tempfile.mkdtemp(prefix="store-", dir=state.store.parent))
    shutil.copytree(state.store, store, dirs_exist_ok=True)
    remembered = StatisticsCache(CACHE_BYTES)
    view = remembered.journeys(open_graph(store))
    _remembered_transitions(view)
    whole_paths_of(view)
    return Appending(store, state.delta, view, remembered)


def append(appending: Appending) -> Answer:
    """A durable load, the new version's graph, and what was counted brought up to date."""
    begin = time.perf_counter()
    load_files(appending.store, [appending.delta], _ASKED_FOR)
    loaded = time.perf_counter()
    graph = open_graph(appending.store)
    opened = time.perf_counter()
    view = appending.remembered.journeys(graph)
    one, other = _remembered_transitions(view), whole_paths_of(view)
    parts = {
        "load": loaded - begin,
        "graph": opened - loaded,
        "statistics": time.perf_counter() - opened,
    }
    return Answer(
        lambda: (one.normal(), other.normal()), lambda: shutil.rmtree(appending.store), parts
    )


MORE = {**ANSWERS, **AGAIN}
