"""The next best touchpoint, one unit and one item at a time, as docs/next-best.md words it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import ceil, log
from typing import Any

from tests.naive import journeys as naive
from tests.strategies import DAY_US, World

__all__ = ["Asked", "NaiveGain", "Occasion", "answer_after", "losses", "occasions"]

NOTHING = None
OTHER = "\0other"


@dataclass(frozen=True, kw_only=True)
class Asked:
    world: World
    outcome: dict[str, Any] | None
    contacts: list[str] | None
    within: int
    horizon: int
    inactivity: int
    objective: str
    known_until: int


@dataclass(frozen=True)
class Occasion:
    unit: int
    at: int
    before: tuple[str, ...]  # all items of the journey up to here, this one included
    next: str | None
    contact: str | None
    delay: int
    channel: str
    amount: float
    outcome_delay: int | None
    stratum: tuple[int, ...]
    is_known: bool
    is_followed: bool


def occasions(units: Sequence[naive.Unit], asked: Asked) -> list[Occasion]:
    """Every item of every journey, what came before and what of it."""
    return [
        _occasion(number, unit, journey, place, asked)
        for number, unit in enumerate(units)
        for journey in unit.journeys
        for place in range(len(journey.items))
    ]


def _occasion(
    number: int, unit: naive.Unit, journey: naive.Journey, place: int, asked: Asked
) -> Occasion:
    kept = journey.items[place]
    here = [one.arrival for one in unit.history].index(kept.members[0][1].arrival)
    later = unit.history[here + 1 :]
    item_at = {item.members[0][1].arrival: item.item for one in unit.journeys for item in one.items}
    outcomes = set(naive.outcomes_of(unit, asked.outcome, asked.world))
    contact, delay, channel = _contact(later, kept.start, unit, item_at, outcomes, asked)
    inside = [one for one in later if one.at - kept.start <= asked.horizon]
    delays = [one.at - kept.start for one in inside if one.arrival in outcomes]
    soon = journey.items[place + 1 : place + 2]
    tenure = kept.start - unit.history[0].at
    return Occasion(
        unit=number,
        at=kept.start,
        before=tuple(item.item for item in journey.items[: place + 1]),
        next=soon[0].item if soon and soon[0].start - kept.start <= asked.within else NOTHING,
        contact=contact,
        delay=delay,
        channel=channel,
        amount=_amount(inside, kept.start, bool(delays), asked),
        outcome_delay=delays[0] if delays else None,
        stratum=(
            sum(tenure >= days * DAY_US for days in (1, 7, 30, 90)),
            sum(place + 1 >= length for length in (2, 4, 8)),
            bool(outcomes & {one.arrival for one in unit.history[: here + 1]}),
        ),
        is_known=kept.start + asked.within <= asked.known_until,
        is_followed=kept.start + asked.horizon <= asked.known_until,
    )


def _contact(
    later: list[naive.Interaction],
    at: int,
    unit: naive.Unit,
    item_at: dict[int, str],
    outcomes: set[int],
    asked: Asked,
) -> tuple[str | None, int, str]:
    repeats = {one for journey in unit.journeys for one in journey.kept} - set(item_at)
    somebody_says = any(asked.world.columns.get("initiator", []))
    for one in later:
        if one.arrival in outcomes or one.at - at > asked.within:
            break
        if one.arrival in repeats:
            continue
        item = item_at.get(one.arrival)
        if asked.contacts is not None:
            is_contact = item in asked.contacts
        elif somebody_says:
            is_contact = one.initiator == "company"
        else:
            is_contact = item is not None
        if is_contact:
            return item or OTHER, one.at - at, one.channel
    return NOTHING, 0, ""


def _amount(inside: list[naive.Interaction], at: int, has_outcome: bool, asked: Asked) -> float:
    if asked.objective == "value":
        return sum(one.value or 0 for one in inside) / 100
    if asked.objective == "loyalty":
        begin = at + max(0, asked.horizon - asked.inactivity)
        own = [one for one in inside if one.initiator in {"unknown", "customer"}]
        return float(any(one.at > begin for one in own))
    return float(has_outcome)


@dataclass
class NaiveGain:
    units: int
    worked: int
    gain: float
    compared: tuple[int, int]
    quartiles: tuple[int, int, int] | None
    channel: str | None
    probability: tuple[int, int] = (0, 0)
    customers: list[int] = field(default_factory=list)


def answer_after(
    found: Sequence[Occasion], last: tuple[str, ...], length: int, at_least: int, never: set[str]
) -> tuple[tuple[str, ...], int, int, tuple[int, int], dict[str, NaiveGain]] | None:
    """Prefix gone by, its units, those not contacted, nothing next, and what each contact is."""
    for size in range(min(length, len(last)), 0, -1):
        prefix = last[-size:]
        there = [one for one in found if one.before[-size:] == prefix]
        firsts: dict[int, Occasion] = {}
        for one in there:
            if one.is_followed:
                firsts.setdefault(one.unit, one)
        alone = [one for one in firsts.values() if one.contact is NOTHING]
        by_contact = Counter(one.contact for one in firsts.values() if one.contact)
        gains = {
            item: gain
            for item, n in by_contact.items()
            if item not in {OTHER, *never}
            and min(n, len(alone)) >= at_least
            and (gain := _gain([one for one in firsts.values() if one.contact == item], alone))
        }
        if gains:
            known = [one.next for one in there if one.is_known]
            for item, gain in gains.items():
                gain.probability = (known.count(item), len(known))
            nothing = (known.count(NOTHING), len(known))
            return prefix, len(firsts), len(alone), nothing, gains
    return None


def _gain(contacted: list[Occasion], alone: list[Occasion]) -> NaiveGain | None:
    waits = sorted(one.delay for one in contacted)
    begins = [-1] + [waits[ceil(share * len(waits)) - 1] for share in (0.25, 0.5, 0.75)]
    contacted = [
        replace(one, stratum=(*one.stratum, sum(one.delay > begin for begin in begins[1:])))
        for one in contacted
    ]
    alone = [
        replace(one, stratum=(*one.stratum, place % 4))
        for place, one in enumerate(alone)
        if one.outcome_delay is None or one.outcome_delay > begins[place % 4]
    ]
    strata = {one.stratum for one in contacted} & {one.stratum for one in alone}
    if not strata:
        return None
    weights, weighed = 0.0, 0.0
    for stratum in strata:
        mine = [one.amount for one in contacted if one.stratum == stratum]
        others = [one.amount for one in alone if one.stratum == stratum]
        weight = len(mine) * len(others) / (len(mine) + len(others))
        weights += weight
        weighed += weight * (sum(mine) / len(mine) - sum(others) / len(others))
    worked = [one for one in contacted if one.amount > 0]
    delays = sorted(one.delay for one in worked)
    quartiles = [delays[ceil(q * len(delays)) - 1] for q in (0.25, 0.5, 0.75)] if delays else None
    channels = Counter(one.channel for one in worked if one.channel != "unknown")
    return NaiveGain(
        units=len(contacted),
        worked=len(worked),
        gain=weighed / weights,
        compared=(
            sum(one.stratum in strata for one in contacted),
            sum(one.stratum in strata for one in alone),
        ),
        quartiles=(quartiles[0], quartiles[1], quartiles[2]) if quartiles else None,
        channel=min(channels, key=lambda name: (-channels[name], name)) if channels else None,
        customers=[one.unit for one in contacted],
    )


def losses(
    found: Sequence[Occasion],
    items: Sequence[str],
    split: int,
    within: int,
    length: int,
    at_least: int,
) -> dict[str, list[float]]:
    """By predictor the loss of each tested occasion, in order."""
    taught = [one for one in found if one.at + within < split]
    tested = [one for one in found if one.at >= split and one.is_known]
    if not taught:
        return {}
    possible = [*items, NOTHING]
    n = len(taught)
    popular = {
        item: (sum(one.next == item for one in taught) + 1 / len(possible)) / (n + 1)
        for item in possible
    }

    def after(prefix: tuple[str, ...], least: int) -> dict[str | None, float] | None:
        there = [one for one in taught if one.before[-len(prefix) :] == prefix]
        if len({one.unit for one in there}) < least:
            return None
        return {
            item: (sum(one.next == item for one in there) + popular[item]) / (len(there) + 1)
            for item in possible
        }

    def model(one: Occasion) -> dict[str | None, float]:
        for size in range(min(length, len(one.before)), 0, -1):
            said = after(one.before[-size:], at_least)
            if said:
                return said
        return popular

    repeats = (sum(one.next == one.before[-1] for one in taught) + 1 / len(possible)) / (n + 1)

    def last_item(one: Occasion) -> dict[str | None, float]:
        rest = 1 - popular[one.before[-1]]
        return {
            item: repeats if item == one.before[-1] else (1 - repeats) * popular[item] / rest
            for item in possible
        }

    predictors: dict[str, Callable[[Occasion], dict[str | None, float]]] = {
        "model": model,
        "first_order_chain": lambda one: after(one.before[-1:], 1) or popular,
        "most_popular": lambda _one: popular,
        "last_item": last_item,
    }
    return {name: [-log(say(one)[one.next]) for one in tested] for name, say in predictors.items()}
