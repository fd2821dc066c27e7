"""The question about attribution, and what its options come down to.

An option of another method is an error: credit that seems to follow an order or a half-life, and
does not, would be believed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from journeygraph.durations import parse_duration
from journeygraph.errors import ConflictingOptionsError, InvalidOptionError
from journeygraph.statistics.attribution import MOST_SET_ITEMS, highest_order
from journeygraph.statistics.paths_to_outcomes import PathRule, PathScope
from queries.attribution_credit import AttributionMethod, Recipe, Worth
from queries.question import Question

if TYPE_CHECKING:
    from journeygraph.durations import Duration
    from journeygraph.labelling import By

__all__ = [
    "MOST_REPLICATES",
    "MOST_SAMPLES",
    "Attribution",
    "highest_of",
    "recipe_of",
    "rule_of",
    "validate_number",
    "validate_order",
]

HALF_LIFE = "7d"
POSITION_WEIGHTS = (0.4, 0.2, 0.4)
MOST_REPLICATES = 1_000
MOST_SAMPLES = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution(Question):
    """Which items outcomes are credited to.

    Attributes
    ----------
    method
        How an outcome is divided among the items before it.
    by
        What is credited; by default the items of the journeys.
    order
        MARKOV: how many items a state remembers; 1 by default.
    order_up_to
        MARKOV: choose the order, from 1 to this, by the likelihood of customers held out.
    half_life
        TIME_DECAY: an item so long before the last gets half as much; 7 days by default.
    weights
        POSITION: what the first, those between and the last get; 0.4, 0.2, 0.4 by default.
    worth
        SHAPLEY: what a set of items is worth; the outcomes of paths within it by default.
    samples, seed
        SHAPLEY of rates beyond 20 items: how many orders are drawn; `seed` is that of the
        bootstrap, too.
    paths
        Where a path to an outcome begins and ends.
    with_outcome_item
        Whether the outcome's own item is the last of its path.
    open_as_null
        Whether journeys that are still open count as null paths.
    replicates
        Draws of customers for intervals; 0 for none.
    first, after
        How many items, and behind which cursor.
    """

    method: AttributionMethod = AttributionMethod.MARKOV
    by: By | None = None
    order: int | None = None
    order_up_to: int | None = None
    half_life: Duration | None = None
    weights: Sequence[float] | None = None
    worth: Worth | None = None
    samples: int = 4096
    paths: PathScope = PathScope.EACH_OUTCOME
    with_outcome_item: bool = False
    open_as_null: bool = False
    replicates: int = 0
    seed: int = 0
    first: int = 20
    after: str | None = None


_BELONGS_TO = {
    "order": AttributionMethod.MARKOV,
    "order_up_to": AttributionMethod.MARKOV,
    "half_life": AttributionMethod.TIME_DECAY,
    "weights": AttributionMethod.POSITION,
    "worth": AttributionMethod.SHAPLEY,
}


def rule_of(question: Attribution) -> PathRule:
    """What makes a path."""
    return PathRule(
        scope=PathScope(question.paths),
        with_outcome_item=bool(question.with_outcome_item),
        open_as_null=bool(question.open_as_null),
    )


def recipe_of(question: Attribution, n_items: int, confidence: float) -> Recipe:
    """The method with its options.

    Raises
    ------
    InvalidOptionError, ConflictingOptionsError, InvalidDurationError
        Where an option cannot be used, or belongs to another method.
    """
    method = AttributionMethod(question.method)
    for option, its_method in _BELONGS_TO.items():
        if getattr(question, option) is not None and method is not its_method:
            raise ConflictingOptionsError(option, f"method {method.name}")
    if question.order is not None and question.order_up_to is not None:
        raise ConflictingOptionsError("order", "order_up_to")
    validate_number("replicates", question.replicates, 0, MOST_REPLICATES)
    validate_number("samples", question.samples, 2, MOST_SAMPLES)
    validate_number("seed", question.seed, 0, (1 << 31) - 1)
    worth = Worth.OUTCOMES if question.worth is None else Worth(question.worth)
    if worth is Worth.OUTCOME_RATE and n_items > MOST_SET_ITEMS:
        expected = f"OUTCOMES with more than {MOST_SET_ITEMS} items, and here are {n_items}"
        raise InvalidOptionError("worth", worth.name, expected)
    return Recipe(
        method=method,
        n_items=n_items,
        order=validate_order(question.order, n_items),
        half_life_us=parse_duration(question.half_life or HALF_LIFE, "half_life"),
        weights=_weights(question.weights),
        worth=worth,
        samples=question.samples,
        seed=question.seed,
        confidence=confidence,
    )


def validate_order(given: int | None, n_items: int, argument: str = "order") -> int:
    """An order of the chain, 1 where none is given; refuse what states cannot hold."""
    return validate_number(argument, 1 if given is None else given, 1, highest_order(n_items))


def highest_of(question: Attribution, n_items: int) -> int | None:
    """The highest order to choose from; None where it is given."""
    given = question.order_up_to
    return None if given is None else validate_order(given, n_items, "order_up_to")


def validate_number(argument: str, given: int, least: int, most: int) -> int:
    """A whole number between two; refuse all else with `InvalidOptionError`."""
    if not least <= given <= most:
        raise InvalidOptionError(argument, given, f"a whole number from {least} to {most}")
    return given


def _weights(given: Sequence[float] | None) -> tuple[float, float, float]:
    expected = "three numbers, 0 or more, not all 0: first, between, last"
    weights = POSITION_WEIGHTS if given is None else tuple(given)
    if len(weights) != 3 or not all(_is_weight(weight) for weight in weights) or not sum(weights):
        raise InvalidOptionError("weights", list(weights), expected)
    whole = sum(weights)
    first, between, last = (weight / whole for weight in weights)
    return first, between, last


def _is_weight(given: object) -> bool:
    return isinstance(given, int | float) and 0 <= given < 1e300
