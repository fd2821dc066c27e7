"""Trees, grids, anchors: what the twin gives, what adds up, what is a funnel, what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from journeygraph.errors import ConflictingOptionsError, InvalidOptionError, JourneyGraphError
from journeygraph.graph_build import graph_from_rows
from journeygraph.journeys import Journeys
from journeygraph.statistics import anchors as anchors_of_paths
from journeygraph.statistics import path_steps
from journeygraph.statistics.quantiles import exact_quantile_us
from queries.common_paths import CommonPath, CommonPaths, CommonPathsAnswer, PathForm, common_paths
from queries.customer_lists import CustomerList
from queries.drop_off import DropOff, drop_off
from queries.funnel import Funnel, StepOrder, funnel
from queries.intervals import wilson
from tests.journeys.views import cases
from tests.naive import journeys as naive
from tests.naive.paths import Facts, Place, Ranged, anchored, grid, tree, whole_facts
from tests.statistics.sequences import Case, view_and_units

CHANNELS = ["web", "unknown"]
STEPWISE = st.sampled_from([PathForm.PREFIX_TREE, PathForm.STEP_GRID])
KINDS = [None, "starts_at", "ends_at", "through", "between"]


@st.composite
def anchors(draw: st.DrawFn, view: Journeys) -> dict[str, Any]:
    """An anchor for a view, as options of the question."""
    kind = draw(st.sampled_from(KINDS))
    classes = [
        draw(st.lists(st.sampled_from(view.items), min_size=1, max_size=2, unique=True))
        for _ in range(2 if kind == "between" else 1)
    ]
    if kind is None:
        return {}
    options: dict[str, Any] = {"occurrence": draw(st.sampled_from(["first", "last", "every"]))}
    if kind == "between":
        options["between"] = {"from": classes[0], "to": classes[1]}
    else:
        options[kind] = classes[0]
    channels = [name for name in CHANNELS if name in view.graph.channels]
    if kind != "through" and channels and draw(st.booleans()):
        end = "end_where" if kind == "ends_at" else "start_where"
        options[end] = {"channels": [draw(st.sampled_from(channels))]}
    return options


def paths_of(units: list[naive.Unit], options: dict[str, Any]) -> list[list[Ranged]]:
    """The twin's paths of an anchor."""
    kind = next((name for name in KINDS if name in options), None)
    given: Any = options.get(kind or "", [])
    classes = (set(given["from"]), set(given["to"])) if kind == "between" else (set(given),)

    def where(end: str, one: naive.Interaction) -> bool:
        return naive.meets(one, options.get(f"{end}_where", {}))

    return anchored(units, kind, classes, where, options.get("occurrence", "first"))


def runs_on(options: dict[str, Any]) -> bool:
    return not {"ends_at", "between"} & set(options)


def outcome_of(case: Case) -> Any:
    world, options = case
    return lambda one: naive.is_outcome(one, options.get("outcome"), world)


def all_ids(customers: CustomerList) -> list[str]:
    return list(customers.page(1000).ids)


def ids_of(units: list[naive.Unit], paths: list[list[Ranged]]) -> list[str]:
    return list(
        dict.fromkeys(unit.customer for unit, mine in zip(units, paths, strict=True) if mine)
    )


def assert_facts(node: CommonPath, facts: Facts, view: Journeys) -> None:
    assert (node.units, node.count, node.value_minor) == (facts.units, facts.count, facts.value)
    assert node.share == facts.units / view.n_units
    assert node.share_interval == wilson(facts.units, view.n_units, view.confidence)
    assert node.outcome_rate == wilson(facts.outcome_units, facts.units, view.confidence)
    for said, percent in ((node.median_seconds, 50), (node.p95_seconds, 95)):
        exact = exact_quantile_us(np.array(facts.durations, np.int64), percent)
        assert exact is not None
        assert said == exact / 1e6


@given(
    case=cases(), form=STEPWISE, data=st.data(), steps=st.integers(2, 4), rows=st.integers(1, 3),
    at_least=st.integers(1, 2),
)  # fmt: skip
def test_places_are_those_of_the_naive_twin(
    case: Case, form: PathForm, data: st.DataObject, steps: int, rows: int, at_least: int
) -> None:
    view, units = view_and_units(case)
    options = data.draw(anchors(view)) if view.items else {}
    question = CommonPaths(
        form=form, steps=steps, rows=rows, at_least=at_least, first=1000, **options
    )
    answer = common_paths(question, view)
    paths = paths_of(units, options)
    twin = tree if form is PathForm.PREFIX_TREE else grid
    expected = twin(paths, steps, rows, at_least)
    assert [place_of(node) for node in answer.nodes] == [
        (place.items, place.step, place.is_other, place.merged) for place in expected
    ]
    for node, place in zip(answer.nodes, expected, strict=True):
        assert_facts(node, place.facts(outcome_of(case)), view)
        assert_step(node, place, view, runs_on(options))
        assert all_ids(node.customers) == ids_of(units, place.paths)
        stopped = [[p for p in mine if len(p.items) == place.step] for mine in place.paths]
        assert node.step is not None
        assert all_ids(node.step.stopped_customers) == ids_of(units, stopped)
    own = [place for place in expected if not place.is_other]
    assert (answer.distinct, answer.other_paths) == (len(own), 0)
    assert answer.count == sum(map(len, paths))
    assert answer.units_with_path == sum(map(bool, paths))
    assert all_ids(answer.covered_customers) == ids_of(units, paths)
    assert all_ids(answer.with_path_customers) == ids_of(units, paths)


def place_of(node: CommonPath) -> tuple[Any, ...]:
    step = node.step
    assert step is not None
    return node.items, step.step, step.is_other, step.merged


def assert_step(node: CommonPath, place: Place, view: Journeys, has_fates: bool) -> None:
    step = node.step
    assert step is not None
    assert step.of_parent == wilson(place.units, place.parent_units, view.confidence)
    assert step.stopped == len(place.stopped)
    assert step.beyond == len(place.all_paths) - len(place.stopped) - place.behind
    fates = (step.exits, step.open, step.with_outcome)
    if has_fates:
        assert sum(fate or 0 for fate in fates) == step.stopped
    else:
        assert fates == (None, None, None)


@given(case=cases(), data=st.data(), at_least=st.integers(1, 2))
def test_whole_anchored_paths_are_those_of_the_naive_twin(
    case: Case, data: st.DataObject, at_least: int
) -> None:
    view, units = view_and_units(case)
    assume(view.items)
    options = data.draw(anchors(view))
    paths = paths_of(units, options)
    expected = whole_facts(paths, runs_on(options), outcome_of(case))
    ranking = [path for path in expected if expected[path].units >= at_least]
    ranking.sort(key=lambda path: (-expected[path].units, -expected[path].count, path))
    answer = common_paths(CommonPaths(first=1000, at_least=at_least, exact=True, **options), view)
    assert [node.items for node in answer.nodes] == ranking
    for node in answer.nodes:
        assert_facts(node, expected[node.items], view)
        taking = [[p for p in mine if names_of(p) == node.items] for mine in paths]
        assert all_ids(node.customers) == ids_of(units, taking)
    assert answer.count == answer.covered_count + answer.other_count == sum(map(len, paths))
    assert answer.units == answer.covered_units + answer.other_units == len(units)
    assert answer.distinct == len(answer.nodes) + answer.other_paths == len(expected)


def names_of(path: Ranged) -> tuple[str, ...]:
    return tuple(kept.item for kept in path.items)


@given(case=cases(), form=STEPWISE, data=st.data())
def test_places_add_up(case: Case, form: PathForm, data: st.DataObject) -> None:
    view, _ = view_and_units(case)
    options = data.draw(anchors(view)) if view.items else {}
    flows = True if form is PathForm.STEP_GRID else None
    answer = common_paths(
        CommonPaths(form=form, steps=3, rows=2, first=1000, flows=flows, **options), view
    )
    steps = [node.step for node in answer.nodes if node.step]
    counts = {step.id: node.count for step, node in zip(steps, answer.nodes, strict=True)}
    assert sum(counts[step.id] for step in steps if step.step == 1) == answer.count
    assert answer.backwards == bool({"ends_at", "end_where"} & set(options))
    for step in steps:
        if form is PathForm.PREFIX_TREE:
            behind = sum(counts[other.id] for other in steps if other.parent == step.id)
        else:
            behind = sum(flow.count for flow in answer.flows if flow.source == step.id)
            if step.step > 1:
                into = sum(flow.count for flow in answer.flows if flow.target == step.id)
                assert into == counts[step.id]
        assert counts[step.id] == behind + step.stopped + step.beyond
    for column in answer.columns:
        at_step = sum(counts[step.id] for step in steps if step.step == column.step)
        assert column.count == at_step
        assert column.count + column.over_count == answer.count
        assert all(flow.units <= flow.count for flow in answer.flows)
    if options.get("occurrence", "every") != "every":  # one path of each unit: units add up, too
        assert all(node.units == node.count for node in answer.nodes)
        if case[1]["unit"] == "customer":
            assert_lists(answer)


def assert_lists(answer: CommonPathsAnswer) -> None:
    """Where each customer has one path at most, lists are as long as the counts of paths."""
    for step in (node.step for node in answer.nodes):
        assert step is not None
        assert step.stopped_customers.count == step.stopped
        assert step.exit_customers.count == (step.exits or 0)
        assert step.open_customers.count == (step.open or 0)
        assert step.with_outcome_customers.count == (step.with_outcome or 0)
        assert step.beyond_customers.count == step.beyond
    for column in answer.columns:
        assert column.customers.count == column.count
        assert column.over_customers.count == column.over_count
        assert column.over_exit_customers.count == (column.over_exits or 0)
        assert column.over_open_customers.count == (column.over_open or 0)
        assert column.over_with_outcome_customers.count == (column.over_with_outcome or 0)
    for flow in answer.flows:
        assert flow.customers.count == flow.units == flow.count


@given(case=cases(), data=st.data())
def test_every_begin_from_an_anchor_is_a_strict_funnel(case: Case, data: st.DataObject) -> None:
    view, _ = view_and_units(case)
    assume(view.items)
    start = data.draw(st.sampled_from(view.items))
    answer = common_paths(
        CommonPaths(
            form=PathForm.PREFIX_TREE, steps=3, rows=30, first=1000, starts_at=start,
            occurrence="every",  # type: ignore[arg-type]
        ),
        view,
    )  # fmt: skip
    for node in answer.nodes:
        same = funnel(Funnel(steps=node.items, order=StepOrder.STRICT), view)
        assert [step.units for step in same.steps][-1] == node.units
        assert all_ids(same.steps[-1].customers) == all_ids(node.customers)


@given(case=cases())
def test_where_paths_stop_is_where_units_drop_off(case: Case) -> None:
    view, _ = view_and_units(case)
    assume(view.n_journeys == view.n_units)
    answer = common_paths(CommonPaths(form=PathForm.STEP_GRID, steps=20, rows=30, first=1000), view)
    assume(not any(node.step and node.step.beyond for node in answer.nodes))
    same = drop_off(DropOff(first=1000), view)
    for item in same.nodes:
        here = [node.step for node in answer.nodes if node.items == (item.item,)]
        assert sum(step.exits or 0 for step in here if step) == item.exits
        assert sum(step.open or 0 for step in here if step) == item.open
    steps = [node.step for node in answer.nodes]
    assert sum(step.with_outcome or 0 for step in steps if step) == same.with_outcome


@given(case=cases(), form=STEPWISE, first=st.integers(1, 3))
def test_pages_are_the_whole_list_in_pieces(case: Case, form: PathForm, first: int) -> None:
    view, _ = view_and_units(case)
    whole = ask(view, form=form, steps=3, first=1000)
    found: list[Any] = []
    after, more = None, True
    while more:
        answer = ask(view, form=form, steps=3, first=first, after=after)
        found += [(node.items, node.units, node.step) for node in answer.nodes]
        listed = [node for node in answer.nodes if node.step and not node.step.is_other]
        assert answer.other_paths == answer.distinct - len(listed)
        assert answer.covered_count + answer.other_count == answer.count
        after, more = answer.page_info.end_cursor, answer.page_info.has_next_page
    assert found == [(node.items, node.units, node.step) for node in whole.nodes]


def ask(view: Journeys, **options: Any) -> CommonPathsAnswer:
    return common_paths(CommonPaths(**options), view)


def shop() -> Journeys:
    """Two customers; minutes as times; b is old enough to be gone."""
    minute, day = 60_000_000, 86_400_000_000
    rows = [
        ("a", 0, "home", "web", None, None), ("a", minute, "cart", "app", None, None),
        ("a", 2 * minute, "home", "app", None, None), ("a", 3 * minute, "cart", "web", None, None),
        ("a", 9 * minute, "purchase", "web", None, 500), ("b", 0, "cart", "web", None, None),
        ("b", minute, "home", "web", None, None), ("c", 90 * day, "home", "web", None, None),
    ]  # fmt: skip
    return graph_from_rows(rows).journeys()


def test_an_anchor_by_hand() -> None:
    view = shop()
    first = ask(view, starts_at="cart")
    assert [(node.items, node.units) for node in first.nodes] == [
        (("cart", "home"), 1), (("cart", "home", "cart", "purchase"), 1)
    ]  # fmt: skip
    assert (first.units, first.units_with_path, first.other_units) == (3, 2, 1)
    last = ask(view, starts_at="cart", occurrence="LAST")
    assert [node.items for node in last.nodes] == [("cart", "home"), ("cart", "purchase")]
    assert last.nodes[1].median_seconds == 360
    every = ask(view, starts_at=["cart"], occurrence="every")
    assert every.count == 3
    on_app = ask(view, starts_at="cart", start_where={"channels": ["app"]})
    assert [node.items for node in on_app.nodes] == [("cart", "home", "cart", "purchase")]
    any_on_app = ask(view, start_where={"channels": "app"}, occurrence="last")
    assert [node.items for node in any_on_app.nodes] == [("home", "cart", "purchase")]
    shortest = ask(view, between={"from": ["home", "cart"], "to": "purchase"})
    assert [node.items for node in shortest.nodes] == [("cart", "purchase")]
    assert shortest.nodes[0].outcome_rate.value == 0  # nothing comes behind the purchase
    again = ask(view, between={"from": "cart", "to": "cart"})
    assert [node.items for node in again.nodes] == [("cart", "home", "cart")]
    assert again.nodes[0].outcome_rate.value == 1
    backwards = ask(view, form="prefix_tree", steps=2, ends_at="purchase")
    assert [node.items for node in backwards.nodes] == [("purchase",), ("purchase", "cart")]
    assert ask(view, through="purchase").nodes[0].units == 1


def test_what_becomes_of_paths_that_stop() -> None:
    nodes = ask(shop(), form="step_grid", steps=2).nodes
    fates = {
        (node.items, node.step.step): (node.step.exits, node.step.open, node.step.with_outcome)
        for node in nodes
        if node.step
    }
    assert fates[("home",), 1] == (0, 1, 0)
    assert fates[("home",), 2] == (1, 0, 0)
    (left,) = (n.step for n in nodes if n.step and (n.items, n.step.step) == (("home",), 2))
    assert left.exit_customers.count == left.stopped_customers.count == 1
    assert left.open_customers.count == left.beyond_customers.count == 0


def test_a_tree_may_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(path_steps, "MAX_PLACES", 3)
    with pytest.raises(InvalidOptionError, match="3 places at most"):
        ask(shop(), form="prefix_tree", steps=5)


def test_paths_that_overlap_may_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anchors_of_paths, "MOST_COPIED", 6)
    assert ask(shop(), starts_at="cart", occurrence="first").count == 2
    with pytest.raises(InvalidOptionError, match="FIRST or LAST.* 8 rows"):
        ask(shop(), starts_at="cart", occurrence="every")


def test_nothing_is_nothing() -> None:
    view = graph_from_rows([]).journeys()
    for form in ("prefix_tree", "step_grid"):
        answer = ask(view, form=form)
        assert (answer.nodes, answer.count, answer.coverage) == ((), 0, None)
    empty = ask(shop(), form="step_grid", between={"from": "purchase", "to": "home"}, flows=True)
    assert (empty.nodes, empty.count, empty.units_with_path) == ((), 0, 0)


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"steps": 5}, ConflictingOptionsError, "steps"),
        ({"rows": 5}, ConflictingOptionsError, "rows"),
        ({"form": "prefix_tree", "flows": True}, ConflictingOptionsError, "flows"),
        ({"form": "prefix_tree", "length": 3}, ConflictingOptionsError, "length"),
        ({"form": "prefix_tree", "max_gap": 3}, ConflictingOptionsError, "max_gap"),
        ({"form": "ngram", "starts_at": "cart"}, ConflictingOptionsError, "starts_at"),
        ({"form": "pattern", "through": "cart"}, ConflictingOptionsError, "through"),
        ({"form": "step_grid", "steps": 1}, InvalidOptionError, "from 2 to 20"),
        ({"form": "step_grid", "steps": 21}, InvalidOptionError, "from 2 to 20"),
        ({"form": "step_grid", "steps": True}, InvalidOptionError, r"Expected a whole number\."),
        ({"form": "step_grid", "rows": 0}, InvalidOptionError, "from 1 to 30"),
        ({"form": "step_grid", "rows": 31}, InvalidOptionError, "from 1 to 30"),
        ({"form": "step_grid", "flows": 1}, InvalidOptionError, "true or false"),
        ({"starts_at": "cart", "ends_at": "home"}, ConflictingOptionsError, "ends_at"),
        ({"starts_at": "cart", "through": "home"}, ConflictingOptionsError, "through"),
        ({"through": "cart", "end_where": {"channels": "web"}}, ConflictingOptionsError, "end_wh"),
        ({"ends_at": "cart", "start_where": {"channels": "web"}}, ConflictingOptionsError, "start"),
        ({"between": {"from": "a"}, "starts_at": "a"}, InvalidOptionError, "between.to"),
        ({"between": {"to": "a"}}, InvalidOptionError, "between.from"),
        ({"between": {"from": "a", "to": "b"}, "ends_at": "a"}, ConflictingOptionsError, "ends_at"),
        ({"between": {"form": "a"}}, JourneyGraphError, "form"),
        ({"occurrence": "first"}, InvalidOptionError, "starts_at"),
        ({"starts_at": "cart", "occurrence": "second"}, InvalidOptionError, "FIRST, LAST or EVERY"),
        ({"starts_at": []}, InvalidOptionError, "starts_at"),
        ({"start_where": {}}, InvalidOptionError, "conditions on an interaction"),
        (
            {"start_where": {"channels": "web"}, "end_where": {"channels": "web"}},
            ConflictingOptionsError,
            "end_where",
        ),
        ({"start_where": {"from": "2024-01-01"}}, InvalidOptionError, "channels"),
        ({"starts_at": "crat"}, JourneyGraphError, "cart"),
        ({"start_where": {"channels": ["wbe"]}}, JourneyGraphError, "web"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    options: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        ask(shop(), **options)
