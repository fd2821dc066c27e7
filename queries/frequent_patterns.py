"""Patterns that many units have: items in this order, with others between them.

Every number means what it means for the other forms of common paths. A unit has a pattern when
one of its journeys has it; its first occurrence is the one that ends first, and of those the one
that begins first. docs/patterns.md says the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.statistics.pattern_occurrences import (
    PatternFacts,
    pattern_facts,
    units_with_patterns,
)
from journeygraph.statistics.patterns import PatternCounts, mine_patterns
from journeygraph.statistics.sequences import ranked
from queries.common_paths import CommonPath, CommonPaths, CommonPathsAnswer, PathForm
from queries.contrast_patterns import Contrasts, FindUnits, Populations
from queries.customer_lists import CustomerList, customers_of, customers_of_units
from queries.intervals import SMALL_GROUP, wilson
from queries.paging import page_bounds, page_info
from queries.pattern_options import pattern_rule

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from journeygraph.statistics.pattern_layout import Limits

__all__ = ["frequent_patterns"]

Int64Array = npt.NDArray[np.int64]


def frequent_patterns(question: CommonPaths, journeys: Journeys) -> CommonPathsAnswer:
    """Answer a question of the form PATTERN, most units first, or CONTRAST, smallest p first.

    Raises
    ------
    InvalidOptionError
        Where `first` or `after` do not name a page.
    TooManyPatternsError
        Where more patterns are that frequent than anybody reads.
    """
    rule = pattern_rule(question, journeys)
    if question.against is None:
        counts, contrasts = mine_patterns(journeys, rule), None
    else:
        populations = Populations.of(journeys, question.against)
        counts = mine_patterns(journeys, rule, populations.in_second)
        contrasts = Contrasts.of(populations, counts, question.against)
    start, end = page_bounds(len(counts), question.first, question.after)
    if contrasts is None:
        listed = ranked(counts, journeys.items, start, end)
    else:
        listed = contrasts.ranking(counts)[start:end]
    page = _Page(journeys, counts, rule.limits, listed, contrasts)
    return page.answer(question.form, start, end)


@dataclass(frozen=True, eq=False, slots=True)
class _Page:
    """The patterns of one page, by their numbers among all that were found."""

    journeys: Journeys
    counts: PatternCounts
    limits: Limits
    listed: Int64Array
    contrasts: Contrasts | None

    def answer(self, form: PathForm, start: int, end: int) -> CommonPathsAnswer:
        journeys, counts = self.journeys, self.counts
        lists, units = counts.lists(self.listed), counts.units[self.listed]
        facts = pattern_facts(journeys, lists, units, self.limits)
        covered = np.flatnonzero(facts.covered)
        others = np.flatnonzero(~facts.covered)
        count, covered_count = int(counts.counts.sum()), int(counts.counts[self.listed].sum())
        return CommonPathsAnswer(
            form=form,
            length=None,
            units=journeys.n_units,
            count=count,
            distinct=len(counts),
            covered_units=len(covered),
            coverage=len(covered) / journeys.n_units if journeys.n_units else None,
            covered_count=covered_count,
            other_units=len(others),
            other_count=count - covered_count,
            other_paths=len(counts) - len(self.listed),
            nodes=tuple(self._nodes(facts)),
            page_info=page_info(len(counts), start, end),
            covered_customers=CustomerList(journeys, lambda: customers_of_units(journeys, covered)),
            with_path_customers=customers_of(journeys),
            other_customers=CustomerList(journeys, lambda: customers_of_units(journeys, others)),
            contrast=None if self.contrasts is None else self.contrasts.summary(),
        )

    def _nodes(self, facts: PatternFacts) -> Iterator[CommonPath]:
        journeys = self.journeys
        for place, number in enumerate(self.listed.tolist()):
            units = int(self.counts.units[number])
            find = self._units_with(number)
            yield CommonPath(
                items=self._items(number),
                units=units,
                share=units / journeys.n_units,
                share_interval=wilson(units, journeys.n_units, journeys.confidence),
                count=int(self.counts.counts[number]),
                outcome_rate=wilson(facts.outcome_units[place], units, journeys.confidence),
                value_minor=facts.value_minor[place],
                median_seconds=facts.median_us[place] / 1e6,
                p95_seconds=facts.p95_us[place] / 1e6,
                exact=True,
                small=units < SMALL_GROUP,
                customers=_customers(journeys, find),
                contrast=self.contrasts.of_pattern(number, find) if self.contrasts else None,
            )

    def _items(self, number: int) -> tuple[str, ...]:
        (codes,) = self.counts.lists(np.array([number])).tuples()
        return tuple(self.journeys.items[code] for code in codes)

    def _units_with(self, number: int) -> FindUnits:
        """How to find the units that have a pattern: by looking for it in the same view."""
        one = np.array([number])
        journeys, limits = self.journeys, self.limits
        lists, units = self.counts.lists(one), self.counts.units[one]
        return lambda: units_with_patterns(journeys, lists, units, limits)


def _customers(journeys: Journeys, find: FindUnits) -> CustomerList:
    return CustomerList(journeys, lambda: customers_of_units(journeys, find()))
