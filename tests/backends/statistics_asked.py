"""Every statistic and every finder, with options of all kinds, as engines are asked for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from journeygraph.journeys import Journeys
from journeygraph.statistics import exits, finders, funnel, occurrences
from journeygraph.statistics import loyalty as judging
from journeygraph.statistics.base import MergeableStatistic, total
from journeygraph.statistics.finders import Finder
from journeygraph.statistics.funnel import Steps
from journeygraph.statistics.loyalty import LoyaltyKind, LoyaltyRule
from journeygraph.statistics.ngrams import NGRAMS
from journeygraph.statistics.paths import PATHS
from journeygraph.statistics.sequences import Lists
from journeygraph.statistics.sizes import NAMES_SEEN, SIZES
from journeygraph.statistics.transitions import TRANSITION_SUMS, TRANSITION_TIMES, TRANSITIONS
from tests.strategies import DAY_US

__all__ = ["FAMILIES", "asked_statistics", "judged", "sought_customers"]

Asked = tuple[MergeableStatistic, dict[str, Any]]
Sought = tuple[Finder, dict[str, Any]]

WINDOWS = (None, 0, 3 * DAY_US, 12 * DAY_US)
KINDS = (
    LoyaltyKind.REPEAT_PURCHASE, LoyaltyKind.ACTIVE, LoyaltyKind.NO_CHURN, LoyaltyKind.CHURN,
    LoyaltyKind.VALUE,
)  # fmt: skip


def asked_statistics(family: str, view: Journeys, random: np.random.Generator) -> Iterator[Asked]:
    """What of a family a local view can be asked, with the items it has; loyalty by its rule."""
    yield from FAMILIES[family](view, random)


def sought_customers(view: Journeys, random: np.random.Generator) -> Iterator[Sought]:
    """Whom a local view can be asked for."""
    yield from ((finders.EVERY_UNIT, {}), (funnel.NOBODY, {}))
    for finder in (exits.OPEN_UNITS, exits.COMPLETED_UNITS, exits.GONE_UNITS):
        yield finder, {"inactivity_us": 2 * DAY_US}
    for item in random.integers(0, view.n_items, 2).tolist() if view.n_items else ():
        yield from _at_item(item)
    for asked in _listed(view, random):
        yield from ((occurrences.UNITS_WITH, asked), (occurrences.UNITS_WITHOUT, asked))
    for steps in list(_funnels(view, random))[::3]:
        yield from _at_steps(steps)
    for rule in _rules():
        yield judging.UNITS_JUDGED, {"judged": rule, "states": (1, 3)}


def _at_item(item: int) -> Iterator[Sought]:
    yield exits.UNITS_THAT_VISIT, {"item": item}
    for finder in (exits.UNITS_THAT_EXIT, exits.UNITS_OPEN_AT):
        yield finder, {"item": item, "inactivity_us": 2 * DAY_US}
    exposed = {"judged": next(_rules()), "item": item, "states": (2, 3)}
    for is_exposed in (True, False):
        yield judging.UNITS_JUDGED_AND_EXPOSED, {**exposed, "is_exposed": is_exposed}


def _at_steps(steps: Steps) -> Iterator[Sought]:
    for step in range(1, len(steps) + 1):
        for finder in _OF_STEPS:
            yield finder, {"steps": steps, "step": step}


_OF_STEPS = (funnel.UNITS_THAT_REACH, funnel.UNITS_STILL_OPEN, funnel.UNITS_THAT_DROP)


def judged(view: Any, options: dict[str, Any]) -> dict[str, Any]:
    """The options with units that are judged by the rule among them."""
    if "judged" not in options:
        return options
    return {**options, "judged": judging.judge_units(view, options["judged"])}


def _funnels(view: Journeys, random: np.random.Generator) -> Iterator[Steps]:
    for strict in (False, True):
        for window_us in WINDOWS if view.n_items else ():
            sizes = random.integers(1, 3, random.integers(1, 5)).tolist()
            yield Steps(
                codes=tuple(
                    tuple(sorted(set(random.integers(0, view.n_items, size).tolist())))
                    for size in sizes
                ),
                window_us=window_us,
                strict=strict,
            )


def _listed(view: Journeys, random: np.random.Generator) -> Iterator[dict[str, Any]]:
    for length in (None, 1, 2, 4):
        options = {} if length is None else {"length": length}
        known = total(PATHS if length is None else NGRAMS, view, **options)["path"].to_pylist()
        if known:
            some = random.permutation(len(known))[:4].tolist()
            yield {"lists": Lists.of([known[place] for place in some]), "length": length}


def _rules() -> Iterator[LoyaltyRule]:
    for place, kind in enumerate(KINDS):
        yield LoyaltyRule(
            kind=kind,
            horizon_us=(0, 5 * DAY_US, 9 * DAY_US)[place % 3],
            exposure_window_us=(None, 4 * DAY_US)[place % 2],
            least_minor=100,
        )


def _transitions(view: Journeys, random: np.random.Generator) -> Iterator[Asked]:
    yield from ((TRANSITIONS, {}), (TRANSITION_SUMS, {}))
    if view.n_items:
        edges = random.integers(0, view.n_items, (4, 2))
        yield TRANSITION_TIMES, {"edges": np.unique(edges, axis=0)}


def _loyalty(_view: Journeys, _random: np.random.Generator) -> Iterator[Asked]:
    for rule in _rules():
        yield judging.loyalty_states, {"judged": rule}
        yield judging.loyalty_exposures, {"judged": rule}


FAMILIES: dict[str, Callable[[Journeys, np.random.Generator], Iterable[Asked]]] = {
    "sizes": lambda _view, _random: [(SIZES, {}), (NAMES_SEEN, {})],
    "transitions": _transitions,
    "sequences": lambda _view, _random: [
        (PATHS, {}),
        *((NGRAMS, {"length": length}) for length in (1, 2, 3, 6)),
    ],
    "exits": lambda _view, _random: [
        (exits.EXITS, {"inactivity_us": us}) for us in (None, 0, DAY_US)
    ],
    "funnels": lambda view, random: (
        (funnel.FUNNEL, {"steps": steps}) for steps in _funnels(view, random)
    ),
    "occurrences": lambda view, random: (
        (occurrences.OCCURRENCES, asked) for asked in _listed(view, random)
    ),
    "loyalty": _loyalty,
}
