"""Measures over time, one interaction after the other, as docs/trend.md words them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.naive.funnel import Unit as Walker
from tests.naive.funnel import best_walk
from tests.naive.journey_map import items_of, rating
from tests.naive.journeys import Interaction, Unit, interactions_of, is_open, outcomes_of
from tests.strategies import World

__all__ = ["NaivePoint", "NaiveTrend", "period_of"]


@dataclass
class NaivePoint:
    """By customer what is above the line, below it, and said; and how many are open."""

    above: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    below: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    said: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    open: int = 0

    def add(self, customer: str, above: int, below: int, said: int) -> None:
        self.above[customer] += above
        self.below[customer] += below
        self.said[customer] += said


def period_of(at_us: int, every: str, zone: str) -> str:
    """What the period of a moment is called."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_us)
    day = moment.astimezone(ZoneInfo(zone)).date()
    year, week, _weekday = day.isocalendar()
    return {
        "day": day.isoformat(), "week": f"{year}-W{week:02}", "month": f"{day:%Y-%m}",
        "quarter": f"{day:%Y}-Q{(day.month + 2) // 3}", "year": f"{day:%Y}",
    }[every]  # fmt: skip


@dataclass(frozen=True)
class NaiveTrend:
    """A population, and how its periods are; `within` in microseconds."""

    world: World
    options: dict[str, Any]
    units: Sequence[Unit]
    as_of: int
    limit: int
    every: str
    zone: str
    cohorts: bool = False
    within: int | None = None
    item: str | None = None
    steps: Sequence[str] = ()

    def points(self, of: str) -> dict[str, NaivePoint]:
        """By the name of the period."""
        found: dict[str, NaivePoint] = defaultdict(NaivePoint)
        for customer, at, *brought in getattr(self, f"_{of}")():
            period = self._period(customer, at)
            if brought == ["open"]:
                found[period].open += 1
            else:
                found[period].add(customer, *brought)
        return dict(found)

    def _period(self, customer: str, at: int) -> str:
        first = interactions_of(self.world, customer)[0].at
        return period_of(first if self.cohorts else at, self.every, self.zone)

    def _met(self) -> Iterator[tuple[int, Unit, str, Interaction]]:
        for number, unit in enumerate(self.units):
            for item, interactions in items_of(unit):
                for met in interactions:
                    yield number, unit, item, met

    def _interactions(self) -> Iterator[tuple[Any, ...]]:
        return ((unit.customer, met.at, 1, 1, 1) for _, unit, _, met in self._met())

    def _value(self) -> Iterator[tuple[Any, ...]]:
        for _, unit, _, met in self._met():
            yield unit.customer, met.at, met.value or 0, 1, met.value is not None

    def _emotion(self) -> Iterator[tuple[Any, ...]]:
        for _, unit, _, met in self._met():
            said = rating(met, self.world, "emotion")
            yield unit.customer, met.at, said or 0, said is not None, 1

    def _item_share(self) -> Iterator[tuple[Any, ...]]:
        for _, unit, item, met in self._met():
            yield unit.customer, met.at, item == self.item, 1, 1

    def _customers(self) -> Iterator[tuple[Any, ...]]:
        seen = set()
        for _, unit, _, met in self._met():
            pair = unit.customer, self._period(unit.customer, met.at)
            if pair not in seen:
                yield unit.customer, met.at, 1, 1, 1
            seen.add(pair)

    def _outcome_rate(self) -> Iterator[tuple[Any, ...]]:
        assert self.within is not None
        for unit in self.units:
            begin = next(items_of(unit))[1][0]
            places = {one.arrival: place for place, one in enumerate(unit.history)}
            by_arrival = {one.arrival: one for one in unit.history}
            later = [
                by_arrival[arrival]
                for arrival in outcomes_of(unit, self.options.get("outcome"), self.world)
                if places[arrival] >= places[begin.arrival]
            ]
            if begin.at > self.as_of - self.within:
                yield unit.customer, begin.at, "open"
            else:
                hit = bool(later) and later[0].at - begin.at <= self.within
                yield unit.customer, begin.at, hit, 1, 1

    def _exit_rate(self) -> Iterator[tuple[Any, ...]]:
        for number, unit in enumerate(self.units):
            mine = [(item, met) for one, _, item, met in self._met() if one == number]
            last: dict[str, int] = {}
            for item, met in mine:
                if self.item in (None, item):
                    last[self._period(unit.customer, met.at)] = met.at
            final_item, final = mine[-1]
            gone = not is_open(unit, self.as_of, self.limit) and not outcomes_of(
                unit, self.options.get("outcome"), self.world
            )
            for period, at in last.items():
                here = period == self._period(unit.customer, final.at)
                here = here and self.item in (None, final_item)
                waits = here and is_open(unit, self.as_of, self.limit)
                if waits or self.as_of - at < self.limit:
                    yield unit.customer, at, "open"
                else:
                    yield unit.customer, at, here and gone, 1, 1

    def _funnel_conversion(self) -> Iterator[tuple[Any, ...]]:
        assert self.within is not None
        for unit in self.units:
            walker = Walker([[(kept.start, kept.item) for kept in one.items]
                             for one in unit.journeys])  # fmt: skip
            walk = best_walk(walker, [{step} for step in self.steps], self.within, False)
            if walk is None or not walk.met_at:
                continue
            through = len(walk.met_at) == len(self.steps)
            start = walk.met_at[0] if through else walk.latest_start
            if start > self.as_of - self.within:
                yield unit.customer, walk.met_at[0], "open"
            else:
                yield unit.customer, walk.met_at[0], through, 1, 1
