"""Trees of prefixes, grids of steps, and whole paths of an anchor: pages of common paths.

What a place of a tree or a grid says adds up: its paths go on to places behind it, stop there, or
go on beyond what is shown. docs/common-paths.md says what every number means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.conditions import ranks
from journeygraph.kernels.occurrences import locate_paths
from journeygraph.statistics.path_facts import Facts, facts_of
from journeygraph.statistics.path_steps import EXIT, OPEN, OTHER, WITH_OUTCOME, StepRule, take_steps
from journeygraph.statistics.paths import count_paths
from queries.anchors import path_ranges
from queries.customer_lists import CustomerList, customers_of_units
from queries.intervals import SMALL_GROUP, Estimate, wilson
from queries.paging import PageInfo, page_bounds, page_info
from queries.sequence_pages import SequencePage

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from journeygraph.statistics.anchors import PathRanges
    from journeygraph.statistics.path_steps import PathSteps
    from queries.common_paths import CommonPath, CommonPaths, CommonPathsAnswer

__all__ = ["PathColumn", "PathFlow", "PathStep", "anchored_paths", "stepwise_paths"]

Int64Array = npt.NDArray[np.int64]
FindUnits = Callable[[], Int64Array]


@dataclass(frozen=True, slots=True, kw_only=True)
class PathStep:
    """A place in a tree of prefixes or in a grid of steps.

    Attributes
    ----------
    id, parent
        Number of the place, and of the one before it in a tree (None at the first step, and in a
        grid).
    step
        From 1 on; backwards from the anchor where paths end at one.
    is_other
        Whether it stands for all items without a place of their own, `merged` of them.
    of_parent
        Its units, of those of the place before; at the first step, and in a grid, of all units
        with a path.
    stopped
        Paths that have no further item; in a tree or grid read backwards, that began there.
    exits, open, with_outcome
        What became of them: the journey went without the outcome, the unit may still go on, the
        outcome was had. None where paths do not go on to the end of their journey.
    beyond
        Paths that go on to nothing that is shown: behind the last step, or behind others.
    stopped_customers, exit_customers, open_customers, with_outcome_customers, beyond_customers
        Who stands behind these; nobody behind what is None.
    """

    id: int
    parent: int | None
    step: int
    is_other: bool
    merged: int
    of_parent: Estimate
    stopped: int
    exits: int | None
    open: int | None
    with_outcome: int | None
    beyond: int
    stopped_customers: CustomerList = field(compare=False)
    exit_customers: CustomerList = field(compare=False)
    open_customers: CustomerList = field(compare=False)
    with_outcome_customers: CustomerList = field(compare=False)
    beyond_customers: CustomerList = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PathColumn:
    """One step of a grid: `count` paths are at it, `over_count` have stopped before.

    Attributes
    ----------
    over_exits, over_open, over_with_outcome
        What became of those; None where paths do not go on to the end of their journey.
    customers, over_customers, over_exit_customers, over_open_customers, over_with_outcome_customers
        Who stands behind these; nobody behind what is None.
    """

    step: int
    count: int
    over_count: int
    over_exits: int | None
    over_open: int | None
    over_with_outcome: int | None
    customers: CustomerList = field(compare=False)
    over_customers: CustomerList = field(compare=False)
    over_exit_customers: CustomerList = field(compare=False)
    over_open_customers: CustomerList = field(compare=False)
    over_with_outcome_customers: CustomerList = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PathFlow:
    """Paths that go from one place of a grid (`source`, its id) to one of the next step."""

    step: int
    source: int
    target: int
    count: int
    units: int
    customers: CustomerList = field(compare=False)


def stepwise_paths(question: CommonPaths, journeys: Journeys) -> CommonPathsAnswer:
    """Answer a question of the form PREFIX_TREE or STEP_GRID.

    A tree lists every place before those behind it, a grid step after step; at the same place
    most units come first, then most paths, then by name, others last.

    Raises
    ------
    InvalidOptionError
        Where `first` or `after` do not name a page, or the tree would have too many places.
    """
    paths = path_ranges(question, journeys)
    as_tree = question.form.name == "PREFIX_TREE"
    rule = StepRule(
        steps=question.steps or 2, rows=question.rows or 1, at_least=question.at_least or 1,
        as_tree=as_tree,
    )  # fmt: skip
    taken = take_steps(paths, rule)
    order = _tree_order(taken) if as_tree else np.arange(len(taken))
    start, end = page_bounds(len(order), question.first, question.after)
    listed = order[start:end].tolist()
    covered, covered_count = taken.units_at_any(listed)
    own = taken.items != OTHER
    return _Page(question, paths, covered, covered_count).answer(
        distinct=int(own.sum()),
        n_listed=int(own[listed].sum()),
        info=page_info(len(order), start, end),
        nodes=tuple(_places(taken, listed)),
        columns=() if as_tree else tuple(_columns(taken)),
        flows=tuple(_flows(taken)) if question.flows else (),
    )


def anchored_paths(question: CommonPaths, journeys: Journeys) -> CommonPathsAnswer:
    """Answer a question of the form WHOLE about anchored paths.

    Raises
    ------
    InvalidOptionError
        Where `first` or `after` do not name a page.
    """
    paths = path_ranges(question, journeys)
    listed = SequencePage.of(
        count_paths(paths.view()), journeys, question.at_least or 1, question.first, question.after
    )
    lists = listed.lists
    groups = np.full(len(paths), -1, np.int64)
    elapsed_us = np.zeros(len(paths), np.int64)
    if len(lists):
        with np.errstate(over="ignore"):  # hashes wrap around
            found = locate_paths(
                journeys.item_codes, journeys.n_items, journeys.repeated_code,
                _sealed(paths.starts), _sealed(paths.ends), 0, len(paths), lists.starts,
                lists.items,
            )  # fmt: skip
        groups[found[:, 1]] = found[:, 0]
        at_us = journeys.graph.at_us
        elapsed_us[found[:, 1]] = at_us[found[:, 3]] - at_us[found[:, 2]]
    facts = facts_of(
        journeys, groups, len(lists), paths.units, elapsed_us, _has_outcome(paths),
        by_any=paths.runs_on,
    )  # fmt: skip
    covered = paths.units_of(groups >= 0)
    page = _Page(question, paths, covered, int((groups >= 0).sum()))

    def units_on(place: int) -> FindUnits:
        return lambda: paths.units_of(groups == place)

    return page.answer(
        distinct=listed.distinct,
        n_listed=len(listed),
        info=listed.page_info,
        nodes=tuple(
            _node(journeys, tuple(journeys.items[code] for code in codes), facts[place],
                  units_on(place))
            for place, codes in enumerate(lists.tuples())
        ),
    )  # fmt: skip


def _sealed(rows: Int64Array) -> Int64Array:
    view = rows.view()
    view.flags.writeable = False
    return view


def _has_outcome(paths: PathRanges) -> npt.NDArray[np.bool_]:
    """By path: with an outcome in it where it goes on to the journey's end, else behind it."""
    journeys = paths.journeys
    if not paths.runs_on:
        return np.asarray(journeys.unit_last_outcome[paths.units] >= paths.ends)
    first = ranks(journeys.outcome_rows, paths.starts)
    return np.asarray(ranks(journeys.outcome_rows, paths.ends) > first)


@dataclass(frozen=True, eq=False, slots=True)
class _Page:
    """What every page of paths says beside its nodes; `covered` are units on the listed ones."""

    question: CommonPaths
    paths: PathRanges
    covered: Int64Array
    covered_count: int

    def answer(
        self,
        *,
        distinct: int,
        n_listed: int,
        info: PageInfo,
        nodes: tuple[CommonPath, ...],
        columns: tuple[PathColumn, ...] = (),
        flows: tuple[PathFlow, ...] = (),
    ) -> CommonPathsAnswer:
        from queries.common_paths import CommonPathsAnswer  # which hands over to this module

        journeys, n_units = self.paths.journeys, self.paths.journeys.n_units
        others = np.setdiff1d(np.arange(n_units), self.covered, assume_unique=True)
        return CommonPathsAnswer(
            form=self.question.form,
            length=None,
            units=n_units,
            count=len(self.paths),
            distinct=distinct,
            covered_units=len(self.covered),
            coverage=len(self.covered) / n_units if n_units else None,
            covered_count=self.covered_count,
            other_units=len(others),
            other_count=len(self.paths) - self.covered_count,
            other_paths=distinct - n_listed,
            nodes=nodes,
            page_info=info,
            covered_customers=_customers(journeys, lambda: self.covered),
            other_customers=_customers(journeys, lambda: others),
            units_with_path=len(self.paths.different_units),
            with_path_customers=_customers(journeys, lambda: self.paths.different_units),
            columns=columns,
            flows=flows,
            backwards=self.paths.backwards and self.question.steps is not None,
        )


def _customers(journeys: Journeys, find: FindUnits) -> CustomerList:
    return CustomerList(journeys, lambda: customers_of_units(journeys, find()))


def _node(
    journeys: Journeys,
    items: tuple[str, ...],
    facts: Facts,
    find: FindUnits,
    step: PathStep | None = None,
) -> CommonPath:
    from queries.common_paths import CommonPath  # which hands over to this module

    return CommonPath(
        items=items,
        units=facts.units,
        share=facts.units / journeys.n_units,
        share_interval=wilson(facts.units, journeys.n_units, journeys.confidence),
        count=facts.count,
        outcome_rate=wilson(facts.outcome_units, facts.units, journeys.confidence),
        value_minor=facts.value_minor,
        median_seconds=None if facts.median_us is None else facts.median_us / 1e6,
        p95_seconds=None if facts.p95_us is None else facts.p95_us / 1e6,
        exact=True,
        small=facts.units < SMALL_GROUP,
        customers=_customers(journeys, find),
        step=step,
    )


def _tree_order(taken: PathSteps) -> Int64Array:
    """Every place before those behind it, these in their own order."""
    behind: list[list[int]] = [[] for _ in range(len(taken) + 1)]
    for place, parent in enumerate(taken.parents.tolist()):
        behind[parent].append(place)  # the last is that of the first step
    order, waiting = [], behind[-1][::-1]
    while waiting:
        place = waiting.pop()
        order.append(place)
        waiting += behind[place][::-1]
    return np.array(order, np.int64)


def _places(taken: PathSteps, listed: list[int]) -> Iterator[CommonPath]:
    journeys = taken.paths.journeys
    beyond, n_with_path = taken.beyond, len(taken.paths.different_units)
    for place, facts in zip(listed, taken.facts(listed), strict=True):
        parent = int(taken.parents[place])
        before = n_with_path if parent < 0 else int(taken.units[parent])
        stopped = taken.fates[place].tolist()
        runs_on = taken.paths.runs_on
        step = PathStep(
            id=place,
            parent=None if parent < 0 else parent,
            step=int(taken.steps[place]),
            is_other=bool(taken.items[place] == OTHER),
            merged=int(taken.merged[place]),
            of_parent=wilson(facts.units, before, journeys.confidence),
            stopped=sum(stopped),
            exits=stopped[EXIT] if runs_on else None,
            open=stopped[OPEN] if runs_on else None,
            with_outcome=stopped[WITH_OUTCOME] if runs_on else None,
            beyond=int(beyond[place]),
            stopped_customers=_found(taken, taken.units_that_stop, place),
            beyond_customers=_found(taken, taken.units_beyond, place),
            **_by_fate(taken, taken.units_that_stop, place),
        )
        yield _node(journeys, _items(taken, place), facts, _units_at(taken, place), step)


def _units_at(taken: PathSteps, place: int) -> FindUnits:
    return lambda: taken.units_at(place)


def _found(taken: PathSteps, find: Callable[..., Int64Array], *asked: int) -> CustomerList:
    return _customers(taken.paths.journeys, partial(find, *asked))


def _by_fate(
    taken: PathSteps, find: Callable[..., Int64Array], place: int, prefix: str = ""
) -> dict[str, CustomerList]:
    """The lists of those who stop, by what becomes of them; of nobody where that is not said."""

    def nobody(_place: int, _fate: int) -> Int64Array:
        return np.zeros(0, np.int64)

    fates = {"exit": EXIT, "open": OPEN, "with_outcome": WITH_OUTCOME}
    said = find if taken.paths.runs_on else nobody
    return {
        f"{prefix}{name}_customers": _found(taken, said, place, fate)
        for name, fate in fates.items()
    }


def _items(taken: PathSteps, place: int) -> tuple[str, ...]:
    """The items up to a place, in the order of the steps; others are not among them."""
    items: list[str] = []
    while place >= 0:
        if taken.items[place] != OTHER:
            items.append(taken.paths.journeys.items[taken.items[place]])
        place = int(taken.parents[place])
    return tuple(items[::-1])


def _columns(taken: PathSteps) -> Iterator[PathColumn]:
    over = np.zeros(3, np.int64)
    for number in range(1, taken.rule.steps + 1):
        at_step = taken.steps == number
        exits, open_, with_outcome = (int(over[fate]) for fate in (EXIT, OPEN, WITH_OUTCOME))
        runs_on = taken.paths.runs_on
        yield PathColumn(
            step=number,
            count=int(taken.counts[at_step].sum()),
            over_count=int(over.sum()),
            over_exits=exits if runs_on else None,
            over_open=open_ if runs_on else None,
            over_with_outcome=with_outcome if runs_on else None,
            customers=_found(taken, taken.units_at_step, number),
            over_customers=_found(taken, taken.units_stopped_before, number),
            **_by_fate(taken, taken.units_stopped_before, number, "over_"),
        )
        over = over + taken.fates[at_step].sum(axis=0)


def _flows(taken: PathSteps) -> Iterator[PathFlow]:
    for number, flows in enumerate(taken.flows(), start=1):
        columns = (flows.sources, flows.targets, flows.counts, flows.units)
        for source, target, count, units in zip(*(c.tolist() for c in columns), strict=True):
            yield PathFlow(
                step=number, source=source, target=target, count=count, units=units,
                customers=_found(taken, taken.units_from_to, source, target),
            )  # fmt: skip
