"""The paths that most customers take: whole, step by step, runs of n items, patterns with gaps.

A unit counts once for a path, however often it takes it; `count` says how often. What the list
covers is said, and what it leaves out is a bucket of its own, so that nothing is lost: listed
and other paths add up to all of them, and so do their counts. docs/common-paths.md says what
every number means.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from journeygraph.errors import ConflictingOptionsError, InvalidOptionError
from journeygraph.options import Word
from journeygraph.statistics import occurrences
from journeygraph.statistics.base import total
from journeygraph.statistics.counted_sequences import ngrams_of, paths_of
from journeygraph.statistics.occurrences import OCCURRENCES, UNITS_WITH, UNITS_WITHOUT
from journeygraph.statistics.sequences import Lists, Sequences
from queries.anchors import complete_step_options
from queries.customer_lists import CustomerList, customers_of
from queries.figures import Pictured
from queries.intervals import SMALL_GROUP, Estimate, wilson
from queries.paging import PageInfo
from queries.path_steps import PathColumn, PathFlow, PathStep, anchored_paths, stepwise_paths
from queries.pattern_options import complete_pattern_options
from queries.question import Question
from queries.sequence_pages import SequencePage, customers_on

if TYPE_CHECKING:
    from journeygraph.cohorts import CustomerWhere, Where
    from journeygraph.durations import Duration
    from journeygraph.given import Names
    from journeygraph.journeys import Journeys
    from journeygraph.statistics.anchors import Occurrence
    from journeygraph.statistics.patterns import Keep
    from queries.anchors import Between
    from queries.contrast_patterns import Contrast, PathContrast

__all__ = [
    "MAX_LENGTH",
    "CommonPath",
    "CommonPaths",
    "CommonPathsAnswer",
    "PathForm",
    "common_paths",
]

MAX_LENGTH = 32
"""The longest run that can be asked for."""


class PathForm(Word, argument="form"):
    """What counts as a path."""

    WHOLE = "whole"
    NGRAM = "ngram"
    PATTERN = "pattern"
    CONTRAST = "contrast"
    PREFIX_TREE = "prefix_tree"
    STEP_GRID = "step_grid"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonPaths(Question):
    """Which paths most units take.

    Attributes
    ----------
    form
        WHOLE: a journey from its first to its last item. NGRAM: any run of `length` items.
        PATTERN: items in this order within a journey, others between them. CONTRAST: patterns
        that set two populations apart, the surest first. PREFIX_TREE: how paths begin, step by
        step. STEP_GRID: what is taken at each step.
    length
        Of an n-gram, 1 to 32; 2 by default.
    first, after
        How many paths, and behind which cursor.
    at_least
        Leave out paths of fewer units; they count as other. Patterns of fewer units are not
        looked for.
    exact
        Take median and 95th percentile from all durations instead of from their buckets; those
        of patterns always are.
    at_least_share
        Of patterns, instead of `at_least`: this share of all units, 0.05 if neither is given.
    min_length, max_length
        Elements of a pattern: 1 to 5 if not given, 32 at most.
    max_gap
        Most items between two consecutive elements of a pattern.
    max_gap_time
        Most time from one element of a pattern to the next.
    max_span
        Most time from the first element of a pattern to the last.
    keep
        Which patterns: all, or those that none of one element more makes redundant (`Keep`).
    against
        The second population of a contrast: those of these customers for whom it holds. All
        others are the first.
    steps, rows
        Of a tree or a grid: how many steps, 2 to 20, 5 by default; and how many items behind one
        place of a tree or at one step of a grid, 1 to 30, 10 by default. The rest is other.
    flows
        Whether a grid says what goes from each place to the next step's.
    starts_at, ends_at, through
        Paths from one of these items to their journey's end, up to one of these items, or whole
        journeys with one of these items. Steps of paths that end at an item go backwards.
    between
        `{"from": items, "to": items}`: the shortest stretches from one of the first to a later
        one of the second.
    occurrence
        Which of them: a unit's first (default) or last makes one path, or every one makes its own.
    start_where, end_where
        Conditions on the interaction with which a path starts or ends (as of `Where`); without
        items, any that meets them.
    """

    form: PathForm = PathForm.WHOLE
    length: int | None = None
    first: int = 10
    after: str | None = None
    at_least: int | None = None
    exact: bool = False
    at_least_share: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    max_gap: int | None = None
    max_gap_time: Duration | None = None
    max_span: Duration | None = None
    keep: Keep | None = None
    against: CustomerWhere | None = None
    steps: int | None = None
    rows: int | None = None
    flows: bool | None = None
    starts_at: Names | str | None = None
    ends_at: Names | str | None = None
    through: Names | str | None = None
    between: Between | Mapping[str, Any] | None = None
    occurrence: Occurrence | None = None
    start_where: Where | Mapping[str, Any] | None = None
    end_where: Where | Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        Question.__post_init__(self)
        object.__setattr__(self, "form", PathForm(self.form))
        complete_step_options(self)
        complete_pattern_options(self)
        if self.form is not PathForm.NGRAM and self.length is not None:
            raise ConflictingOptionsError(f"form={self.form.name}", "length")
        if self.form is PathForm.NGRAM and self.length is None:
            object.__setattr__(self, "length", 2)
        if self.length is not None and not 1 <= self.length <= MAX_LENGTH:
            expected = f"a whole number from 1 to {MAX_LENGTH}"
            raise InvalidOptionError("length", self.length, expected)
        if self.at_least is not None and self.at_least < 1:
            raise InvalidOptionError("at_least", self.at_least, "a whole number above 0")


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class CommonPath:
    """One path: who takes it, how often, how long, and with what success.

    Attributes
    ----------
    units
        Units that take it, each once.
    share, share_interval
        Of all units, and Wilson's interval.
    count
        Occurrences: journeys for a whole path and for a pattern.
    outcome_rate
        Units with the outcome strictly after the end of its first occurrence, of `units`; for a
        whole path, anywhere in one of the journeys that took it.
    value_minor
        What these units brought in their whole history, each once.
    median_seconds, p95_seconds
        How long its first occurrence took in each unit, from the first to the last interaction.
    exact
        Whether these two are exact; otherwise they are at most 2.2 % off.
    small
        Fewer than 30 units.
    contrast
        How two populations differ in it; None without them.
    step
        Its place in a tree or a grid; None for other forms.
    """

    items: tuple[str, ...]
    units: int
    share: float
    share_interval: Estimate
    count: int
    outcome_rate: Estimate
    value_minor: int
    median_seconds: float | None
    p95_seconds: float | None
    exact: bool
    small: bool
    customers: CustomerList
    contrast: PathContrast | None = None
    step: PathStep | None = None


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class CommonPathsAnswer(Pictured):
    """The paths of one page, and what they cover.

    Attributes
    ----------
    units
        All units of the journeys.
    count
        All occurrences of paths of this form; covered_count + other_count.
    distinct
        How many different paths there are; those listed and other_paths.
    covered_units, coverage
        Units that take at least one of the paths listed here, each once, and their share.
    other_units
        Units that take none of them.
    covered_customers, other_customers
        Who stands behind covered_units and other_units.
    contrast
        The two populations that were compared; None without them.
    units_with_path
        Units with a path of the anchor; None where neither anchors nor steps were asked for.
    with_path_customers
        Who stands behind these; all where neither was asked for.
    columns, flows
        Of a grid: its steps, all of them, and what goes from one to the next where asked for.
    backwards
        Whether steps go backwards, from the end of each path.
    """

    form: PathForm
    length: int | None
    units: int
    count: int
    distinct: int
    covered_units: int
    coverage: float | None
    covered_count: int
    other_units: int
    other_count: int
    other_paths: int
    nodes: tuple[CommonPath, ...]
    page_info: PageInfo
    covered_customers: CustomerList
    other_customers: CustomerList
    contrast: Contrast | None = None
    units_with_path: int | None = None
    with_path_customers: CustomerList
    columns: tuple[PathColumn, ...] = ()
    flows: tuple[PathFlow, ...] = ()
    backwards: bool = False


def common_paths(question: CommonPaths, journeys: Journeys) -> CommonPathsAnswer:
    """Answer the question, most units first, then most occurrences, then by names.

    Contrasts come by their p value, the smallest first. The unit is that of the journeys; one
    that takes a path twice counts once.

    Raises
    ------
    InvalidOptionError
        Where `first` or `after` do not name a page.
    TooManyPatternsError
        Where more patterns are that frequent than anybody reads.
    """
    if question.form in {PathForm.PATTERN, PathForm.CONTRAST}:
        from queries.frequent_patterns import frequent_patterns  # built on this module

        return frequent_patterns(question, journeys)
    if question.steps is not None:
        return stepwise_paths(question, journeys)
    if question.occurrence is not None:
        return anchored_paths(question, journeys)
    page = SequencePage.of(
        _sequences(question, journeys),
        journeys,
        question.at_least or 1,
        question.first,
        question.after,
    )
    lists = page.lists
    facts, covered_units = _facts(question, journeys, lists)
    listed = {"lists": lists, "length": question.length}
    return CommonPathsAnswer(
        form=question.form,
        length=question.length,
        units=journeys.n_units,
        count=page.count,
        distinct=page.distinct,
        covered_units=covered_units,
        coverage=covered_units / journeys.n_units if journeys.n_units else None,
        covered_count=page.covered_count,
        other_units=journeys.n_units - covered_units,
        other_count=page.other_count,
        other_paths=page.others,
        nodes=tuple(_nodes(question, journeys, page, facts)),
        page_info=page.page_info,
        covered_customers=CustomerList.of(journeys, UNITS_WITH, **listed),
        with_path_customers=customers_of(journeys),
        other_customers=CustomerList.of(journeys, UNITS_WITHOUT, **listed),
    )


def _sequences(question: CommonPaths, journeys: Journeys) -> Sequences:
    if question.length is None:
        return paths_of(journeys)
    return ngrams_of(journeys, question.length)


@dataclass(frozen=True, eq=False, slots=True)
class _Facts:
    """By path, in the order of the page."""

    outcome_units: list[int]
    value_minor: list[int]
    median_us: list[float]
    p95_us: list[float]


def _facts(question: CommonPaths, journeys: Journeys, lists: Lists) -> tuple[_Facts, int]:
    if not len(lists):
        return _Facts([], [], [], []), 0
    asked = lists, question.length
    merged = total(OCCURRENCES, journeys, lists=lists, length=question.length)
    table, covered_units = occurrences.finish(merged, len(lists))
    columns = table.to_pydict()
    if question.exact:
        samples = occurrences.durations(journeys, *asked)
        columns["median_us"] = occurrences.exact_quantiles(samples, 50)
        columns["p95_us"] = occurrences.exact_quantiles(samples, 95)
    del columns["units"]
    return _Facts(**columns), covered_units


def _nodes(
    question: CommonPaths, journeys: Journeys, page: SequencePage, facts: _Facts
) -> Iterator[CommonPath]:
    columns = (page.lists.tuples(), page.units, page.occurrences)
    for place, (codes, units, count) in enumerate(zip(*columns, strict=True)):
        yield CommonPath(
            items=tuple(journeys.items[code] for code in codes),
            units=units,
            share=units / journeys.n_units,
            share_interval=wilson(units, journeys.n_units, journeys.confidence),
            count=count,
            outcome_rate=wilson(facts.outcome_units[place], units, journeys.confidence),
            value_minor=facts.value_minor[place],
            median_seconds=facts.median_us[place] / 1e6,
            p95_seconds=facts.p95_us[place] / 1e6,
            exact=question.exact,
            small=units < SMALL_GROUP,
            customers=customers_on(journeys, codes, question.length),
        )
