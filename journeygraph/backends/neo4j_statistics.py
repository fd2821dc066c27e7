"""What each statistic and each list of customers is in Cypher: files, parameters, and the table.

The server gives the rows that there are; rows that a statistic gives even where nothing was
counted are added here, and the types are those of the local table. So the tables of two engines
are equal, and so is whatever is made of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa

from journeygraph.errors import UnsupportedByEngineError
from journeygraph.kernels.funnel import NO_WINDOW
from journeygraph.kernels.loyalty import LOYAL
from journeygraph.statistics.exits import (
    COMPLETED_UNITS,
    EXITS,
    GONE_UNITS,
    OPEN_UNITS,
    UNITS_OPEN_AT,
    UNITS_THAT_EXIT,
    UNITS_THAT_VISIT,
)
from journeygraph.statistics.finders import EVERY_UNIT
from journeygraph.statistics.funnel import (
    FUNNEL,
    UNITS_STILL_OPEN,
    UNITS_THAT_DROP,
    UNITS_THAT_REACH,
    Measure,
    Steps,
)
from journeygraph.statistics.loyalty import (
    UNITS_JUDGED,
    UNITS_JUDGED_AND_EXPOSED,
    JudgedUnits,
    loyalty_exposures,
    loyalty_states,
)
from journeygraph.statistics.ngrams import NGRAMS
from journeygraph.statistics.occurrences import OCCURRENCES, UNITS_WITH, UNITS_WITHOUT
from journeygraph.statistics.paths import PATHS
from journeygraph.statistics.quantiles import bucket_edges
from journeygraph.statistics.sequences import Lists
from journeygraph.statistics.sizes import NAMES_SEEN, SIZES
from journeygraph.statistics.transitions import TRANSITION_SUMS, TRANSITION_TIMES, TRANSITIONS

if TYPE_CHECKING:
    from journeygraph.statistics.base import MergeableStatistic

__all__ = ["ANSWERED", "COLUMNS", "FOUND", "Answer", "View", "table_of"]

Options = Mapping[str, Any]
Rows = Sequence[tuple[int, ...]]

_LONGER_THAN_ANY = NO_WINDOW  # µs, in place of no limit: added to a time it stays within 64 bits

COLUMNS = ("outcomes", "values", "names", "initiators")
"""What may be read of an interaction beside its time and item."""

_OUTCOMES = frozenset({"outcomes"})
_JUDGING = frozenset({"outcomes", "values", "initiators"})


def _no_rows(_view: View, _options: Options) -> Rows:
    return ()


def _nothing(_view: View, _options: Options) -> dict[str, Any]:
    return {}


class View(Protocol):
    """What of a view the parameters depend on."""

    @property
    def as_of_us(self) -> int:
        """The end of the data."""
        ...

    @property
    def inactivity_us(self) -> int:
        """A unit seen less than this before the end is open."""
        ...

    @property
    def n_items(self) -> int:
        """How many items there are."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How the server answers.

    Attributes
    ----------
    files
        `files(options)`: what is put behind `journeys.cypher`.
    needs
        Which of `COLUMNS` are read.
    parameters
        `parameters(view, options)`: beside those of the view.
    always
        `always(view, options)`: rows that the table has even where nothing is counted.
    """

    files: Callable[[Options], tuple[str, ...]]
    needs: frozenset[str] = frozenset()
    parameters: Callable[[View, Options], dict[str, Any]] = _nothing
    always: Callable[[View, Options], Rows] = _no_rows


def _one(*files: str) -> Callable[[Options], tuple[str, ...]]:
    return lambda _options: files


def _times(_view: View, options: Options) -> dict[str, Any]:
    edges = np.asarray(options["edges"]).reshape(-1, 2).tolist()
    return {"edges": edges, "bucket_edges": bucket_edges().tolist()}


def _length(_view: View, options: Options) -> dict[str, Any]:
    return {"length": int(options["length"])}


def _lists(_view: View, options: Options) -> dict[str, Any]:
    lists: Lists = options["lists"]
    return {
        "lists": [list(codes) for codes in lists.tuples()],
        "length": options["length"],
        "bucket_edges": bucket_edges().tolist(),
    }


def _closing(view: View, options: Options) -> dict[str, Any]:
    """When a unit is open; by default as the view says."""
    given = options.get("inactivity_us")
    return {
        "as_of_us": view.as_of_us,
        "inactivity_us": view.inactivity_us if given is None else given,
    }


def _at_item(fate: str | None) -> Callable[[View, Options], dict[str, Any]]:
    return lambda view, options: {
        **_closing(view, options), "item": int(options["item"]), "fate": fate
    }  # fmt: skip


def _of_fate(fate: str) -> Callable[[View, Options], dict[str, Any]]:
    return lambda view, options: {**_closing(view, options), "fate": fate}


def _with(has_any: bool) -> Callable[[View, Options], dict[str, Any]]:
    return lambda view, options: {**_lists(view, options), "has_any": has_any}


def _walk_files(*behind: str) -> Callable[[Options], tuple[str, ...]]:
    def files(options: Options) -> tuple[str, ...]:
        steps: Steps = options["steps"]
        return ("walks_strict" if steps.strict else "walks_ordered", *behind)

    return files


def _steps(view: View, options: Options) -> dict[str, Any]:
    steps: Steps = options["steps"]
    return {
        "steps": [list(codes) for codes in steps.codes],
        "step_items": sorted({code for codes in steps.codes for code in codes}),
        "n_steps": len(steps),
        "has_window": steps.window_us is not None,
        "window_us": _LONGER_THAN_ANY if steps.window_us is None else steps.window_us,
        "as_of_us": view.as_of_us,
        "inactivity_us": view.inactivity_us,
        "bucket_edges": bucket_edges().tolist(),
    }


def _at_step(fate: str) -> Callable[[View, Options], dict[str, Any]]:
    return lambda view, options: {
        **_steps(view, options), "step": int(options["step"]), "fate": fate
    }  # fmt: skip


def _every_step(_view: View, options: Options) -> Rows:
    return [
        (step, measure, 0, 0)
        for measure in (Measure.UNITS, Measure.OPEN)
        for step in range(1 + measure, len(options["steps"]) + 1)
    ]


def _judged(view: View, options: Options) -> dict[str, Any]:
    judged: JudgedUnits = options["judged"]
    rule = judged.rule
    if rule.said is not None:
        raise UnsupportedByEngineError(
            "neo4j",
            "loyalty that a column says",
            "Pull the graph into a store and ask the engine 'local', or define loyalty by what "
            "customers do: repeatPurchaseWithin, activeAt, noChurn, churnWithin, valueWithin.",
        )
    window_us = rule.exposure_window_us
    return {
        "kind": rule.kind.value,
        "horizon_us": rule.horizon_us,
        "exposure_us": _LONGER_THAN_ANY if window_us is None else window_us,
        "least_value_minor": rule.least_minor,
        "as_of_us": view.as_of_us,
        "inactivity_us": view.inactivity_us,
    }


def _of_states(view: View, options: Options) -> dict[str, Any]:
    return {**_judged(view, options), "states": [int(state) for state in options["states"]]}


def _exposed(view: View, options: Options) -> dict[str, Any]:
    asked = {"item": int(options["item"]), "is_exposed": bool(options["is_exposed"])}
    return {**_of_states(view, options), **asked}


_INT64 = np.iinfo(np.int64)
_NOTHING = (0, 0, 0, 0, 0, 0, int(_INT64.max), int(_INT64.min))
"""The sizes of a view in which there is nothing."""


def _fate_finder(file: str, parameters: Callable[[View, Options], dict[str, Any]]) -> Answer:
    return Answer(files=_one("fates", file), needs=_OUTCOMES, parameters=parameters)


def _step_finder(fate: str) -> Answer:
    return Answer(files=_walk_files("units_at_step"), parameters=_at_step(fate))


ANSWERED: Mapping[str, Answer] = {
    TRANSITIONS.name: Answer(files=_one("transitions")),
    TRANSITION_SUMS.name: Answer(files=_one("transition_sums")),
    TRANSITION_TIMES.name: Answer(files=_one("transition_times"), parameters=_times),
    PATHS.name: Answer(files=_one("paths")),
    NGRAMS.name: Answer(files=_one("ngrams"), parameters=_length),
    OCCURRENCES.name: Answer(
        files=_one("found_occurrences", "occurrences"),
        needs=frozenset({"outcomes", "values"}),
        parameters=_lists,
        always=lambda _view, _options: [(-1, -1, 0, 0, 0)],
    ),
    EXITS.name: Answer(files=_one("fates", "exits"), needs=_OUTCOMES, parameters=_closing),
    FUNNEL.name: Answer(files=_walk_files("funnel"), parameters=_steps, always=_every_step),
    loyalty_states.name: Answer(
        files=_one("judged", "loyalty_states"),
        needs=_JUDGING,
        parameters=_judged,
        always=lambda _view, _options: [(state, 0, 0) for state in range(LOYAL + 1)],
    ),
    loyalty_exposures.name: Answer(
        files=_one("judged", "exposures", "loyalty_exposures"),
        needs=_JUDGING,
        parameters=_judged,
        always=lambda view, _options: [(item, 0, 0, 0) for item in range(view.n_items)],
    ),
    SIZES.name: Answer(
        files=_one("sizes"), needs=_OUTCOMES, always=lambda _view, _options: [_NOTHING]
    ),
    NAMES_SEEN.name: Answer(files=_one("names_seen"), needs=frozenset({"names"})),
}
"""The statistics that the server answers, by name."""

FOUND: Mapping[str, Answer] = {
    EVERY_UNIT.name: Answer(files=_one("every_unit")),
    UNITS_WITH.name: Answer(files=_one("units_with"), parameters=_with(has_any=True)),
    UNITS_WITHOUT.name: Answer(files=_one("units_with"), parameters=_with(has_any=False)),
    UNITS_THAT_VISIT.name: _fate_finder("units_at_item", _at_item(None)),
    UNITS_THAT_EXIT.name: _fate_finder("units_at_item", _at_item("gone")),
    UNITS_OPEN_AT.name: _fate_finder("units_at_item", _at_item("open")),
    OPEN_UNITS.name: _fate_finder("units_of_fate", _of_fate("open")),
    COMPLETED_UNITS.name: _fate_finder("units_of_fate", _of_fate("completed")),
    GONE_UNITS.name: _fate_finder("units_of_fate", _of_fate("gone")),
    UNITS_THAT_REACH.name: _step_finder("reached"),
    UNITS_STILL_OPEN.name: _step_finder("open"),
    UNITS_THAT_DROP.name: _step_finder("dropped"),
    UNITS_JUDGED.name: Answer(
        files=_one("judged", "units_judged"), needs=_JUDGING, parameters=_of_states
    ),
    UNITS_JUDGED_AND_EXPOSED.name: Answer(
        files=_one("judged", "exposures", "units_exposed"), needs=_JUDGING, parameters=_exposed
    ),
}
"""The lists of customers that the server answers, by the name of the finder."""


def table_of(statistic: MergeableStatistic, rows: Sequence[Sequence[Any]]) -> pa.Table:
    """A partial of rows as the server gives them, with the types of the local one."""
    names = statistic.columns
    columns = zip(*rows, strict=True) if rows else ([] for _ in names)
    return pa.table(
        {
            name: pa.array(column, _type(statistic, name))
            for name, column in zip(names, columns, strict=True)
        }
    )


def _type(statistic: MergeableStatistic, column: str) -> pa.DataType:
    if column == "path":
        return pa.large_list(pa.uint32())
    is_code = statistic.name == TRANSITIONS.name and column in statistic.keys
    return pa.uint32() if is_code else pa.int64()
