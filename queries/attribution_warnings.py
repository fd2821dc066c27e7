"""What to mind in an attribution: where credit says little, or not what it seems to say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from journeygraph.labelling import By
from journeygraph.statistics.paths_to_outcomes import DIRECT, PathRule, PathScope
from queries.attribution_credit import AttributionMethod, Credits, Recipe
from queries.intervals import SMALL_GROUP
from queries.outcomes import outcome_warnings

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from queries.attribution_nodes import Met

__all__ = ["credit_warnings", "journey_warnings"]


def journey_warnings(journeys: Journeys, rule: PathRule, recipe: Recipe) -> Iterator[str]:
    """What to mind of these journeys."""
    yield from outcome_warnings(journeys)
    own = rule.with_outcome_item or rule.scope is PathScope.WHOLE_JOURNEY
    outcomes = journeys.outcome.rule.touchpoints
    if own and journeys.by is By.TOUCHPOINT and outcomes:
        yield (
            f"{_names(outcomes)} is the outcome itself and ends its own paths: it is credited for "
            "being there. Leave the outcome's item out, or ask by CHANNEL."
        )
    if recipe.method is AttributionMethod.LAST_NON_DIRECT and not _knows_direct(journeys):
        yield f"No channel is called {DIRECT!r}, so this is the credit of LAST."


def _knows_direct(journeys: Journeys) -> bool:
    names = journeys.items if journeys.by is By.CHANNEL else journeys.graph.channels
    return DIRECT in names


def credit_warnings(
    recipe: Recipe, items: Sequence[str], met: Met, given: Credits, n_null: int, n_open: int = 0
) -> Iterator[str]:
    """What to mind of these credits."""
    if n_open > n_null:
        yield (
            f"More journeys are still open ({n_open}) than came to nothing ({n_null}): those left "
            "out may not be like the others. Count them as null paths with openAsNull, or shorten "
            "inactivity."
        )
    if met.total == 0:
        if n_null:
            yield "No path leads to an outcome: there is nothing to credit."
        return
    yield from _method_warnings(recipe, met, given, n_null)
    if met.total < SMALL_GROUP:
        yield f"Only {met.total} outcomes are credited: fewer than {SMALL_GROUP} say little."
    forced = np.flatnonzero(met.outcomes == met.total).tolist()
    if forced:
        yield (
            f"{_names([items[item] for item in forced])} is on every path to an outcome: a step "
            "that nobody avoids is credited for all of them, whatever it does."
        )


def _method_warnings(recipe: Recipe, met: Met, given: Credits, n_null: int) -> Iterator[str]:
    if recipe.method is AttributionMethod.PARTICIPATION:
        yield (
            f"Participation credits every item of a path in full: the credits do not add up to "
            f"the {met.total} outcomes."
        )
    uses_nulls = given.effects is not None or recipe.worth.name == "OUTCOME_RATE"
    if uses_nulls and not n_null:
        yield (
            "No path came to nothing, so every path leads to an outcome: credit says how often an "
            "item is met, and nothing of what it changes."
        )
    if (given.credit < 0).any():
        yield "Some credit is below 0: with these items the outcome rate is lower than without."


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(repr(name) for name in names[:3]) + more
