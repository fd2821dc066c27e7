"""Which customers and which interactions: conditions as data, so that every engine can use them.

Bare conditions keep interactions; `customers` keeps customers, judged on their whole history
before `until`. Only here are names looked up: a name that the store does not have is an error
and never an empty answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from journeygraph.conditions import (
    BoolArray,
    Conditions,
    channel_table,
    ranks,
    stage_table,
    touchpoint_table,
    value_limits,
    word_table,
)
from journeygraph.errors import (
    InvalidOptionError,
    UnknownColumnError,
    UnknownCustomerError,
    UnknownValueError,
)
from journeygraph.given import Amount, Names, flag, mapping_as, names
from journeygraph.kernels.select import mark_customers
from journeygraph.moments import Moment, parse_moment
from journeygraph.threads import evenly, on_threads
from journeygraph.vocabulary import ENVIRONMENTS, INITIATORS, LEVELS

if TYPE_CHECKING:
    from journeygraph.graph import IntArray, JourneyGraph

__all__ = [
    "CustomerWhere",
    "History",
    "Where",
    "attribute_text",
    "conditions_of",
    "kept_customers",
    "limits_of",
]

Int64Array = npt.NDArray[np.int64]

_WORDS = (("initiators", "initiator", INITIATORS), ("environments", "environment", ENVIRONMENTS),
          ("levels", "level", LEVELS))  # fmt: skip
_NAMES = ("touchpoints", "exclude_touchpoints", "channels", "stages", "initiators",
          "environments", "levels", "did", "not_did")  # fmt: skip

_MOST_PATTERNS = 20
"""Patterns of what was done: each is a look at every interaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerWhere:
    """Which customers are meant: those for whom all that is given holds.

    Attributes
    ----------
    ids
        One of these.
    attributes
        By attribute of the customers table the values of which the customer has one; a list of
        {name, values} does as well.
    touched, not_touched
        At least one of these touchpoints, none of these touchpoints, by their names in the store.
    referred
        Whether another customer brought them (has a parent in the referral trees).
    has_outcome
        Whether they have the outcome.
    """

    ids: Names | None = None
    attributes: Mapping[str, Names] | None = None
    touched: Names | None = None
    not_touched: Names | None = None
    referred: bool | None = None
    has_outcome: bool | None = None

    def __post_init__(self) -> None:
        for name in ("ids", "touched", "not_touched"):
            argument = f"where.customers.{_shown(name)}"
            object.__setattr__(self, name, names(getattr(self, name), argument))
        for name in ("referred", "has_outcome"):
            if getattr(self, name) is not None:
                flag(getattr(self, name), f"where.customers.{_shown(name)}")
        object.__setattr__(self, "attributes", _attributes(self.attributes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Which interactions are kept: those for which all that is given holds.

    Attributes
    ----------
    from_, until
        From this moment on; before this moment. No interaction at or after `until` is
        looked at for anything; what is before `from_` still counts as history.
    touchpoints, channels, stages, initiators, environments, levels
        One of these; "unknown" is where it is not said.
    exclude_touchpoints
        None of these.
    min_value, max_value
        With a value of at least, at most this, in major units of money.
    customers
        Of these customers.
    did, not_did
        Patterns (docs/pattern-language.md) over the journeys that all else gives: of the units
        that have, for each pattern of the first, a journey that matches it, and none that matches
        one of the second.
    """

    from_: Moment | None = None
    until: Moment | None = None
    touchpoints: Names | None = None
    exclude_touchpoints: Names | None = None
    channels: Names | None = None
    stages: Names | None = None
    initiators: Names | None = None
    environments: Names | None = None
    levels: Names | None = None
    min_value: Amount | None = None
    max_value: Amount | None = None
    customers: CustomerWhere | None = None
    did: Names | None = None
    not_did: Names | None = None

    def __post_init__(self) -> None:
        for name in _NAMES:
            object.__setattr__(self, name, names(getattr(self, name), f"where.{_shown(name)}"))
        if self.customers is not None:
            customers = mapping_as(CustomerWhere, self.customers, "where.customers")
            object.__setattr__(self, "customers", customers)
        n_patterns = len(self.did or ()) + len(self.not_did or ())
        if n_patterns > _MOST_PATTERNS:
            raise InvalidOptionError("where.did", n_patterns, f"at most {_MOST_PATTERNS} patterns")

    @property
    def asks_what_was_done(self) -> bool:
        """Whether there is a pattern in it."""
        return self.did is not None or self.not_did is not None


def _shown(field: str) -> str:
    first, *rest = field.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _attributes(given: Any) -> dict[str, Names] | None:
    argument = "where.customers.attributes"
    if given is None:
        return None
    if isinstance(given, Sequence) and not isinstance(given, str):
        if not all(isinstance(entry, Mapping) and set(entry) == {"name", "values"}
                   for entry in given):  # fmt: skip
            raise InvalidOptionError(argument, given, "a list of {name, values}")
        given = {entry["name"]: entry["values"] for entry in given}
    if not isinstance(given, Mapping) or not given:
        raise InvalidOptionError(argument, given, "a mapping of attributes to lists of values")
    return {str(name): _values(values, f"{argument}.{name}") for name, values in given.items()}


def _values(given: Any, argument: str) -> Names:
    listed = given if isinstance(given, list | tuple | set | frozenset) else [given]
    if not listed or any(isinstance(value, Mapping | bytes) or value is None for value in listed):
        raise InvalidOptionError(argument, given, "at least one value")
    return tuple(str(value) for value in listed)


def limits_of(where: Where, zone: ZoneInfo) -> tuple[int | None, int | None]:
    """`from` and `until` in microseconds.

    Raises
    ------
    InvalidOptionError
        Where one is not a moment, or the first is not before the second.
    """
    first = None if where.from_ is None else parse_moment(where.from_, "where.from", zone)
    last = None if where.until is None else parse_moment(where.until, "where.until", zone)
    if first is not None and last is not None and first >= last:
        raise InvalidOptionError("where.until", str(where.until), f"later than {where.from_}")
    return first, last


def conditions_of(graph: JourneyGraph, where: Where, from_us: int | None) -> Conditions:
    """The conditions on interactions, `until` and `customers` excepted.

    Raises
    ------
    UnknownTouchpointError, UnknownChannelError, UnknownStageError, InvalidOptionError
        Where something is named that is not there.
    """
    tables: list[tuple[IntArray, BoolArray]] = []
    touchpoints = _touchpoints(graph, where)
    if touchpoints is not None:
        tables.append((graph.touchpoint_codes, touchpoints))
    if where.channels is not None:
        table = channel_table(graph, where.channels, "where.channels")
        tables.append((graph.channel_codes, table))
    if where.stages is not None:
        tables.append((graph.stage_codes, stage_table(where.stages, "where.stages")))
    for name, column, words in _WORDS:
        if (given := getattr(where, name)) is not None:
            table = word_table(words, given, f"where.{name}")
            tables.append((_read_only(graph.column(column)), table))
    arguments = "where.minValue", "where.maxValue"
    limits = value_limits(graph, where.min_value, where.max_value, arguments)
    return Conditions(
        tables=tuple(tables),
        values=None if limits is None else (graph.value_minor, *limits),
        since=None if from_us is None else (graph.at_us, from_us),
    )


def _touchpoints(graph: JourneyGraph, where: Where) -> BoolArray | None:
    if where.touchpoints is None and where.exclude_touchpoints is None:
        return None
    keeps = np.ones(len(graph.touchpoints), np.bool_)
    if where.touchpoints is not None:
        keeps &= touchpoint_table(graph, where.touchpoints, "where.touchpoints")
    if where.exclude_touchpoints is not None:
        given, argument = where.exclude_touchpoints, "where.excludeTouchpoints"
        keeps &= ~touchpoint_table(graph, given, argument)
    return _read_only(keeps)


def _read_only(array: Any) -> Any:
    view = np.asarray(array).view()
    view.flags.writeable = False
    return view


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class History:
    """What customers are judged on: their rows before `until`, and which of them are the outcome.

    `starts` and `ends` are rows by customer index.
    """

    starts: Int64Array
    ends: Int64Array
    outcome_rows: Int64Array

    def with_outcome(self) -> BoolArray:
        """Which customers have the outcome."""
        return ranks(self.outcome_rows, self.ends) > ranks(self.outcome_rows, self.starts)


def kept_customers(graph: JourneyGraph, where: CustomerWhere, history: History) -> BoolArray:
    """Which customers are meant, by customer index.

    Raises
    ------
    UnknownCustomerError, UnknownColumnError, UnknownValueError, UnknownTouchpointError
        Where something is named that is not there.
    """
    kept = np.ones(graph.n_customers, np.bool_)
    if where.ids is not None:
        kept &= _of_ids(graph, where.ids)
    for attribute, values in (where.attributes or {}).items():
        kept &= _with_value(graph, attribute, values)
    if where.touched is not None:
        kept &= _touching(graph, where.touched, "where.customers.touched", history)
    if where.not_touched is not None:
        kept &= ~_touching(graph, where.not_touched, "where.customers.notTouched", history)
    if where.referred is not None:
        kept &= _referred(graph) == where.referred
    if where.has_outcome is not None:
        kept &= history.with_outcome() == where.has_outcome
    return kept


def _of_ids(graph: JourneyGraph, ids: Names) -> BoolArray:
    indexes = graph.customer_indexes(ids)
    if (indexes < 0).any():
        raise UnknownCustomerError(ids[int(np.argmax(indexes < 0))])
    kept = np.zeros(graph.n_customers, np.bool_)
    kept[indexes] = True
    return kept


def _touching(graph: JourneyGraph, given: Names, argument: str, history: History) -> BoolArray:
    wanted = touchpoint_table(graph, given, argument)
    marks = np.zeros(graph.n_customers, np.bool_)

    def mark(part: slice) -> None:
        starts, ends = history.starts[part], history.ends[part]
        mark_customers(graph.touchpoint_codes, wanted, starts, ends, marks[part])

    on_threads(mark, evenly(history.ends - history.starts))
    return marks


def _referred(graph: JourneyGraph) -> BoolArray:
    from journeygraph.statistics.referrals import forest_of

    return np.asarray(forest_of(graph).parents >= 0)


def _with_value(graph: JourneyGraph, attribute: str, values: Names) -> BoolArray:
    argument = "where.customers.attributes"
    if attribute not in graph.attributes.columns:
        names_known = [str(name) for name in graph.attributes.columns]
        raise UnknownColumnError(argument, attribute, names_known)
    codes, known = _coded(*graph.attribute_codes(attribute))
    matched = [value for value in values if value in known]
    if len(matched) < len(values):
        missing = next(value for value in values if value not in known)
        raise UnknownValueError(f"{argument}.{attribute}", missing, sorted(known))
    wanted = np.zeros(len(known) + 1, np.bool_)
    wanted[[known[value] for value in matched]] = True
    return wanted[codes]


def _coded(codes: Int64Array, values: Sequence[Any]) -> tuple[Int64Array, dict[str, int]]:
    """Codes of a column's values as texts, the last code where there is none."""
    known: dict[str, int] = {}
    of_value = [known.setdefault(attribute_text(value), len(known)) for value in values]
    if of_value == list(range(len(known))):
        return codes, known  # -1 is the last as it is
    return np.array([*of_value, len(known)], np.int64)[codes], known


def attribute_text(value: Any) -> str:
    """A value of an attribute as conditions take it.

    2.0 reads "2": a column of whole numbers with gaps is one of floats in pandas.
    """
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
