"""The graph of customers, touchpoints and channels: one immutable, columnar snapshot.

Interactions stand customer by customer, each customer's in their total order, so that a journey
is a range of rows and every question is one pass over contiguous arrays. The five columns that
nearly every question reads are fields; all others come when asked for (`column`, `coded`,
`property`), from memory or from the cache beside the store, in the same order of rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from journeygraph.errors import (
    InvalidOptionError,
    UnknownColumnError,
    UnknownCustomerError,
)
from journeygraph.graph_checks import check_graph
from journeygraph.late_columns import LateColumn, let_columns_be_late
from journeygraph.texts import Texts
from journeygraph.vocabulary import ENVIRONMENTS, INITIATORS, LEVELS, STAGES

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from journeygraph.cohorts import Where
    from journeygraph.durations import Duration
    from journeygraph.feedback import Feedback
    from journeygraph.frames import Frames
    from journeygraph.journeys import Journeys
    from journeygraph.labelling import By
    from journeygraph.outcome import OutcomeRule
    from journeygraph.rules import Rules
    from journeygraph.splitting import Split, Unit

__all__ = [
    "MISSING",
    "MISSING_SCALE",
    "CodedColumn",
    "FurtherColumns",
    "IntArray",
    "JourneyGraph",
    "Referrals",
    "code_type",
    "number_type",
]

IntArray = npt.NDArray[np.integer[Any]]
Int64Array = npt.NDArray[np.int64]

MISSING = int(np.iinfo(np.int64).min)
"""Where a column of amounts or times has no value."""

MISSING_SCALE = int(np.iinfo(np.int16).min)
"""Where a column of ratings (int16 thousandths) has no value."""

WORDS = {"stage": STAGES, "initiator": INITIATORS, "environment": ENVIRONMENTS, "level": LEVELS}
"""The columns of closed sets: 1-based codes, 0 where not said."""

NUMBERS = ("cost", "emotion", "expectation", "experience", "sequence", "load", "file", "row")
"""The columns of numbers beyond `at_us` and `value_minor`."""

TEXTS = ("team", "session", "emotion_label", "emotion_source", "id")
"""The columns of an open set of texts."""


def code_type(n_names: int) -> type[np.uint8 | np.uint16 | np.uint32]:
    """The smallest type for codes of that many names, with its two largest values left free."""
    if n_names <= 254:
        return np.uint8
    return np.uint16 if n_names <= 65_534 else np.uint32


def number_type(n_numbers: int) -> type[np.int32 | np.int64]:
    """The type for numbers of that many customers, units or journeys."""
    return np.int32 if n_numbers < 2**31 else np.int64


@dataclass(frozen=True, eq=False, slots=True)
class CodedColumn:
    """A column of texts: a code for each interaction and the text behind each code.

    `codes` are int32, -1 where an interaction has none.
    """

    codes: IntArray
    names: Sequence[str]


class FurtherColumns(Protocol):
    """Where a graph's ids and further columns come from: memory, or the cache of a store."""

    @property
    def customer_ids(self) -> Texts:
        """The customers' ids by customer index."""
        ...

    @property
    def merged_ids(self) -> Mapping[str, int]:
        """Further ids of customers, by which they are found, and their indexes."""
        ...

    def number(self, name: str) -> IntArray:
        """One of `NUMBERS`, or the codes of one of `WORDS`."""
        ...

    def text(self, name: str) -> CodedColumn:
        """One of `TEXTS`."""
        ...

    def property_names(self) -> Sequence[str]:
        """What `properties` of the interactions hold."""
        ...

    def property(self, name: str) -> CodedColumn:
        """One of `property_names`."""
        ...

    def attributes(self) -> pd.DataFrame:
        """The customers' attributes, one row for each customer index."""
        ...

    def feedback(self) -> Feedback:
        """What customers complained of, asked, suggested and praised, and what was promised."""
        ...


@dataclass(frozen=True, eq=False, kw_only=True)
class Referrals:
    """Who brought whom, one entry for each stored referral, in the order of arrival.

    Nothing is cut here: self-referrals, cycles and several referrers of one customer are as
    they were loaded; the statistics decide.
    """

    referrers: Int64Array  # customer index, -1 where nobody knows who brought
    referred: Int64Array  # customer index
    at_us: Int64Array  # MISSING where not said
    medium_codes: IntArray  # as channel_codes

    def __post_init__(self) -> None:
        for name in ("referrers", "referred", "at_us", "medium_codes"):
            object.__setattr__(self, name, _read_only(getattr(self, name)))

    @classmethod
    def none(cls) -> Referrals:
        """No referral at all."""
        empty = np.zeros(0, np.int64)
        return cls(referrers=empty, referred=empty, at_us=empty, medium_codes=empty.astype("u1"))

    def __len__(self) -> int:
        return len(self.referred)


@dataclass(frozen=True, eq=False, kw_only=True)
class JourneyGraph:
    """Interactions of customers at touchpoints by channels, and who brought whom.

    Made by `journeygraph.open`, `journeygraph.from_pandas`, and in tests by
    `journeygraph.graph_build.graph_from_rows`. Arrays cannot be written to; a `LateColumn` may be
    given for one of interactions.

    Raises
    ------
    InconsistentGraphError
        Where a code names nothing or the arrays do not fit each other: a kernel trusts them.
    """

    version: int | None  # of the store; None where there is no store
    as_of_us: int  # the latest interaction; 0 where there is none
    customer_starts: Int64Array  # (n_customers + 1,) row where each customer begins
    at_us: Int64Array  # microseconds since the epoch, UTC, ascending within a customer
    touchpoint_codes: IntArray  # into touchpoints
    channel_codes: IntArray  # into channels; 0 = not said
    stage_codes: IntArray  # 1-based into vocabulary.STAGES; 0 = not said
    value_minor: Int64Array  # MISSING where there is none
    touchpoints: tuple[str, ...]
    channels: tuple[str, ...]  # channels[0] is "unknown"
    currency: str | None = None
    exponent: int = 2
    referrals: Referrals = field(default_factory=Referrals.none)
    pairs: IntArray | None = None  # see `pair_codes`; None where those of the rows are all
    further: FurtherColumns

    def __post_init__(self) -> None:
        check_graph(self)

    @property
    def n_customers(self) -> int:
        """How many customers, those without an interaction included."""
        return len(self.customer_starts) - 1

    @property
    def n_interactions(self) -> int:
        """How many interactions."""
        return int(self.customer_starts[-1])

    def given(self, name: str) -> IntArray | LateColumn:
        """A field of interactions as it is by now: an array, or what it is to be made of."""
        column: IntArray | LateColumn = self.__dict__[name]
        return column

    @property
    def pair_codes(self) -> type[np.integer[Any]]:
        """The type for pairs of touchpoint and channel: touchpoint * len(channels) + channel.

        `pairs` lists them, ascending, where this graph is a part of a larger one and paths are
        made of touchpoints at channels: so that items are those of the whole.
        """
        n_pairs = len(self.touchpoints) * len(self.channels)
        return np.min_scalar_type(n_pairs).type

    @cached_property
    def interaction_customers(self) -> Int64Array:
        """Customer index of each interaction; made when first asked for (8 bytes each)."""
        counts = np.diff(self.customer_starts)
        return _read_only(np.repeat(np.arange(self.n_customers, dtype=np.int64), counts))

    @cached_property
    def customer_numbers(self) -> IntArray:
        """0, 1, 2 …, one for each customer: made once, for all views of the graph."""
        return _read_only(np.arange(self.n_customers, dtype=number_type(self.n_customers)))

    @cached_property
    def all_interact(self) -> bool:
        """Whether every customer has an interaction."""
        return bool((self.customer_starts[1:] > self.customer_starts[:-1]).all())

    def customer_id(self, customers: IntArray) -> list[str]:
        """The ids of customers given by index."""
        return self.further.customer_ids.take(np.asarray(customers))

    def customer_index(self, customer: str) -> int:
        """The index of a customer given by id.

        Raises
        ------
        UnknownCustomerError
            Where no customer has this id.
        InvalidOptionError
            Where it is no text: 7 could be '7' or '007'.
        """
        if not isinstance(customer, str):
            raise InvalidOptionError("customer", customer, "an id, as a text")
        index = int(self.customer_indexes([customer])[0])
        if index < 0:
            raise UnknownCustomerError(customer)
        return index

    def customer_indexes(self, customers: Sequence[str]) -> Int64Array:
        """The indexes of customers given by id, -1 for those that are not here.

        An id that was merged finds the customer that it was merged into.
        """
        found = self.further.customer_ids.find(customers)
        if (found < 0).any():
            merged = self.further.merged_ids
            found = np.array(
                [merged.get(customer, index) if index < 0 else index
                 for customer, index in zip(customers, found.tolist(), strict=True)], np.int64
            )  # fmt: skip
        return found

    def ids_of(self, customer: int) -> tuple[str, ...]:
        """All ids of a customer given by index: what they are called, then those merged into it."""
        [own] = self.customer_id(np.array([customer]))
        return (own, *self._other_ids.get(customer, ()))

    @cached_property
    def _other_ids(self) -> Mapping[int, Sequence[str]]:
        """By customer index, the ids that were merged into each, ascending."""
        found: dict[int, list[str]] = {}
        for name, customer in sorted(self.further.merged_ids.items()):
            found.setdefault(customer, []).append(name)
        return found

    @property
    def column_names(self) -> tuple[str, ...]:
        """What `coded` and `column` know, properties included."""
        return (
            "touchpoint", "channel", *WORDS, *NUMBERS, *TEXTS, *self.further.property_names()
        )  # fmt: skip

    def column(self, name: str) -> IntArray:
        """A column of numbers or codes, one for each interaction.

        Parameters
        ----------
        name
            "at", "value", "cost" (minor units, MISSING); "emotion", "expectation", "experience"
            (thousandths, MISSING_SCALE); "sequence", "load", "file", "row"; "stage",
            "initiator", "environment", "level" (codes, 0 = not said); "touchpoint", "channel";
            of "team", "session", "id" and any property the codes of `coded`.
        """
        if name in _CORE:
            return np.asarray(getattr(self, _CORE[name]))
        if name in WORDS or name in NUMBERS:
            return self.further.number(name)
        return self.coded(name).codes

    @property
    def names(self) -> JourneyGraph:
        """A graph with the same names: itself, and where rows are elsewhere, one without any."""
        return self

    def says(self, name: str) -> bool:
        """Whether any interaction says something in a column of `WORDS`."""
        return bool(self.column(name).any())

    def history_of(self, customer: int) -> tuple[JourneyGraph, int]:
        """A graph that holds a customer's interactions, and the customer's index there."""
        return self, customer

    def coded(self, name: str) -> CodedColumn:
        """A column of names: touchpoint, channel, a closed set, a text column, or a property.

        Raises
        ------
        UnknownColumnError
            Where there is no such column.
        """
        if name == "touchpoint":
            return CodedColumn(self.touchpoint_codes, self.touchpoints)
        if name == "channel":
            return CodedColumn(self.channel_codes.astype(np.int32) - 1, self.channels[1:])
        if name in WORDS:
            return CodedColumn(self.column(name).astype(np.int32) - 1, WORDS[name])
        if name in TEXTS:
            return self.further.text(name)
        return self.property(name)

    def property(self, name: str) -> CodedColumn:
        """A column that was loaded without a meaning of its own.

        Raises
        ------
        UnknownColumnError
            Where no interaction has it.
        """
        if name not in self.further.property_names():
            raise UnknownColumnError("column", name, self.column_names)
        return self.further.property(name)

    @cached_property
    def attributes(self) -> pd.DataFrame:
        """The customers' attributes: a row for each customer index, a column for each attribute."""
        return self.further.attributes()

    @cached_property
    def feedback(self) -> Feedback:
        """Complaints, queries, suggestions, praise and promises, and what became of them."""
        return self.further.feedback()

    def only(self, customers: npt.ArrayLike) -> JourneyGraph:
        """The graph of some customers alone, at the cost of their rows and a look at referrals.

        Touchpoints, channels, their codes, `as_of_us` and the currency stay as they are, the
        customers get the indexes 0, 1, … in their order, and further columns and attributes are
        taken from this graph's when they are asked for. Of the referrals those stay that lie
        wholly inside: an unattributed one where its referred customer is here, any other where
        the referrer is here as well.

        Parameters
        ----------
        customers
            Customer indexes, ascending, each once.

        Raises
        ------
        InconsistentGraphError
            Where they are not that.
        """
        from journeygraph.graph_selection import graph_of_customers

        return graph_of_customers(self, customers)

    def attribute_codes(self, name: str) -> tuple[Int64Array, Sequence[Any]]:
        """An attribute as a code for each customer, -1 where there is none, and the values.

        Made when first asked for: a population and a definition of loyalty ask again and again.
        """
        if name not in self._attribute_codes:
            import pandas as pd

            codes, values = pd.factorize(self.attributes[name])
            self._attribute_codes[name] = _read_only(codes), list(values)
        return self._attribute_codes[name]

    @cached_property
    def _attribute_codes(self) -> dict[str, tuple[Int64Array, Sequence[Any]]]:
        return {}

    def journeys(
        self,
        *,
        where: Where | Mapping[str, Any] | None = None,
        rules: Rules | Mapping[str, Any] | None = None,
        split: Split | Mapping[str, Any] | None = None,
        by: By | str = "touchpoint",
        unit: Unit | str = "customer",
        outcome: OutcomeRule | Mapping[str, Any] | None = None,
        inactivity: Duration = "30d",
        confidence: float = 0.95,
        timezone: str = "UTC",
    ) -> Journeys:
        """Select, clean and split: see `journeygraph.journeys.make_journeys`."""
        from journeygraph.journeys import make_journeys

        return make_journeys(
            self,
            where=where,
            rules=rules,
            split=split,
            by=by,
            unit=unit,
            outcome=outcome,
            inactivity=inactivity,
            confidence=confidence,
            timezone=timezone,
        )

    def to_pandas(self, columns: Sequence[str] | None = None) -> Frames:
        """The graph as pandas frames: see `journeygraph.frames.to_pandas`.

        Parameters
        ----------
        columns
            Which further columns the interactions get; by default all in which anything is said.
        """
        from journeygraph.frames import to_pandas

        return to_pandas(self, columns)

    def to_networkx(self) -> nx.MultiDiGraph[Any]:
        """The graph as a networkx MultiDiGraph of customers, touchpoints and channels."""
        from journeygraph.networks import to_networkx

        return to_networkx(self)

    def __repr__(self) -> str:
        stored = "" if self.version is None else f"version {self.version}, "
        return (
            f"<JourneyGraph: {stored}{self.n_interactions:,} interactions of "
            f"{self.n_customers:,} customers at {len(self.touchpoints):,} touchpoints>"
        )


_ARRAYS = (
    "customer_starts", "at_us", "touchpoint_codes", "channel_codes", "stage_codes", "value_minor",
)  # fmt: skip
_CORE: Mapping[str, str] = {
    "at": "at_us", "value": "value_minor", "stage": "stage_codes",
    "touchpoint": "touchpoint_codes", "channel": "channel_codes",
}  # fmt: skip
let_columns_be_late(JourneyGraph, _ARRAYS)


def _read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    view = np.asarray(array).view()
    view.flags.writeable = False
    return view
