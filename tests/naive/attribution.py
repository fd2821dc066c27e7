"""Attribution in fractions, read off DEFINITIONS.md: paths one by one, chains by elimination."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import permutations

from tests.naive.journeys import Interaction, Journey, Kept, Unit, called, name_of

__all__ = [
    "Path",
    "chain",
    "credit",
    "eliminate",
    "outcome_chance",
    "paths",
    "removal_effects",
    "shapley",
    "worth_of_outcomes",
    "worth_of_rate",
]

Credit = dict[str, Fraction]
Weights = tuple[Fraction, Fraction, Fraction]
USUAL: Weights = (Fraction(2, 5), Fraction(1, 5), Fraction(2, 5))
Steps = list[tuple[Interaction, str | None]]


@dataclass(frozen=True)
class Path:
    """Items as (at, name, channel); `weight` is how often there is such a path."""

    customer: str
    items: tuple[tuple[int, str, str], ...]
    converts: bool
    value: int = 0
    weight: int = 1

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for _at, name, _channel in self.items)


def paths(
    units: Sequence[Unit],
    is_outcome: Callable[[Interaction], bool],
    as_of: int,
    limit_us: int,
    *,
    scope: str = "each_outcome",
    with_outcome_item: bool = False,
    open_as_null: bool = False,
    by: str | None = None,
) -> tuple[list[Path], int]:
    """The paths, those without an item too, and how many journeys are open."""
    found: list[Path] = []
    n_open = 0
    for unit in units:
        for journey in unit.journeys:
            steps, worth = steps_of(journey, by), worth_of(journey, is_outcome)
            if worth:
                of_scope = {"whole_journey": whole_journey}.get(scope, to_outcomes)
                ways = of_scope(unit.customer, steps, worth, with_outcome_item)
                found += ways[:1] if scope == "first_outcome" else ways
            elif not open_as_null and as_of - journey.extent[-1].at < limit_us:
                n_open += 1
            else:
                found.append(path_of(unit.customer, steps, False, 0))
    return found, n_open


def worth_of(journey: Journey, is_outcome: Callable[[Interaction], bool]) -> dict[int, int]:
    """What the outcomes brought, by the arrival that each stands at: those of a set are one."""
    stand_at = {one.arrival: group[0].arrival for group in journey.sets for one in group}
    worth: dict[int, int] = {}
    for one in journey.extent:
        if is_outcome(one):
            arrival = stand_at.get(one.arrival, one.arrival)
            worth[arrival] = worth.get(arrival, 0) + (one.value or 0)
    return worth


def whole_journey(
    customer: str, steps: Steps, worth: dict[int, int], _with_item: bool
) -> list[Path]:
    return [path_of(customer, steps, True, sum(worth.values()))]


def to_outcomes(customer: str, steps: Steps, worth: dict[int, int], with_item: bool) -> list[Path]:
    found = []
    since: Steps = []
    for one, item in steps:
        if one.arrival in worth:
            last = [(one, item)] if with_item else []
            found.append(path_of(customer, since + last, True, worth[one.arrival]))
            since = []
        else:
            since.append((one, item))
    return found


def steps_of(journey: Journey, by: str | None) -> Steps:
    """Each interaction with the item that it is, None where it is none or repeats one."""
    runs = list(journey.items)
    steps: Steps = []
    begins = True
    for one in journey.extent:
        if one.arrival not in journey.kept:
            steps.append((one, None))
            continue
        steps.append((as_a_whole(one, runs[0]), item_of(runs[0], journey, by) if begins else None))
        begins = one.arrival == runs[0].last
        if begins:
            runs.pop(0)
    return steps


def item_of(kept: Kept, journey: Journey, by: str | None) -> str:
    if not by:
        return kept.item
    names = {name_of(one, by) for _, one in kept.members}
    return called(names) if journey.in_sets else names.pop()


def as_a_whole(one: Interaction, kept: Kept) -> Interaction:
    """An interaction; the first of a set with a channel that is direct where all of it is."""
    if one is not kept.members[0][1]:
        return one
    channels = [member.channel for _, member in kept.members]
    others = [channel for channel in channels if channel != "direct"]
    return replace(one, channel=(others or channels)[0])


def path_of(customer: str, steps: Steps, converts: bool, value: int) -> Path:
    items = tuple((one.at, item, one.channel) for one, item in steps if item is not None)
    return Path(customer, items, converts, value)


def credit(
    method: str, all_paths: Sequence[Path], weights: Weights = USUAL, by_channel: bool = False
) -> Credit:
    """What the rules of place credit; `weights` are first, between and last."""
    given: Credit = defaultdict(Fraction)
    for path in all_paths:
        if path.converts and path.items:
            shares = shares_of(method, path, weights, by_channel)
            for name, share in zip(path.names, shares, strict=True):
                given[name] += share * path.weight
    return dict(given)


def shares_of(method: str, path: Path, weights: Weights, by_channel: bool) -> list[Fraction]:
    names, n = path.names, len(path.items)
    at = dict.fromkeys(("first", "last", "last_non_direct"), n - 1) | {"first": 0}
    if method == "last_non_direct":
        channels = [name if by_channel else channel for _at, name, channel in path.items]
        others = [place for place in range(n) if channels[place] != "direct"]
        at[method] = others[-1] if others else n - 1
    if method in at:
        return [Fraction(place == at[method]) for place in range(n)]
    if method == "linear":
        return [Fraction(1, n)] * n
    if method == "participation":
        return [Fraction(names.index(name) == place) for place, name in enumerate(names)]
    first, between, last = weights
    if n == 1:
        return [Fraction(1)]
    if n == 2:
        ends = first + last
        return [first / ends, last / ends] if ends else [Fraction(1, 2)] * 2
    return [first, *[between / (n - 2)] * (n - 2), last]


State = tuple[str, ...]


def chain(all_paths: Sequence[Path], order: int) -> dict[State, Counter[str | bool]]:
    """Moves from states (the last `order` items) to an item, or to True or False at the end."""
    moves: dict[State, Counter[str | bool]] = defaultdict(Counter)
    for path in all_paths:
        if path.items:
            state: State = ()
            for name in path.names:
                moves[state][name] += path.weight
                state = (*state, name)[-order:]
            moves[state][path.converts] += path.weight
    return moves


def outcome_chance(
    moves: dict[State, Counter[str | bool]], order: int, removed: str | None = None
) -> Fraction:
    """The chance to reach the outcome from the start, by elimination; to nothing by `removed`."""
    states = [()] + sorted(state for state in moves if state)
    place = {state: number for number, state in enumerate(states)}
    n = len(states)
    rows = [[Fraction(0)] * (n + 1) for _ in states]
    for state in states:
        row = rows[place[state]]
        row[place[state]] += 1
        whole = sum(moves[state].values())
        for following, count in moves[state].items():
            if following is True:
                row[n] += Fraction(count, whole)
            elif isinstance(following, str) and following != removed:
                row[place[(*state, following)[-order:]]] -= Fraction(count, whole)
    eliminate(rows)
    return rows[0][n]


def eliminate(rows: list[list[Fraction]]) -> None:
    """Solve equations in place: the last column becomes the solution."""
    n = len(rows)
    for pivot in range(n):
        swap = next(row for row in range(pivot, n) if rows[row][pivot])
        rows[pivot], rows[swap] = rows[swap], rows[pivot]
        rows[pivot] = [number / rows[pivot][pivot] for number in rows[pivot]]
        for other in range(n):
            if other != pivot and rows[other][pivot]:
                factor = rows[other][pivot]
                rows[other] = [
                    a - factor * b for a, b in zip(rows[other], rows[pivot], strict=True)
                ]


def removal_effects(all_paths: Sequence[Path], order: int) -> Credit:
    """The share of outcomes lost without each item."""
    names = sorted({name for path in all_paths for name in path.names})
    moves = chain(all_paths, order)
    whole = outcome_chance(moves, order) if names else Fraction(0)
    return {
        name: 1 - outcome_chance(moves, order, name) / whole if whole else Fraction(0)
        for name in names
    }


def worth_of_outcomes(all_paths: Sequence[Path], names: frozenset[str]) -> Fraction:
    """Outcomes whose paths hold no other item."""
    return Fraction(
        sum(
            path.weight
            for path in all_paths
            if path.converts and path.items and set(path.names) <= names
        )
    )


def worth_of_rate(all_paths: Sequence[Path], names: frozenset[str]) -> Fraction:
    """The outcome rate of the paths that hold no other item, 0 where there is none."""
    within = sum(path.weight for path in all_paths if path.items and set(path.names) <= names)
    return worth_of_outcomes(all_paths, names) / within if within else Fraction(0)


def shapley(
    all_paths: Sequence[Path], worth: Callable[[Sequence[Path], frozenset[str]], Fraction]
) -> Credit:
    """What each item adds to those before it, averaged over every order."""
    names = sorted({name for path in all_paths for name in path.names})
    given: Credit = {name: Fraction(0) for name in names}
    orders = list(permutations(names))
    for order in orders:
        for place, name in enumerate(order):
            before, after = frozenset(order[:place]), frozenset(order[: place + 1])
            given[name] += worth(all_paths, after) - worth(all_paths, before)
    return {name: whole / len(orders) for name, whole in given.items()}
