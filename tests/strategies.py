"""Random small worlds: interactions, customers and referrals as plain rows, and graphs of them.

They are small on purpose, and drawn so that what breaks real programs is common: many ties in
time, customers with one interaction or none, channels, stages and values that are missing,
referrals that go in circles, times at the edges of what a timestamp holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from hypothesis import strategies as st

from journeygraph.graph import JourneyGraph
from journeygraph.graph_build import graph_from_rows
from journeygraph.vocabulary import STAGES

__all__ = ["CHANNELS", "CUSTOMERS", "DAY_US", "TOUCHPOINTS", "World", "graphs", "worlds"]

DAY_US = 86_400_000_000
CUSTOMERS = ("a", "b", "c", "d", "007", "7", "NA", "null", "Zoë", " ", "e")
TOUCHPOINTS = ("home", "product", "cart", "purchase", "support call", "Purchase ", "NA", "ad")
CHANNELS = ("web", "email", "word of mouth", "kiosk")

# 0001-01-01 and 9999-12-31: beyond, Python's datetime could not say them in a test.
_FIRST_US, _LAST_US = -62_135_596_800_000_000, 253_402_300_799_999_999


@dataclass(frozen=True, kw_only=True)
class World:
    """Rows as `graph_from_rows` takes them, to be given to a naive twin as well.

    `rows` are (customer, at_us, touchpoint, channel, stage, value_minor) in the order of arrival.
    """

    rows: list[tuple[Any, ...]]
    referrals: list[tuple[Any, ...]] = field(default_factory=list)
    customers: list[str] = field(default_factory=list)
    columns: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def graph(self) -> JourneyGraph:
        """The graph of these rows."""
        options: dict[str, Any] = dict(self.columns)
        return graph_from_rows(
            self.rows, referrals=self.referrals, customers=self.customers, **options
        )

    def of_customer(self, customer: str) -> list[tuple[Any, ...]]:
        """One customer's rows in their total order: (at, sequence, arrival)."""
        sequence = self.columns.get("sequence", [0] * len(self.rows))
        mine = [
            (row[1], sequence[arrival], arrival)
            for arrival, row in enumerate(self.rows)
            if row[0] == customer
        ]
        return [self.rows[arrival] for _, _, arrival in sorted(mine)]

    def all_customers(self) -> list[str]:
        """Every customer once, in the order of the graph: by first appearance."""
        named = [name for row in self.referrals for name in row[:1] if name is not None]
        seen = [row[0] for row in self.rows] + self.customers + named
        return list(dict.fromkeys(seen + [row[1] for row in self.referrals]))


_MOMENTS = (
    *range(6),
    *(hour * DAY_US // 24 for hour in range(1, 48)),
    *(day * DAY_US for day in range(2, 60)),
    *(30 * DAY_US + offset for offset in (-1, 1)),
)


@cache
def times(extreme: bool = False) -> st.SearchStrategy[int]:
    """Moments with many ties: a few days, hours or microseconds after each other."""
    near = st.sampled_from(_MOMENTS)
    if not extreme:
        return near
    return st.one_of(near, st.integers(_FIRST_US, _LAST_US), st.sampled_from([_FIRST_US, _LAST_US]))


@cache
def values() -> st.SearchStrategy[int | None]:
    """Amounts in minor units, often none, sometimes zero, negative or large."""
    return st.sampled_from([None, None, None, 0, 1, 999, -250, 12_345, 10**12, -(10**12)])


@cache
def rows(
    n_customers: int, names: tuple[str, ...], max_size: int, extreme_times: bool
) -> st.SearchStrategy[list[tuple[Any, ...]]]:
    """Interactions of some customers at some touchpoints."""
    row = st.tuples(
        st.sampled_from(CUSTOMERS[:n_customers]),
        times(extreme_times),
        st.sampled_from(names),
        st.sampled_from([None, *CHANNELS]),
        st.sampled_from([None, *STAGES]),
        values(),
    )
    return st.lists(row, max_size=max_size)


@cache
def referrals(max_customers: int = 6) -> st.SearchStrategy[list[tuple[Any, ...]]]:
    """Referrals with self-referrals, circles, rivals, and word of mouth of unknown source."""
    names = CUSTOMERS[:max_customers]
    row = st.tuples(
        st.sampled_from([None, *names]),
        st.sampled_from(names),
        st.sampled_from([None, *_MOMENTS]),
        st.sampled_from([None, *CHANNELS]),
    )
    return st.lists(row, max_size=8)


_COLUMNS: dict[str, st.SearchStrategy[Any]] = {
    "sequence": st.integers(-1, 2),
    "session": st.sampled_from([None, "s1", "s2", "s3"]),
    "initiator": st.sampled_from([None, "customer", "company"]),
    "emotion": st.sampled_from([None, -1000, -1, 0, 1, 333, 1000]),
    "expectation": st.sampled_from([None, -1000, 0, 500]),
    "experience": st.sampled_from([None, -200, 0, 1000]),
    "colour": st.sampled_from([None, "red", "green"]),
}


@cache
def columns(n_rows: int) -> st.SearchStrategy[dict[str, list[Any]]]:
    """Further columns, each there or not: sequence, session, initiator, emotion, a property."""
    return st.fixed_dictionaries(
        {},
        optional={
            name: st.lists(entries, min_size=n_rows, max_size=n_rows)
            for name, entries in _COLUMNS.items()
        },
    )


@cache
def _extra_customers() -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(CUSTOMERS), max_size=2)


@st.composite
def worlds(
    draw: st.DrawFn,
    *,
    max_interactions: int = 24,
    max_customers: int = 6,
    max_touchpoints: int = 6,
    extreme_times: bool = False,
    many_touchpoints: bool = False,
) -> World:
    """A random world.

    Parameters
    ----------
    max_interactions, max_customers, max_touchpoints
        How large it may become; small ones find more.
    extreme_times
        Whether moments may lie anywhere between the years 1 and 9999.
    many_touchpoints
        Whether touchpoints may be so many that their codes need two bytes.
    """
    n_customers = draw(st.integers(1, max_customers))
    names = TOUCHPOINTS[: draw(st.integers(1, max_touchpoints))]
    drawn = draw(rows(n_customers, names, max_interactions, extreme_times))
    if many_touchpoints and draw(st.booleans()):
        drawn += [("a", number, f"page {number}", None, None, None) for number in range(300)]
    return World(
        rows=drawn,
        referrals=draw(referrals(max_customers)),
        customers=draw(_extra_customers()),
        columns=draw(columns(len(drawn))) if len(drawn) < 300 else {},
    )


def graphs(**options: Any) -> st.SearchStrategy[JourneyGraph]:
    """Graphs of random worlds, for what needs no naive twin."""
    return worlds(**options).map(lambda world: world.graph)
