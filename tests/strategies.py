"""Random small worlds: interactions, customers and referrals as plain rows, and graphs of them.

They are small on purpose, and drawn so that what breaks real programs is common: many ties in
time, customers with one interaction or none, channels, stages and values that are missing,
referrals that go in circles, times at the edges of what a timestamp holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
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
_SESSIONS = ("s1", "s2", "s3")


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
        return graph_from_rows(
            self.rows, referrals=self.referrals, customers=self.customers, **self.columns
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


def times(extreme: bool = False) -> st.SearchStrategy[int]:
    """Moments with many ties: a few days, hours or microseconds after each other."""
    near = st.one_of(
        st.integers(0, 5),
        st.integers(0, 60).map(lambda day: day * DAY_US),
        st.integers(0, 48).map(lambda hour: hour * DAY_US // 24),
        st.sampled_from([30 * DAY_US - 1, 30 * DAY_US, 30 * DAY_US + 1]),
    )
    if not extreme:
        return near
    return st.one_of(near, st.integers(_FIRST_US, _LAST_US), st.sampled_from([_FIRST_US, _LAST_US]))


def values() -> st.SearchStrategy[int | None]:
    """Amounts in minor units, often none, sometimes zero or negative."""
    return st.one_of(st.none(), st.sampled_from([0, 1, 999, -250]), st.integers(-(10**12), 10**12))


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
    customers = st.sampled_from(CUSTOMERS[: draw(st.integers(1, max_customers))])
    names = TOUCHPOINTS[: draw(st.integers(1, max_touchpoints))]
    if many_touchpoints and draw(st.booleans()):
        names = tuple(f"page {number}" for number in range(300))
    row = st.tuples(
        customers,
        times(extreme_times),
        st.sampled_from(names),
        st.one_of(st.none(), st.sampled_from(CHANNELS)),
        st.one_of(st.none(), st.sampled_from(STAGES)),
        values(),
    )
    rows = draw(st.lists(row, max_size=max_interactions))
    if many_touchpoints and len(names) == 300 and draw(st.booleans()):
        rows += [("a", number, name, None, None, None) for number, name in enumerate(names)]
    return World(
        rows=rows,
        referrals=draw(referrals(max_customers)),
        customers=draw(st.lists(st.sampled_from(CUSTOMERS), max_size=2)),
        columns=draw(columns(len(rows))),
    )


def referrals(max_customers: int = 6) -> st.SearchStrategy[list[tuple[Any, ...]]]:
    """Referrals with self-referrals, circles, rivals, and word of mouth of unknown source."""
    names = st.sampled_from(CUSTOMERS[:max_customers])
    row = st.tuples(
        st.one_of(st.none(), names),
        names,
        st.one_of(st.none(), times()),
        st.one_of(st.none(), st.sampled_from(CHANNELS)),
    )
    return st.lists(row, max_size=8)


@st.composite
def columns(draw: st.DrawFn, n_rows: int) -> dict[str, list[Any]]:
    """Further columns, each there or not: sequence, session, initiator, a property."""
    offered: dict[str, st.SearchStrategy[Any]] = {
        "sequence": st.integers(-1, 2),
        "session": st.one_of(st.none(), st.sampled_from(_SESSIONS)),
        "initiator": st.one_of(st.none(), st.sampled_from(["customer", "company"])),
        "emotion": st.one_of(st.none(), st.integers(-1000, 1000)),
        "colour": st.one_of(st.none(), st.sampled_from(["red", "green"])),
    }
    names = draw(st.sets(st.sampled_from(sorted(offered))))
    return {
        name: draw(st.lists(offered[name], min_size=n_rows, max_size=n_rows))
        for name in sorted(names)
    }


def graphs(**options: Any) -> st.SearchStrategy[JourneyGraph]:
    """Graphs of random worlds, for what needs no naive twin."""
    return worlds(**options).map(lambda world: world.graph)
