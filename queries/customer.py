"""One customer: what is known of them, what happened in which order, and who brought whom.

The history is paged by place in the customer's total order (at, sequence, arrival), not by a
number of rows: a cursor of one store version goes on at the same place in the next, whatever was
loaded in between.
"""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from journeygraph.errors import InvalidOptionError
from journeygraph.graph import MISSING, MISSING_SCALE, WORDS
from journeygraph.statistics.referrals import forest_of
from queries.figures import Pictured
from queries.paging import Page, PageInfo, validate_first
from queries.referral_links import ReferralLinks

if TYPE_CHECKING:
    from journeygraph.graph import IntArray, JourneyGraph

__all__ = ["CustomerProfile", "InteractionRow", "customer"]

_ORDER = ("at", "sequence", "load", "file", "row")
_WORDS = ("stage", "initiator", "environment", "level")
_TEXTS = ("team", "session", "emotion_label", "emotion_source", "id")
_SCALES = ("emotion", "expectation", "experience")


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractionRow:
    """One interaction; what is not said is None.

    Attributes
    ----------
    at_us
        Microseconds since the epoch, UTC.
    value_minor, cost_minor
        Minor units of money.
    emotion, expectation, experience
        From -1 to 1.
    sequence
        The order among interactions of the same moment, as loaded; 0 where none was given.
    id
        What the source knows it by.
    """

    at_us: int
    touchpoint: str
    channel: str | None
    stage: str | None
    initiator: str | None
    environment: str | None
    level: str | None
    value_minor: int | None
    cost_minor: int | None
    emotion: float | None
    emotion_label: str | None
    emotion_source: str | None
    expectation: float | None
    experience: float | None
    team: str | None
    session: str | None
    sequence: int
    id: str | None


@dataclass(frozen=True, eq=False)
class CustomerProfile(Pictured):
    """What the store holds of one customer; made by `customer`.

    Parameters
    ----------
    graph
        Where the customer is.
    index
        Which one.
    """

    graph: JourneyGraph
    index: int

    @cached_property
    def id(self) -> str:
        """The customer's id."""
        return self.graph.customer_id(np.array([self.index]))[0]

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """All ids that the customer is known by: `id`, and those that were merged into it."""
        return tuple(self.graph.ids_of(self.index))

    @cached_property
    def _history(self) -> tuple[JourneyGraph, int]:
        """The graph that holds the interactions, which may be of this customer alone."""
        return self.graph.history_of(self.index)

    @property
    def n_interactions(self) -> int:
        """How many interactions there are."""
        return len(self._rows)

    @property
    def attributes(self) -> dict[str, str]:
        """The columns of the customers table that say something of this customer."""
        import pandas as pd

        graph, index = self._history
        known = graph.attributes.iloc[index].to_dict()
        return {str(name): str(value) for name, value in known.items() if not pd.isna(value)}

    def interactions(self, first: int = 50, after: str | None = None) -> Page[InteractionRow]:
        """The history in its total order, from the first interaction on.

        Raises
        ------
        InvalidOptionError
            Where `first` is out of range, or `after` is not a cursor of a history.
        """
        validate_first(first)
        start = self._rows.start
        if after is not None:
            start = bisect_right(self._rows, _read_cursor(after), key=self._place) + start
        rows = range(start, min(start + first, self._rows.stop))
        return Page(
            nodes=_interactions(self._history[0], rows),
            page_info=PageInfo(
                has_next_page=rows.stop < self._rows.stop,
                end_cursor=_write_cursor(self._place(rows[-1])) if rows else None,
            ),
        )

    @property
    def links(self) -> ReferralLinks:
        """Who brought the customer and whom the customer brought, up and down the chain."""
        return ReferralLinks(self.graph, self.index, forest_of(self.graph))

    @property
    def referred_by(self) -> str | None:
        """Id of who brought the customer; None where nobody known did."""
        return self.links.referred_by

    @property
    def referred(self) -> tuple[str, ...]:
        """Ids of whom the customer brought directly, the first thousand; see `links.referred`."""
        return self.links.referred(first=1000).ids

    @cached_property
    def _rows(self) -> range:
        graph, index = self._history
        return range(int(graph.customer_starts[index]), int(graph.customer_starts[index + 1]))

    def _place(self, row: int) -> tuple[int, ...]:
        return tuple(int(column[row]) for column in self._order)

    @cached_property
    def _order(self) -> list[Any]:
        return [self._history[0].column(name) for name in _ORDER]


def customer(graph: JourneyGraph, id: str) -> CustomerProfile:  # noqa: A002
    """Look a customer up.

    Raises
    ------
    UnknownCustomerError
        Where no customer has this id.
    """
    return CustomerProfile(graph, graph.customer_index(id))


def _write_cursor(place: tuple[int, ...]) -> str:
    return base64.urlsafe_b64encode(":".join(map(str, place)).encode()).decode()


def _read_cursor(cursor: str) -> tuple[int, ...]:
    try:
        text = base64.urlsafe_b64decode(cursor.encode()).decode()
        place = tuple(int(part) for part in text.split(":"))
    except (binascii.Error, ValueError):
        place = ()
    if len(place) != len(_ORDER):
        raise InvalidOptionError("after", cursor, "the endCursor of an earlier page")
    return place


def _interactions(graph: JourneyGraph, rows: range) -> tuple[InteractionRow, ...]:
    part = slice(rows.start, rows.stop)
    columns: dict[str, list[Any]] = {
        "at_us": graph.at_us[part].tolist(),
        "touchpoint": [graph.touchpoints[code] for code in graph.touchpoint_codes[part].tolist()],
        "value_minor": _unless(MISSING, graph.value_minor[part].tolist()),
        "cost_minor": _unless(MISSING, graph.column("cost")[part].tolist()),
        "sequence": graph.column("sequence")[part].tolist(),
    }
    columns["channel"] = _named(graph.channel_codes[part], graph.channels[1:])
    for name in _WORDS:
        columns[name] = _named(graph.column(name)[part], WORDS[name])
    for name in _TEXTS:
        coded = graph.coded(name)
        columns[name] = _named(coded.codes[part] + 1, coded.names)
    for name in _SCALES:
        thousandths = _unless(MISSING_SCALE, graph.column(name)[part].tolist())
        columns[name] = [None if said is None else said / 1000 for said in thousandths]
    return tuple(
        InteractionRow(**dict(zip(columns, values, strict=True)))
        for values in zip(*columns.values(), strict=True)
    )


def _named(codes: IntArray, names: Sequence[str]) -> list[str | None]:
    """The names behind codes that begin at 1; none behind 0."""
    return [names[code - 1] if code else None for code in codes.tolist()]


def _unless(missing: int, numbers: list[int]) -> list[int | None]:
    return [None if number == missing else number for number in numbers]
