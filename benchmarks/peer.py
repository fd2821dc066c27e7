"""The engine as one more peer of another bench, whose modules are read here as its interface.

That bench calls `load(data_dir, size)` and `w1(state)` … `w11(state)`, and compares what they
give (or what the callable that they give gives; only the call itself is timed):

==== ==========================================================================================
w1   transitions: [(source, target, count, mean seconds)] by codes
w2   whole paths: (distinct, 100 of [(count, codes)])
w3   n-grams: {n: 100 of [(count, codes)]}, n from 2 to 5
w4   ordered funnel of four steps in 7 days: (step reached by customer, customers by step)
w5   patterns with gaps of 5 % of the customers, of up to five: {codes: customers}
w6   Markov removal and Shapley: {"markov": [by channel], "shapley": [by channel]}
w7   loyalty: [(code, loyal that met it, other loyal, others that met it, rest, odds ratio, p, -1)]
w8   referral forest: (depth, size below a root, 100 of [(customer, downstream value)])
w9   histories: [(interactions, sum of times in seconds)]
w10  from CSV: (w1, w2)
w11  one per cent appended to what `prep_w11` copied, and refreshed: (w1, w2)
==== ==========================================================================================

Customers are in ascending order of their ids there.

Put this repository on PYTHONPATH and name the peer `benchmarks.peer`.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet

from benchmarks.answers import State as OurState
from benchmarks.make_journeys import CHANNELS
from benchmarks.peers import journeygraph as ours
from benchmarks.workloads import STEPS, TOP
from journeygraph.graph import JourneyGraph
from journeygraph.graph_store import open_graph
from journeygraph.loading.load import load as load_files
from journeygraph.loading.options import LoadOptions
from journeygraph.statistics.funnel import Steps, units_that_reach
from journeygraph.statistics.referrals import ReferralForest
from queries.rankings import ranked

__all__ = [
    "load", "prep_w11", "w1", "w2", "w3", "w4", "w5", "w6", "w7", "w8", "w9", "w10", "w11",
]  # fmt: skip

Result = Callable[[], Any]

_LEFT_OUT = {"stage": "", "emotion": ""}
_STEP_LEVELS = range(1, len(STEPS) + 1)
_N_LOOK_UPS = 1_000


@dataclass(frozen=True)
class State:
    """An open graph; `ascending` are its customers in the order of their ids as numbers."""

    as_ours: OurState
    ids: npt.NDArray[np.int64]
    ascending: npt.NDArray[np.int64]
    appending: list[ours.Appending] = field(default_factory=list)

    @property
    def graph(self) -> JourneyGraph:
        """The open graph."""
        return self.as_ours.graph


def _store() -> Path:
    store = Path(tempfile.mkdtemp(prefix="journeygraph-"))
    atexit.register(shutil.rmtree, store, ignore_errors=True)
    return store


def _paths(data_dir: str, name: str) -> list[str]:
    whole = Path(data_dir) / f"{name}.parquet"
    return [str(whole)] if whole.exists() else _parts(whole.with_suffix(""))


def _parts(folder: Path) -> list[str]:
    return [str(part) for part in sorted(folder.glob("*.parquet"))]


def load(data_dir: str, size: str) -> State:
    """Load interactions, customers, and the referrals that stand in the customers' table."""
    store = _store()
    load_files(
        store, _paths(data_dir, f"inter_{size}"), LoadOptions(mapping=_LEFT_OUT, properties="none")
    )
    people = _paths(data_dir, f"cust_{size}")
    load_files(store, people, LoadOptions(table="customers"))
    referrals = store / "referrals.parquet"
    columns = pa.parquet.read_table(people, columns=["referrer", "customer_id"]).drop_null()
    pa.parquet.write_table(columns, referrals)
    load_files(store, [referrals], LoadOptions(table="referrals"))
    graph = open_graph(store)
    ids = np.array(graph.customer_id(np.arange(graph.n_customers)), np.int64)
    ascending = np.argsort(ids)
    looked_up = np.random.default_rng(5).choice(ids[ascending], _N_LOOK_UPS)
    names = [str(customer) for customer in looked_up]
    delta = Path(data_dir) / f"delta_{size}.parquet"
    return State(OurState(graph, store, names, delta), ids, ascending)


def _code(name: str) -> int:
    return int(name.removeprefix("tp_"))


def _codes(names: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(_code(name) for name in names)


def _transitions(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted((_code(one), _code(other), *rest) for one, other, *rest in rows)


def _paths_by_code(found: tuple[int, list[Any]]) -> tuple[int, list[tuple[int, tuple[int, ...]]]]:
    distinct, best = found
    return distinct, [(count, _codes(path)) for count, path in best]


def w1(state: State) -> Result:
    answer = ours.transitions(state.as_ours)
    return lambda: _transitions(answer.normal())


def w2(state: State) -> Result:
    answer = ours.whole_paths(state.as_ours)
    return lambda: _paths_by_code(answer.normal())


def w3(state: State) -> Result:
    answer = ours.ngrams(state.as_ours)
    return lambda: {
        length: [(count, _codes(names)) for count, names in rows]
        for length, rows in answer.normal().items()
    }


def w4(state: State) -> Result:
    """Customers by step, with open ones and times; who they are is asked for afterwards."""
    answer = ours.funnel(state.as_ours)

    def result() -> tuple[npt.NDArray[np.int8], list[int]]:
        reached = [state.graph.n_customers, *answer.normal(), 0]
        by_step = [one - other for one, other in zip(reached[:-1], reached[1:], strict=True)]
        return _levels(state), by_step

    return result


def _levels(state: State) -> npt.NDArray[np.int8]:
    journeys = state.graph.journeys()
    codes = tuple(journeys.item_codes_of("steps", [name]) for name in STEPS)
    steps = Steps(codes=codes, window_us=ours.WINDOW_US, strict=False)
    levels = np.zeros(state.graph.n_customers, np.int8)
    for level in _STEP_LEVELS:
        units = units_that_reach(journeys, steps, level)
        levels[journeys.unit_customers[units]] = level
    return levels[state.ascending]


def w5(state: State) -> Result:
    answer = ours.patterns(state.as_ours)
    return lambda: {_codes(names): customers for customers, names in answer.normal()}


def w6(state: State) -> Result:
    answer = ours.attribution(state.as_ours)

    def result() -> dict[str, list[float]]:
        by_channel = [dict(part) for part in answer.normal()]
        markov, shapley = ([part.get(name, 0.0) for name in CHANNELS] for part in by_channel)
        return {"markov": markov, "shapley": shapley}

    return result


def w7(state: State) -> Result:
    """What is given beside the touchpoints, who is loyal at all, is counted afterwards."""
    answer = ours.loyalty(state.as_ours)

    def result() -> list[tuple[Any, ...]]:
        is_loyal = state.graph.attributes["loyal"].to_numpy() == "true"
        n_loyal, n_others = int(is_loyal.sum()), int((~is_loyal).sum())
        return [
            (_code(name), loyal, n_loyal - loyal, met - loyal, n_others - met + loyal, odds, p, -1)
            for name, loyal, met, odds, p in answer.normal()
        ]

    return result


def w8(state: State) -> tuple[Any, Any, list[tuple[int, float]]]:
    graph = state.graph
    forest = ReferralForest.of(graph)
    sizes = np.where(forest.parents < 0, forest.downstream, 0)
    values = forest.downstream_values_minor
    best = ranked(graph, np.flatnonzero(forest.brought), values, 0, TOP)
    return (
        forest.depths[state.ascending],
        sizes[state.ascending],
        [(int(name), int(values[index]) / 100) for index, name in best],
    )


def w9(state: State) -> Result:
    return ours.history(state.as_ours).normal


def w10(paths: Mapping[str, str]) -> Result:
    one, other = ours.answers_of_csv(_store(), Path(paths["csv"]))
    return lambda: (_transitions(one.normal()), _paths_by_code(other.normal()))


def prep_w11(state: State) -> None:
    """A copy of the store to append to; the one before goes."""
    for appending in state.appending:
        shutil.rmtree(appending.store)
    state.appending[:] = [ours.prepare_append(state.as_ours)]


def w11(state: State) -> Result:
    answer = ours.append(state.appending[0])

    def result() -> tuple[Any, Any]:
        one, other = answer.normal()
        return _transitions(one), _paths_by_code(other)

    return result
