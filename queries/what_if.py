"""What if a touchpoint were removed, lost fewer of its customers, or took less time.

The paths to outcomes are taken for an absorbing chain, as in Markov attribution: what comes next
hangs on the last items alone. Its chances are changed at the items asked for, it is solved exactly,
and the intervals come from the same done again with customers drawn anew. With nothing changed the
chain gives the very outcomes and value that there are, and what a removed item loses is its removal
effect. What has to be assumed stands in the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from journeygraph.errors import InvalidOptionError
from journeygraph.given import mappings_as, names
from journeygraph.statistics.changed_chain import drop_off_at
from journeygraph.statistics.path_moves import PathMoves
from journeygraph.statistics.paths_to_outcomes import PathRule, paths_of_journeys
from queries.attribution_customers import PathCustomers
from queries.attribution_intervals import draws_of_customers
from queries.attribution_recipe import MOST_REPLICATES, validate_number, validate_order
from queries.intervals import SMALL_GROUP
from queries.outcomes import outcome_warnings
from queries.question import Question
from queries.what_if_chain import ChainChange, ChangeKind, Numbers, WhatIfChain

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from queries.customer_lists import CustomerList

__all__ = [
    "ChangeKind",
    "Expected",
    "Fix",
    "ItemChange",
    "SpeedUp",
    "WhatIf",
    "WhatIfAnswer",
    "what_if",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """An item at which no more than `drop_off` (0 to 1) of the paths there end in nothing."""

    item: str = ""
    drop_off: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedUp:
    """An item behind which what follows comes in `factor` (0 to 1) of the time."""

    item: str = ""
    factor: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf(Question):
    """What would be expected with these changes; each item in one of them.

    Attributes
    ----------
    remove
        Items that nobody meets any more.
    fix, speed_up
        Items that lose fewer, and items that are faster.
    order
        How many items a state of the chain remembers.
    replicates, seed
        Draws of customers for intervals, 0 for none, and what they hang on.
    """

    remove: Sequence[str] | None = None
    fix: Sequence[Fix | Mapping[str, Any]] | None = None
    speed_up: Sequence[SpeedUp | Mapping[str, Any]] | None = None
    order: int = 1
    replicates: int = 200
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemChange:
    """What is done to an item.

    Attributes
    ----------
    drop_off, drop_off_then
        Of all times that somebody is there, the share after which nothing comes, as it is and as
        it would be; None where nobody is there, and `drop_off_then` where it is removed.
    times
        How often somebody is there.
    """

    item: str
    kind: ChangeKind
    times: int
    drop_off: float | None
    drop_off_then: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A number as it is, and as it would be; intervals are None without replicates.

    Attributes
    ----------
    actual, expected
        Of the paths that there are.
    difference
        expected - actual.
    change
        difference / actual; None where that is 0.
    """

    actual: float | None
    expected: float | None
    low: float | None
    high: float | None
    difference: float | None
    difference_low: float | None
    difference_high: float | None
    change: float | None
    change_low: float | None
    change_high: float | None


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class WhatIfAnswer:
    """What would be expected.

    Attributes
    ----------
    order, replicates
        Of the chain, and of the bootstrap.
    paths
        Paths with an item: those to an outcome, and closed ones without.
    outcomes, outcome_rate, value
        How many outcomes these paths lead to, their share of all paths, and what they bring in
        major units of money.
    changes
        What is changed, in the order in which it was asked for.
    null_paths, open_paths
        Closed journeys without an outcome, and those still open, which are left out.
    assumptions
        What has to hold for this to be so.
    warnings
        What to mind.
    credited_customers, null_customers, open_customers
        Whose outcomes and paths were counted.
    """

    order: int
    replicates: int
    paths: int
    outcomes: Expected
    outcome_rate: Expected
    value: Expected
    changes: tuple[ItemChange, ...]
    null_paths: int
    open_paths: int
    assumptions: tuple[str, ...]
    warnings: tuple[str, ...]
    credited_customers: CustomerList = field(repr=False)
    null_customers: CustomerList = field(repr=False)
    open_customers: CustomerList = field(repr=False)


def what_if(question: WhatIf, journeys: Journeys) -> WhatIfAnswer:
    """Answer the question. Outcomes are counted, whatever the unit of the journeys is.

    Raises
    ------
    JourneyGraphError
        Where an item is not there or is changed twice, or a number cannot be used.
    """
    changes = _changes(question, journeys)
    order = validate_order(question.order, journeys.n_items)
    validate_number("replicates", question.replicates, 0, MOST_REPLICATES)
    validate_number("seed", question.seed, 0, (1 << 31) - 1)
    rule = PathRule()
    parts = paths_of_journeys(journeys, rule)
    moves = PathMoves.of(parts, journeys.n_items, order)
    chain = WhatIfChain.of(moves, journeys.n_items, order)
    drawn = [
        WhatIfChain.of(moves, journeys.n_items, order, [part.weights for part in draw]).numbers(
            changes
        )
        for draw in draws_of_customers(
            parts, journeys.unit_customers, question.replicates, question.seed
        )
    ]
    outcomes, outcome_rate, value = _expected(chain.numbers(changes), drawn, journeys)
    who = PathCustomers(journeys, rule)
    n_null = sum(int((~part.converts).sum()) for part in parts)
    n_open = sum(part.n_open for part in parts)
    shown = _shown(changes, chain)
    return WhatIfAnswer(
        order=order,
        replicates=question.replicates,
        paths=chain.paths,
        outcomes=outcomes,
        outcome_rate=outcome_rate,
        value=value,
        changes=shown,
        null_paths=n_null,
        open_paths=n_open,
        assumptions=tuple(_assumptions(changes, order)),
        warnings=(
            *outcome_warnings(journeys),
            *_warnings(question, shown, outcomes.actual, n_null, n_open),
        ),
        credited_customers=who.credited(),
        null_customers=who.null(),
        open_customers=who.open(),
    )


def _changes(question: WhatIf, journeys: Journeys) -> list[ChainChange]:
    gone = names(question.remove or None, "remove") or ()
    fixes = mappings_as(Fix, question.fix, "fix")
    faster = mappings_as(SpeedUp, question.speed_up, "speed_up")
    asked = [
        *((ChangeKind.REMOVE, name, 0.0) for name in gone),
        *((ChangeKind.FIX, fix.item, _share("drop_off", fix.drop_off)) for fix in fixes),
        *((ChangeKind.SPEED_UP, one.item, _share("factor", one.factor)) for one in faster),
    ]
    changes = [
        ChainChange(kind, name, journeys.item_codes_of(kind.value, [name]), amount)
        for kind, name, amount in asked
    ]
    codes = [code for change in changes for code in change.codes]
    if len({*codes}) < len(codes):
        named = [change.item for change in changes]
        raise InvalidOptionError("remove, fix, speed_up", named, "each item in one change")
    return changes


def _share(argument: str, given: Any) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= 1:
        raise InvalidOptionError(argument, given, "a number from 0 to 1")
    return float(given)


def _expected(
    found: tuple[Numbers, Numbers], drawn: Sequence[tuple[Numbers, Numbers]], journeys: Journeys
) -> Iterator[Expected]:
    """Each number with the middle of what the draws give."""
    scales = (1.0, 1.0, 10.0**-journeys.graph.exponent)
    for place, scale in enumerate(scales):
        actual, then = (_known(numbers[place]) for numbers in found)
        pairs = np.array([(a[place], b[place]) for a, b in drawn], np.float64).reshape(-1, 2)
        change = None if not actual or then is None else (then - actual) / actual
        some = pairs[pairs[:, 0] != 0]
        of_expected = _middle(pairs[:, 1] * scale, journeys.confidence)
        of_difference = _middle((pairs[:, 1] - pairs[:, 0]) * scale, journeys.confidence)
        of_change = _middle((some[:, 1] - some[:, 0]) / some[:, 0], journeys.confidence)
        yield Expected(
            actual=_scaled(actual, scale),
            expected=_scaled(then, scale),
            low=of_expected[0],
            high=of_expected[1],
            difference=None if actual is None or then is None else (then - actual) * scale,
            difference_low=of_difference[0],
            difference_high=of_difference[1],
            change=change,
            change_low=None if change is None else of_change[0],
            change_high=None if change is None else of_change[1],
        )


def _known(number: float) -> float | None:
    return None if np.isnan(number) else number


def _scaled(number: float | None, scale: float) -> float | None:
    return None if number is None else number * scale


def _middle(numbers: Any, confidence: float) -> tuple[float | None, float | None]:
    known = numbers[~np.isnan(numbers)]
    if not len(known):
        return None, None
    low, high = np.quantile(known, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def _shown(changes: Sequence[ChainChange], chain: WhatIfChain) -> tuple[ItemChange, ...]:
    then = chain.kept_with(changes)
    return tuple(
        ItemChange(
            item=change.item,
            kind=change.kind,
            times=chain.times_at(change.codes),
            drop_off=drop_off_at(chain.chain, change.codes),
            drop_off_then=None
            if change.kind is ChangeKind.REMOVE
            else drop_off_at(then, change.codes),
        )
        for change in changes
    )


def _assumptions(changes: Sequence[ChainChange], order: int) -> Iterator[str]:
    kinds = {change.kind for change in changes}
    last = "item" if order == 1 else f"{order} items"
    yield (
        f"What comes next hangs on the last {last} alone, and nothing changes but what is asked "
        "for: customers come as before, and an outcome brings what outcomes after the same "
        f"{last} brought on average."
    )
    if ChangeKind.REMOVE in kinds:
        yield (
            "Whoever would meet a removed item comes to nothing, and nobody finds another way: "
            "that is the most that can be lost."
        )
    if ChangeKind.FIX in kinds:
        yield "Whoever no longer leaves at a fixed item goes on as those did who went on."
    if ChangeKind.SPEED_UP in kinds:
        yield (
            "Customers leave at a constant rate for as long as they wait, so that a shorter wait "
            "loses fewer; those who are kept go on as the others."
        )
    yield "What goes with an item in the data is taken for what the item does."


def _warnings(
    question: WhatIf,
    shown: Sequence[ItemChange],
    outcomes: float | None,
    n_null: int,
    n_open: int,
) -> Iterator[str]:
    if n_open > n_null:
        yield (
            f"More journeys are still open ({n_open}) than came to nothing ({n_null}): those left "
            "out may not be like the others. Shorten inactivity."
        )
    if (outcomes or 0) < SMALL_GROUP:
        yield f"Paths lead to {outcomes or 0:.0f} outcomes: fewer than {SMALL_GROUP} say little."
    for change in shown:
        if not change.times:
            yield f"{change.item!r} is on no path: changing it changes nothing."
    fixes = mappings_as(Fix, question.fix, "fix")
    limits = {fix.item: fix.drop_off or 0.0 for fix in fixes}
    for change in shown:
        if change.kind is ChangeKind.FIX and change.drop_off is not None:
            yield from _fix_warnings(change, limits[change.item])


def _fix_warnings(change: ItemChange, limit: float) -> Iterator[str]:
    now, then = change.drop_off or 0.0, change.drop_off_then or 0.0
    if now <= limit:
        yield f"{change.item!r} loses no more than that as it is: nothing changes there."
    elif then > limit * (1 + 1e-9) + 1e-12:
        yield (
            f"Nobody went on from some places at {change.item!r}, so that nobody knows where to: "
            "they are left as they are."
        )
