"""The parts of a run: one entry of a plan, one period, one segment; and what each depends on.

A part is known by a digest of all that its numbers depend on: what its entry means, the period,
the segment, the release of this program, and the data. Of the data it is what happened before the
part's end, and no more: so a closed month stays as it is while others load, whatever was loaded,
unless it reaches back into the month or before it. Where an answer depends on whole tables, as
referrals do, these are what is digested.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np

from journeygraph.cohorts import CustomerWhere, Where
from journeygraph.errors import InvalidOptionError, JourneyGraphError, UnknownColumnError
from journeygraph.graph import JourneyGraph
from journeygraph.graph_changes import graph_key
from journeygraph.graph_digests import PastDigests
from journeygraph.lake.versions import StoreVersion
from journeygraph.moments import time_zone
from journeygraph.outcome import compile_outcome
from queries.calendar_periods import CalendarPeriod, Span, spans_of
from queries.stored.declaration import Reads
from queries.stored.plan_file import is_of_options
from queries.stored.planned import (
    SEGMENT_COLUMNS,
    PlannedStatistic,
    RecomputePlan,
    SegmentsRule,
    canonical,
    digest_of,
)

__all__ = ["MOST_PARTS", "Part", "Segment", "parts_of"]

MOST_PARTS = 200_000
"""How many parts a run may have: more are a plan that nobody meant."""

_MOST_SPANS = 20_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_READS = {"initiators": "initiator", "environments": "environment", "levels": "level"}


@dataclass(frozen=True, slots=True)
class Segment:
    """Who or what is meant: those with one value of a column or an attribute."""

    by: str
    value: str


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Part:
    """One entry of a plan in one period and one segment.

    Attributes
    ----------
    entry
        What is asked.
    period, segment
        None for all times and for everybody.
    population
        The options of `graph.journeys`.
    as_of_us
        The end of the data that its openness is judged at.
    meaning, data
        Digests of what is asked, and of the data that the answer depends on.
    """

    entry: PlannedStatistic
    period: Span | None
    segment: Segment | None
    population: Mapping[str, Any]
    as_of_us: int
    meaning: str
    data: str

    @property
    def key(self) -> str:
        """Digest of all that the answer depends on."""
        return digest_of([self.meaning, self.data, self.as_of_us])[:32]

    @property
    def place(self) -> tuple[str, str | None, str | None, str | None]:
        """Where it stands among the parts of its plan."""
        period = None if self.period is None else self.period.name
        segment = self.segment
        return (
            self.entry.name,
            period,
            None if segment is None else segment.by,
            None if segment is None else segment.value,
        )

    @property
    def view(self) -> str:
        """Parts of the same view ask the same journeys."""
        return digest_of(canonical(self.population))

    def __str__(self) -> str:
        name, period, by, value = self.place
        segment = f", {by} {value}" if by is not None else ""
        return f"{name}, {period or 'all times'}{segment}"


def parts_of(plan: RecomputePlan, graph: JourneyGraph, version: StoreVersion) -> list[Part]:
    """All parts of a plan; those of one view together, all times before the periods.

    Raises
    ------
    BadPlanError
        Where the plan names what the store does not have, or has too many parts.
    """
    data = _Data(plan, graph, version)
    parts: list[Part] = []
    for entry in plan.entries:
        try:
            for part in data.parts_of(entry):
                parts.append(part)
                if len(parts) > MOST_PARTS:
                    what = f"The plan has more than {MOST_PARTS:,} parts."
                    remedy = "Ask for fewer periods, as {of: day, last: 90}, or fewer segments."
                    raise plan.text.error(entry.path, what, remedy)
        except JourneyGraphError as error:
            if not is_of_options(error):
                raise
            raise plan.text.refused(entry.path, error) from error
    return sorted(parts, key=lambda part: (part.period is not None, part.view, part.entry.name))


class _Data:
    """A version of a store as plans see it."""

    def __init__(self, plan: RecomputePlan, graph: JourneyGraph, version: StoreVersion) -> None:
        self._graph = graph
        self._tables = digest_of(canonical(graph_key(version)))
        self._facts = [_release(), graph.currency, graph.exponent]
        self._spans: dict[Any, list[Span]] = {}
        self._values: dict[SegmentsRule, list[Segment]] = {}
        self._entries = plan.entries

    @cached_property
    def _digests(self) -> PastDigests:
        """Of what happened before the ends of all periods that are over."""
        ends = {
            span.until_us
            for entry in self._entries
            for span in self._periods(entry)
            if span.until_us <= self._graph.as_of_us
        }
        return PastDigests(self._graph, sorted(ends))

    def parts_of(self, entry: PlannedStatistic) -> Iterator[Part]:
        """The parts of one entry."""
        outcome = compile_outcome(self._graph, entry.population["outcome"]).rule
        meaning = [entry.meaning, canonical(outcome), self._facts]
        segments = dict.fromkeys(one for rule in entry.segments for one in self._segments(rule))
        for segment in (None, *segments):
            population = _with_segment(entry.population, segment)
            reads = _reads_of(population) | entry.statistic.reads(entry.question)
            for period in (None, *self._periods(entry)):
                yield self._part(entry, period, segment, population, reads, meaning)

    def _part(
        self,
        entry: PlannedStatistic,
        period: Span | None,
        segment: Segment | None,
        population: Mapping[str, Any],
        reads: Reads,
        meaning: list[Any],
    ) -> Part:
        end_us = None if period is None else period.until_us
        as_of_us = self._graph.as_of_us
        place = [period, None if segment is None else [segment.by, segment.value]]
        return Part(
            entry=entry,
            period=period,
            segment=segment,
            population=_with_period(population, period),
            as_of_us=as_of_us if end_us is None else min(end_us, as_of_us),
            meaning=digest_of(canonical([meaning, place]))[:32],
            data=self._data(reads, end_us),
        )

    def _data(self, reads: Reads, end_us: int | None) -> str:
        if reads.tables:
            return self._tables[:32]
        if end_us is not None and end_us > self._graph.as_of_us:
            end_us = None
        seen: list[Any] = [self._digests.rows(end_us)]
        seen += [self._digests.column(name, end_us) for name in sorted(reads.columns)]
        seen += [self._digests.attribute(name, end_us) for name in sorted(reads.attributes)]
        if reads.names:
            seen += [list(self._graph.touchpoints), list(self._graph.channels)]
        return digest_of(seen)[:32]

    def _periods(self, entry: PlannedStatistic) -> list[Span]:
        """The periods of an entry in which something happened."""
        rule, graph = entry.periods, self._graph
        if rule is None or not graph.n_interactions:
            return []
        key = rule, entry.population["timezone"]
        if key not in self._spans:
            first_us = self._first_us
            if rule.last is not None:
                first_us = max(first_us, graph.as_of_us - (rule.last + 1) * _longest_us(rule.of))
            if graph.as_of_us - first_us > _MOST_SPANS * _longest_us(rule.of):
                expected = (
                    f"at most {_MOST_SPANS:,} periods; say how many, as {{of: day, last: 90}}"
                )
                raise InvalidOptionError("periods", rule.of.value, expected)
            zone = time_zone(entry.population["timezone"])
            spans = list(spans_of(first_us, graph.as_of_us, rule.of, zone))
            used = [span for span, is_used in zip(spans, self._used(spans), strict=True) if is_used]
            self._spans[key] = used[-rule.last :] if rule.last is not None else used
        return self._spans[key]

    @cached_property
    def _first_us(self) -> int:
        return int(self._graph.at_us.min())

    def _used(self, spans: list[Span]) -> list[bool]:
        starts = np.array([span.from_us for span in spans], np.int64)
        places = np.searchsorted(starts, self._graph.at_us, side="right")
        used: list[bool] = (np.bincount(places, minlength=len(spans) + 1)[1:] > 0).tolist()
        return used

    def _segments(self, rule: SegmentsRule) -> list[Segment]:
        if rule not in self._values:
            values = rule.values
            if values is None:
                counts = self._counts(rule)
                values = tuple(sorted(counts, key=lambda value: (-counts[value], value)))
                values = values[: rule.first]
            self._values[rule] = [Segment(rule.name, value) for value in values]
        return self._values[rule]

    def _counts(self, rule: SegmentsRule) -> Counter[str]:
        graph = self._graph
        if rule.column is not None:
            coded = graph.coded(rule.column)
            sizes = np.bincount(coded.codes[coded.codes >= 0], minlength=len(coded.names))
            return Counter({n: int(s) for n, s in zip(coded.names, sizes, strict=True) if s})
        known = [str(name) for name in graph.attributes.columns]
        if rule.attribute not in known:
            raise UnknownColumnError("attribute", str(rule.attribute), known)
        codes, values = graph.attribute_codes(rule.attribute)
        sizes = np.bincount(codes[codes >= 0], minlength=len(values))
        counts: Counter[str] = Counter()
        for value, size in zip(values, sizes.tolist(), strict=True):
            counts[_as_text(value)] += size
        return counts


def _as_text(value: Any) -> str:
    """As `where` compares attributes: 2.0 reads "2"."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _longest_us(period: CalendarPeriod) -> int:
    days = {CalendarPeriod.DAY: 2, CalendarPeriod.WEEK: 8, CalendarPeriod.MONTH: 32}
    return days[period] * 86_400_000_000


def _with_segment(population: Mapping[str, Any], segment: Segment | None) -> dict[str, Any]:
    if segment is None:
        return dict(population)
    where = population["where"] or Where()
    if segment.by in SEGMENT_COLUMNS:
        where = replace(where, **{SEGMENT_COLUMNS[segment.by]: (segment.value,)})
    else:
        customers = where.customers or CustomerWhere()
        name = segment.by.removeprefix("attribute ")
        attributes = {**(customers.attributes or {}), name: (segment.value,)}
        where = replace(where, customers=replace(customers, attributes=attributes))
    return {**population, "where": where}


def _with_period(population: Mapping[str, Any], period: Span | None) -> Mapping[str, Any]:
    if period is None:
        return population
    where = population["where"] or Where()
    limits = {"from_": _moment(period.from_us), "until": _moment(period.until_us)}
    return {**population, "where": replace(where, **limits)}


def _moment(at_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=at_us)


def _reads_of(population: Mapping[str, Any]) -> Reads:
    """What selecting the journeys depends on beside the interactions themselves."""
    where, split = population["where"], population["split"]
    columns: set[str] = set()
    attributes: set[str] = set()
    tables = False
    if where is not None:
        columns |= {column for name, column in _READS.items() if getattr(where, name) is not None}
        customers = where.customers or CustomerWhere()
        attributes |= set(customers.attributes or {})
        tables = customers.ids is not None or customers.referred is not None
    if split is not None and split.column is not None:
        columns.add(split.column)
    return Reads(columns=frozenset(columns), attributes=frozenset(attributes), tables=tables)


def _release() -> str:
    from importlib.metadata import version

    return version("customer-journeygraph")
