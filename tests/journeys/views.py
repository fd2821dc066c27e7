"""Random options of a view, and what a view says in the naive twin's words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from journeygraph.graph import JourneyGraph
from journeygraph.journeys import Journeys
from tests import strategies
from tests.naive import journeys as naive
from tests.strategies import CHANNELS, CUSTOMERS, DAY_US, TOUCHPOINTS, World, worlds

__all__ = ["ask", "cases", "described", "expected"]

_SPLITS = [
    {"inactivity_us": DAY_US // 24},
    {"inactivity_us": DAY_US},
    {"inactivity_us": 30 * DAY_US},
    {"outcome": True},
    {"column": "session"},
]
_PATTERNS = ["p*", "*e", "?a*", "*o*", "home*", "*@web", "unknown*", "pur?hase", "*", "zzz*"]
_GROUPS = [
    {"pattern": "p.*", "as": "p", "regex": True},
    {"pattern": "(.).*e", "as": r"\1 and e", "regex": True},
    {"pattern": "page 1*", "as": "pages 1"},
    *({"pattern": pattern, "as": "group"} for pattern in _PATTERNS),
    {"pattern": "*a*", "as": "purchase"},
]
_TOLERANCES = [0, 1, DAY_US // 24, 2 * DAY_US, 365 * DAY_US]
_BY = ["touchpoint", "channel", "stage", "touchpoint_at_channel"]


def _some(names: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)


def _maybe(
    offered: dict[str, st.SearchStrategy[Any]], at_most: int = 2
) -> st.SearchStrategy[dict[str, Any]]:
    """Few of the keys: all at once would leave nothing."""
    keys = st.lists(st.sampled_from(sorted(offered)), min_size=1, max_size=at_most, unique=True)
    return keys.flatmap(lambda chosen: st.fixed_dictionaries({key: offered[key] for key in chosen}))


@st.composite
def _busy_worlds(draw: st.DrawFn) -> World:
    """Few customers and touchpoints, much happening: repeats, gaps, sessions that overlap."""
    row = st.tuples(
        st.sampled_from(CUSTOMERS[:3]),
        strategies.times(),
        st.sampled_from(TOUCHPOINTS[: draw(st.integers(2, 5))]),
        st.sampled_from([None, *CHANNELS[:2]]),
        st.sampled_from([None, "inquiry", "purchase"]),
        strategies.values(),
    )
    rows = draw(st.lists(row, min_size=8, max_size=30))
    sessions = st.lists(st.sampled_from(["s", "t", None]), min_size=len(rows), max_size=len(rows))
    return World(
        rows=rows,
        referrals=draw(strategies.referrals(4)),
        columns={**draw(strategies.columns(len(rows))), "session": draw(sessions)},
    )


@st.composite
def cases(
    draw: st.DrawFn, /, simultaneous: bool = False, **options: Any
) -> tuple[World, dict[str, Any]]:
    """A world and options for it, in the naive twin's form; every name in them is known.

    Parameters
    ----------
    simultaneous
        Whether there may be a tolerance; then items may be sets, of which a name means several.
    """
    world = draw(st.one_of(worlds(**options), _busy_worlds(), _busy_worlds()))
    touchpoints = sorted({row[2] for row in world.rows})
    by = draw(st.sampled_from(_BY))
    found: dict[str, Any] = {"by": by, "unit": draw(st.sampled_from(["customer", "journey"]))}
    if touchpoints:
        found["where"] = draw(st.one_of(st.none(), _wheres(world, touchpoints)))
        found["outcome"] = draw(st.one_of(st.none(), _outcomes(touchpoints)))
        found["rules"] = draw(
            st.one_of(st.none(), _rules(naive.all_names(world, by), simultaneous))
        )
    splits = _SPLITS + ([{"column": "colour"}] if any(world.columns.get("colour", [])) else [])
    found["split"] = draw(st.sampled_from([None, *splits]))
    return world, found


def _wheres(world: World, touchpoints: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    channels = {row[3] or "unknown" for row in world.rows} & {*CHANNELS, "unknown"}
    customers = sorted({row[0] for row in world.rows})
    edges = sorted({row[1] + shift for row in world.rows for shift in (-1, 0, 1)})
    edges = [edge for edge in edges if -62_135_596_800_000_000 <= edge < 253_402_300_800_000_000]
    asked = _maybe(
        {
            "ids": _some(customers),
            "touched": _some(touchpoints),
            "not_touched": _some(touchpoints),
            "referred": st.booleans(),
            "has_outcome": st.booleans(),
        }
    )
    offered = {
        "from": st.sampled_from(edges),
        "until": st.sampled_from(edges),
        "touchpoints": _some(touchpoints),
        "exclude_touchpoints": _some(touchpoints),
        "channels": _some(sorted(channels)),
        "stages": _some(["unknown", "inquiry", "purchase"]),
        "initiators": _some(["unknown", "customer", "company", "third party"]),
        "min_value": st.sampled_from([0, 1, -3]),
        "max_value": st.sampled_from([1, 100]),
        "customers": asked,
    }
    return _maybe(offered).filter(
        lambda where: "from" not in where or where["from"] < where.get("until", where["from"] + 1)
    )


def _outcomes(touchpoints: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    offered = {
        "touchpoints": _some(touchpoints),
        "stages": _some(["purchase", "support"]),
        "min_value": st.sampled_from([0, 1]),
    }
    return _maybe(offered).filter(bool)


def _rules(names: list[str], simultaneous: bool) -> st.SearchStrategy[dict[str, Any]]:
    new_names = st.sampled_from([*names, "new", "home", "cart + home", "+", r"\+ ad"])
    groups = [*_GROUPS, *({"pattern": name, "as": "group"} for name in names)]
    tolerances = {"tolerance_us": st.sampled_from(_TOLERANCES)} if simultaneous else {}
    return _maybe(
        {
            "rename": st.dictionaries(st.sampled_from(names), new_names, max_size=3),
            "group": st.lists(st.sampled_from(groups), min_size=1, max_size=2),
            "exclude": st.lists(st.sampled_from(_PATTERNS + names), min_size=1, max_size=2),
            "collapse": st.booleans(),
            **tolerances,
        },
        3 if simultaneous else 2,
    )


def ask(graph: JourneyGraph, options: dict[str, Any], **further: Any) -> Journeys:
    """The view of these options; times and lengths of time as people write them."""
    given = {**options, **further}
    where, split, rules = (dict(given.get(name) or {}) for name in ("where", "split", "rules"))
    for name in ("from", "until"):
        if name in where:
            where[name] = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=where[name])
    if "inactivity_us" in split:
        split["inactivity"] = timedelta(microseconds=split.pop("inactivity_us"))
    if "tolerance_us" in rules:
        rules["tolerance"] = timedelta(microseconds=rules.pop("tolerance_us"))
    return graph.journeys(**{**given, "where": where, "split": split or None, "rules": rules})


def described(view: Journeys) -> list[Any]:
    """Units as (customer, history, journeys as (extent, items as (name, start, end)))."""
    arrival = view.graph.column("row")
    found: list[Any] = [
        (name, arrival[first:last].tolist(), [])
        for name, first, last in zip(
            view.graph.customer_id(view.unit_customers), view.unit_starts, view.unit_ends,
            strict=True,
        )
    ]  # fmt: skip
    for unit, first, last in zip(
        view.journey_units, view.journey_starts, view.journey_ends, strict=True
    ):
        found[unit][2].append((arrival[first:last].tolist(), _items(view, first, last)))
    return found


def _items(view: Journeys, first: int, last: int) -> list[Any]:
    items: list[Any] = []
    for row in range(first, last):
        code, at = int(view.item_codes[row]), int(view.graph.at_us[row])
        if code < view.n_items:
            items.append((view.items[code], at, at))
        elif code == view.repeated_code:
            items[-1] = (*items[-1][:2], at)
        else:
            assert code == view.skipped_code
    return items


def expected(units: list[naive.Unit]) -> list[Any]:
    """The same of the naive twin's units."""
    return [
        (
            unit.customer,
            [one.arrival for one in unit.history],
            [
                (
                    [one.arrival for one in journey.extent],
                    [(kept.item, kept.start, kept.end) for kept in journey.items],
                )
                for journey in unit.journeys
            ],
        )
        for unit in units
    ]
