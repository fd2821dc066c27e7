"""Groups of interactions with what customers felt, expected and found in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from journeygraph.statistics.base import total
from journeygraph.statistics.feelings import FEELINGS, TIME, UNITS_THAT_SAY, Said, group_names
from queries.calendar_periods import Span
from queries.customer_lists import CustomerList
from queries.intervals import SMALL_GROUP, Estimate
from queries.means import Mean, mean_of, share_of
from queries.stretches import starts_of

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = [
    "EmotionSource",
    "ExperienceGroup",
    "ExperiencePeriod",
    "FeelingLabel",
    "Feelings",
    "FeltGroup",
    "FeltNumbers",
]

_Sums = Mapping[str, int]
_Key = tuple[int, int, int]

_LABEL = "emotion_label"
_SOURCE = "emotion_source"

MOST_LABELS = 20
MOST_SOURCES = 10


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class FeltNumbers:
    """How customers feel in a group of interactions.

    Attributes
    ----------
    units, share
        Units that meet something in it, each once, and their share of all.
    count
        Interactions in it.
    emotion, expectation, experience
        Their means, from -1 to 1.
    gap
        The mean of experience less expectation, where both are said.
    met
        Of these interactions the share whose gap is not below 0; Wilson's interval, widened where
        units rated more than once.
    small
        Fewer than 30 units.
    customers, emotion_customers, expectation_customers, experience_customers, gap_customers
        Who is in it, and who said each of these.
    met_customers
        Those whose expectation was met or surpassed at least once.
    """

    units: int
    share: float
    count: int
    emotion: Mean
    expectation: Mean
    experience: Mean
    gap: Mean
    met: Estimate
    small: bool
    customers: CustomerList
    emotion_customers: CustomerList
    expectation_customers: CustomerList
    experience_customers: CustomerList
    gap_customers: CustomerList
    met_customers: CustomerList


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class FeltGroup(FeltNumbers):
    """A group of interactions, and how customers feel in it; "unknown" where it is not said."""

    group: str


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ExperiencePeriod(FeltNumbers):
    """A stretch of time within a group: from its first moment until the first one behind it."""

    period: str
    from_us: int
    until_us: int


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class FeelingLabel:
    """A feeling in a word: interactions that say it, and their share of all that say any."""

    label: str
    count: int
    share: float
    units: int
    customers: CustomerList


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class EmotionSource:
    """Emotions of one source, as reported, scored or inferred; "unknown" where it is not said."""

    source: str
    emotion: Mean
    customers: CustomerList


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ExperienceGroup(FeltGroup):
    """A group with its feelings in words, by source, and over time.

    Attributes
    ----------
    labels
        The twenty most frequent, most interactions first, then by name.
    other_labels
        Interactions that say a feeling which is not listed.
    sources
        The ten with most emotions.
    periods
        The stretches of time with an interaction in the group, the earliest first; none where the
        question was not asked over time.
    """

    labels: tuple[FeelingLabel, ...]
    other_labels: int
    sources: tuple[EmotionSource, ...]
    periods: tuple[ExperiencePeriod, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Feelings:
    """What is said in each group of interactions.

    Attributes
    ----------
    by
        A column, as in `journeygraph.statistics.feelings`; None for all together.
    stretches
        Of time, to look at each group over them; none where that is not asked.
    names
        What groups are called, by their numbers.
    sums
        By what is said, group, and part 0.
    """

    journeys: Journeys
    by: str | None
    stretches: tuple[Span, ...]
    names: Sequence[str]
    sums: Mapping[_Key, _Sums]

    @classmethod
    def of(cls, journeys: Journeys, by: str | None, stretches: tuple[Span, ...] = ()) -> Feelings:
        """Those of journeys."""
        _ = journeys.item_codes  # rows must be here: teams, labels and sources are numbered by them
        return cls(
            journeys=journeys,
            by=by,
            stretches=stretches,
            names=("all",) if by is None else group_names(journeys, by),
            sums=_summed(journeys, by=by),
        )

    @property
    def _groups(self) -> list[int]:
        return [group for said, group, _part in self.sums if said == Said.ANYTHING]

    @property
    def n_groups(self) -> int:
        """How many groups somebody meets."""
        return len(self._groups)

    def ranked(self, at_least: int) -> list[int]:
        """Groups of so many units, most first, then by name."""
        units = {group: self._units(group) for group in self._groups}
        kept = [group for group in units if units[group] >= at_least]
        return sorted(kept, key=lambda group: (-units[group], self.names[group], group))

    def _units(self, group: int) -> int:
        return self.sums[Said.ANYTHING, group, 0]["rated_units"]

    def in_order(self) -> list[FeltGroup]:
        """Groups in the order of their numbers, what is not said (0) last."""
        groups = sorted(self._groups, key=lambda group: (group == 0, group))
        return [
            FeltGroup(group=self.names[group], **self._numbers(self.sums, group))
            for group in groups
        ]

    def overall(self) -> ExperienceGroup:
        """All interactions, also where there is none."""
        return self.group(0)

    def group(self, group: int) -> ExperienceGroup:
        """A group with all that is told of it."""
        labels = self._labels(group)
        listed = labels[:MOST_LABELS]
        return ExperienceGroup(
            group=self.names[group],
            labels=tuple(listed),
            other_labels=sum(label.count for label in labels[MOST_LABELS:]),
            sources=tuple(self._sources(group)[:MOST_SOURCES]),
            periods=tuple(self._periods(group)),
            **self._numbers(self.sums, group),
        )

    def _labels(self, group: int) -> list[FeelingLabel]:
        names, sums = self._labelled
        counted = {
            part: row
            for (said, of, part), row in sums.items()
            if said == Said.ANYTHING and of == group and part
        }
        everything = sum(row["ratings"] for row in counted.values())
        found = [
            FeelingLabel(
                label=names[part],
                count=row["ratings"],
                share=row["ratings"] / everything,
                units=row["rated_units"],
                customers=self._list(Said.ANYTHING, group, within=_LABEL, part=part),
            )
            for part, row in counted.items()
        ]
        return sorted(found, key=lambda label: (-label.count, label.label))

    def _sources(self, group: int) -> list[EmotionSource]:
        names, sums = self._sourced
        found = [
            EmotionSource(
                source=names[part],
                emotion=self._mean(sums, Said.EMOTION, group, part),
                customers=self._list(Said.EMOTION, group, within=_SOURCE, part=part),
            )
            for said, of, part in sums
            if said == Said.EMOTION and of == group
        ]
        return sorted(found, key=lambda source: (-source.emotion.ratings, source.source))

    @cached_property
    def _labelled(self) -> tuple[Sequence[str], Mapping[_Key, _Sums]]:
        return self._within(_LABEL)

    @cached_property
    def _sourced(self) -> tuple[Sequence[str], Mapping[_Key, _Sums]]:
        return self._within(_SOURCE)

    @cached_property
    def _over_time(self) -> Mapping[_Key, _Sums]:
        return _summed(self.journeys, by=self.by, within=TIME, starts_us=starts_of(self.stretches))

    def _within(self, column: str) -> tuple[Sequence[str], Mapping[_Key, _Sums]]:
        said = (Said.ANYTHING, Said.EMOTION)
        names = group_names(self.journeys, column)
        return names, _summed(self.journeys, by=self.by, within=column, said=said)

    def _periods(self, group: int) -> list[ExperiencePeriod]:
        if not self.stretches:
            return []
        sums, starts_us = self._over_time, starts_of(self.stretches)
        parts = [part for said, of, part in sums if said == Said.ANYTHING and of == group]
        return [
            ExperiencePeriod(
                period=span.name,
                from_us=span.from_us,
                until_us=span.until_us,
                **self._numbers(sums, group, part, within=TIME, starts_us=starts_us),
            )
            for part in sorted(parts)
            for span in [self.stretches[part]]
        ]

    def _numbers(
        self, sums: Mapping[_Key, _Sums], group: int, part: int = 0, **within: Any
    ) -> dict[str, Any]:
        journeys = self.journeys
        there = sums.get((Said.ANYTHING, group, part), {"ratings": 0, "rated_units": 0})
        units = there["rated_units"]

        def mean(said: Said) -> Mean:
            return self._mean(sums, said, group, part)

        def customers(said: Said, met: bool = False) -> CustomerList:
            return self._list(said, group, part=part, met=met, **within)

        return {
            "units": units,
            "share": units / journeys.n_units if journeys.n_units else 0.0,
            "count": there["ratings"],
            "emotion": mean(Said.EMOTION),
            "expectation": mean(Said.EXPECTATION),
            "experience": mean(Said.EXPERIENCE),
            "gap": mean(Said.GAP),
            "met": share_of(sums.get((Said.MET, group, part)), journeys.confidence),
            "small": units < SMALL_GROUP,
            "customers": customers(Said.ANYTHING),
            "emotion_customers": customers(Said.EMOTION),
            "expectation_customers": customers(Said.EXPECTATION),
            "experience_customers": customers(Said.EXPERIENCE),
            "gap_customers": customers(Said.GAP),
            "met_customers": customers(Said.MET, met=True),
        }

    def _mean(self, sums: Mapping[_Key, _Sums], said: Said, group: int, part: int) -> Mean:
        there = sums.get((Said.ANYTHING, group, part))
        if there is None:
            return mean_of(None, self.journeys.confidence)
        nothing = dict.fromkeys(FEELINGS.measures, 0)
        row = sums.get((said, group, part), nothing)
        return mean_of({**row, "interactions": there["ratings"]}, self.journeys.confidence)

    def _list(self, said: Said, group: int, **options: Any) -> CustomerList:
        return CustomerList.of(
            self.journeys, UNITS_THAT_SAY, said=said, by=self.by, group=group, **options
        )


def _summed(journeys: Journeys, **options: Any) -> dict[_Key, _Sums]:
    given = {name: option for name, option in options.items() if option is not None}
    rows = total(FEELINGS, journeys, **given).to_pylist()
    return {(row["said"], row["group"], row["part"]): row for row in rows}
