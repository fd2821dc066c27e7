"""What to be careful about in an answer on loyalty, and in single touchpoints."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from journeygraph.kernels.loyalty import CENSORED
from journeygraph.statistics.loyalty import LoyaltyKind
from queries.intervals import SMALL_GROUP
from queries.loyalty_nodes import NEARLY_EVERYBODY, LoyaltyFound
from queries.outcomes import outcome_warnings

__all__ = ["warnings_of"]


def warnings_of(found: LoyaltyFound) -> Iterator[str]:
    """The warnings of an answer."""
    tables, judged, censored = found.tables, found.judged, found.counts[CENSORED]
    journeys, kind = judged.journeys, judged.rule.kind
    if kind is LoyaltyKind.COLUMN:
        yield (
            "The exposure may follow the outcome: the column does not say since when it holds, "
            "so everything that a customer met counts as exposure."
        )
    else:
        yield from outcome_warnings(journeys)
    if kind is LoyaltyKind.CHURN:
        yield (
            "What is counted as loyal are those who left: an odds ratio above 1 goes with leaving."
        )
    if kind is LoyaltyKind.ACTIVE and not journeys.graph.says("initiator"):
        yield "No interaction says who began it, so all count as begun by the customer."
    if min(tables.hits, tables.units - tables.hits) < SMALL_GROUP:
        yield (
            f"Of the {tables.units} units judged, {tables.hits} are loyal: fewer than "
            f"{SMALL_GROUP} on one side cannot tell touchpoints apart."
        )
    if censored > tables.units:
        yield (
            f"More units are censored ({censored}) than judged ({tables.units}): those "
            "judged are the early ones. Ask for a shorter horizon."
        )
    yield from _warnings_of_touchpoints(found)


def _warnings_of_touchpoints(found: LoyaltyFound) -> Iterator[str]:
    tables = found.tables
    forced = np.flatnonzero(tables.sizes >= max(1.0, NEARLY_EVERYBODY * tables.units))
    if len(forced):
        yield (
            f"Nearly everybody met {_largest(found, forced)}: a step that is forced, or nearly "
            "so, leaves hardly anybody to compare with."
        )
    survivors = np.flatnonzero(found.of_survivors)
    if len(survivors):
        yield (
            f"Who met {_largest(found, survivors)} had at least twice as long to meet anything: "
            "perhaps only those who stay meet it. Compare like with like: strata tenure."
        )


def _largest(found: LoyaltyFound, items: npt.NDArray[np.intp]) -> str:
    """The names of the three that most units met, and how many more there are."""
    names = found.judged.journeys.items
    ranked = sorted(items.tolist(), key=lambda item: (-found.tables.sizes[item], names[item]))
    more = f" and {len(ranked) - 3} more" if len(ranked) > 3 else ""
    return ", ".join(repr(names[item]) for item in ranked[:3]) + more
