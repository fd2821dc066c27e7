"""Two populations side by side: against the naive twin, scipy and other questions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from journeygraph.errors import InvalidOptionError, UnknownOptionError
from journeygraph.graph_build import graph_from_rows
from journeygraph.journeys import Journeys
from queries.compare import Compare, CompareAnswer, compare, compare_views
from queries.drop_off_contrast import contrast_drop_off
from queries.intervals import benjamini_hochberg
from queries.journey_map import JourneyMap, journey_map
from queries.shared_customers import SharedCustomers
from queries.shared_ratings import rating_differences
from queries.transitions import Transitions, transitions
from tests.journeys.views import cases
from tests.naive.compare import Side, difference_of_means, p_of_shares, side_of
from tests.naive.journey_map import items_of, rating
from tests.statistics.sequences import Case, view_and_units
from tests.strategies import DAY_US

LARGE = 1000


def apart(table: list[list[int]]) -> float:
    """Pearson's chi-square, or Fisher's exact test where fewer than 5 are expected."""
    if stats.contingency.expected_freq(table).min() < 5:
        return float(stats.fisher_exact(np.array(table)).pvalue)
    return float(stats.chi2_contingency(table, correction=False).pvalue)


def sides_of(case: Case, second: dict[str, Any]) -> tuple[list[Journeys], list[Any]]:
    """Both views, and the twin's units of both."""
    world, options = case
    view, units = view_and_units(case)
    other, other_units = view_and_units((world, {**options, "where": second}))
    return [view, other], [units, other_units]


SECOND: list[dict[str, Any]] = [
    {},
    {"until": 20 * DAY_US},
    {"from": 2 * DAY_US},
    {"customers": {"has_outcome": True}},
    {"stages": ["unknown", "inquiry"]},
]


@given(case=cases(many_touchpoints=True), second=st.sampled_from(SECOND))
def test_both_sides_and_their_differences_are_those_of_the_naive_twin(
    case: Case, second: dict[str, Any]
) -> None:
    world, options = case
    views, units = sides_of(case, second)
    one, other = (
        side_of(mine, world, options.get("outcome"), view.as_of_us, view.inactivity_us)
        for view, mine in zip(views, units, strict=True)
    )
    answer = compare_views(*views)
    assert set(answer.shared_customers.page(100).ids) == {*one.owners} & {*other.owners}
    check_shares(answer, one, other)
    for measure, name in (
        (answer.value_per_unit, "values"),
        (answer.items_per_journey, "lengths"),
        (answer.journey_seconds, "times"),
    ):
        mine, theirs = getattr(one, name), getattr(other, name)
        check_mean(measure.difference, mine, theirs, one, other)
        for shown, numbers in ((measure.population, mine), (measure.against, theirs)):
            flat = sorted(number for of_unit in numbers for number in of_unit)
            assert (shown.count, shown.units) == (len(flat), len(numbers))
            if flat:
                assert shown.value == pytest.approx(float(sum(flat) / len(flat)))
                assert shown.median == pytest.approx(float(flat[(len(flat) + 1) // 2 - 1]))
    check_items(answer, one, other, [felt_by(mine, world) for mine in units])
    check_transitions(answer, one, other)


def check_shares(answer: CompareAnswer, one: Side, other: Side) -> None:
    for side, rate, exits, is_open in (
        (one, answer.outcome_rate.population, answer.exit_rate.population,
         answer.open_share.population),
        (other, answer.outcome_rate.against, answer.exit_rate.against, answer.open_share.against),
    ):  # fmt: skip
        assert (rate.successes, rate.of) == (sum(side.had), len(side.had))
        assert (is_open.successes, is_open.of) == (sum(side.open), len(side.open))
        gone = [not a and not b for a, b in zip(side.open, side.had, strict=True)]
        assert (exits.successes, exits.of) == (sum(gone), len(gone) - sum(side.open))
    found = answer.outcome_rate.difference.p_value
    check_p(found, p_of_shares(one.had, other.had, one.owners, other.owners, apart))


def check_p(found: float | None, expected: float | None) -> None:
    assert found == (None if expected is None else pytest.approx(expected, abs=1e-9))


def check_mean(difference: Any, mine: Any, theirs: Any, one: Side, other: Side) -> None:
    expected = difference_of_means(mine, theirs, one.owners, other.owners)
    if expected is None:
        assert difference.p_value is difference.low is None
        return
    value, error, degrees = expected
    largest = max(
        (abs(float(number)) for of_unit in (*mine, *theirs) for number in of_unit), default=0
    )
    assert difference.value == pytest.approx(value, abs=1e-9 * (1 + largest))
    assert difference.high - value == pytest.approx(stats.t.ppf(0.975, degrees) * error, rel=1e-5)
    assert difference.p_value == pytest.approx(
        2 * stats.t.sf(abs(value) / error, degrees), abs=1e-6
    )


def felt_by(units: Any, world: Any) -> list[dict[str, list[float]]]:
    """Of each unit the emotions at each item."""
    found: list[dict[str, list[float]]] = []
    for unit in units:
        felt: dict[str, list[float]] = {}
        for item, met in items_of(unit):
            said = [rating(one, world, "emotion") for one in met]
            felt.setdefault(item, []).extend(value / 1000 for value in said if value is not None)
        found.append(felt)
    return found


def check_items(answer: CompareAnswer, one: Side, other: Side, felt: Any) -> None:
    page = answer.items(first=LARGE)
    assert {node.item for node in page.nodes} == set().union(*one.items, *other.items)
    for node in page.nodes:
        met = [[node.item in items for items in side.items] for side in (one, other)]
        assert (node.population.units, node.against.units) == (sum(met[0]), sum(met[1]))
        p_value = node.share_difference.p_value
        check_row(p_value, p_of_shares(met[0], met[1], one.owners, other.owners, apart), met)
        emotions = [[mine.get(node.item, []) for mine in side] for side in felt]
        check_mean(node.emotion_difference, emotions[0], emotions[1], one, other)
    q_values = [node.share_difference.q_value for node in page.nodes]
    p_values = [node.share_difference.p_value for node in page.nodes]
    tested = [p for p in p_values if p is not None]
    assert [q for q in q_values if q is not None] == pytest.approx(benjamini_hochberg(tested))
    assert page.shares_tested == len(tested)


def check_row(found: float | None, expected: float | None, met: list[list[bool]]) -> None:
    """Rows of few are tested exactly, too, and the larger p counts."""
    if expected is not None:
        table = [[sum(side), len(side) - sum(side)] for side in met]
        if stats.contingency.expected_freq(table).min() < 5:
            expected = max(expected, apart(table))
    check_p(found, expected)


def check_transitions(answer: CompareAnswer, one: Side, other: Side) -> None:
    page = answer.transitions(first=LARGE)
    every = {edge for side in (one, other) for edges in side.edges for edge in edges}
    assert {(node.source, node.target) for node in page.nodes} == every
    for node in page.nodes:
        edge = node.source, node.target
        taken = [[edge in edges for edges in side.edges] for side in (one, other)]
        assert (node.population.units, node.against.units) == (sum(taken[0]), sum(taken[1]))
        counts = [sum(edges.count(edge) for edges in side.edges) for side in (one, other)]
        assert [node.population.count, node.against.count] == counts
        p_value = node.share_difference.p_value
        expected = p_of_shares(taken[0], taken[1], one.owners, other.owners, apart)
        check_row(p_value, expected, taken)


@settings(max_examples=12)
@given(case=cases(many_touchpoints=True), second=st.sampled_from(SECOND))
def test_it_agrees_with_other_questions_and_turns_round(case: Case, second: dict[str, Any]) -> None:
    views, _units = sides_of(case, second)
    answer, turned = compare_views(*views), compare_views(*views[::-1])
    assert answer.outcome_rate.population == turned.outcome_rate.against
    items = {node.item: node for node in answer.items(first=LARGE).nodes}
    for back in turned.items(first=LARGE).nodes:
        node = items[back.item]
        assert (node.population.units, node.against.units) == (
            back.against.units, back.population.units,
        )  # fmt: skip
        for name in ("share_difference", "rate_difference", "emotion_difference"):
            there, here = getattr(node, name), getattr(back, name)
            check_p(there.p_value, here.p_value)
            if there.value is not None:
                assert there.value == pytest.approx(-here.value, abs=1e-12)
    for known in contrast_drop_off(views[0], views[1], first=LARGE).nodes:
        node = items[known.item]
        assert (node.rate_difference.p_value, node.rate_difference.q_value) == (
            known.p_value, known.q_value,
        )  # fmt: skip
    known_map = journey_map(JourneyMap(), views[0])
    assert answer.emotion.population == known_map.emotion
    edges = {(n.source, n.target): n for n in answer.transitions(first=LARGE).nodes}
    for edge in transitions(Transitions(first=LARGE), views[0]).nodes:
        side = edges[edge.source, edge.target].population
        assert (side.units, side.count, side.share) == (edge.units, edge.count, edge.share_interval)
        assert side.customers.page(99).ids == edge.customers.page(99).ids
    nothing = compare_views(views[0], views[0])
    for measure in (nothing.value_per_unit, nothing.items_per_journey, nothing.emotion):
        assert not measure.difference.value
        assert measure.difference.p_value is None
    assert not nothing.outcome_rate.difference.value


def worth(names: list[str], values: list[int], touchpoint: str) -> list[Any]:
    return [
        (name, at, touchpoint, None, None, value)
        for at, (name, value) in enumerate(zip(names, values, strict=True))
    ]


def test_means_are_compared_by_welchs_test_and_by_that_of_pairs() -> None:
    random = np.random.default_rng(3)
    first, second = random.integers(0, 9000, 40), random.integers(0, 5000, 60)
    rows = [
        *worth([f"a{n}" for n in range(40)], first.tolist(), "ad"),
        *worth([f"b{n}" for n in range(60)], second.tolist(), "shop"),
    ]
    view = graph_from_rows(rows).journeys(where={"touchpoints": ["ad"]})
    found = compare(Compare(with_={"touchpoints": ["shop"]}), view).value_per_unit.difference
    welch = stats.ttest_ind(first / 100, second / 100, equal_var=False)
    interval = welch.confidence_interval(0.95)
    assert found.p_value == pytest.approx(welch.pvalue)
    assert found.low == pytest.approx(interval.low)
    assert found.high == pytest.approx(interval.high)
    # the same customers twice: one journey of one length each time
    rows = []
    for number in range(50):
        before, behind = 1 + number % 7, 1 + (number * 5) % 11
        rows += [(f"c{number}", at, "ad") for at in range(before)]
        rows += [(f"c{number}", DAY_US + at, "ad") for at in range(behind)]
    view = graph_from_rows(rows).journeys(where={"until": "1970-01-02"})
    paired = compare(Compare(with_={"from": "1970-01-02"}), view)
    lengths = [1 + n % 7 for n in range(50)], [1 + (n * 5) % 11 for n in range(50)]
    expected = stats.ttest_rel(*lengths)
    assert paired.shared == 50
    difference = paired.items_per_journey.difference
    assert difference.p_value == pytest.approx(expected.pvalue)
    assert difference.low == pytest.approx(expected.confidence_interval(0.95).low)


def test_periods_with_the_same_customers_are_not_found_different_too_often() -> None:
    """Most customers of the first period come again, and feel much the same."""
    random = np.random.default_rng(5)
    found = []
    for _ in range(120):
        mood = random.normal(0, 300, 60)
        names = [f"c{n}" for n in range(60)]
        rows = [(name, n, "call", None, None, None) for n, name in enumerate(names)]
        rows += [(name, DAY_US + n, "call", None, None, None) for n, name in enumerate(names[20:])]
        rows += [(f"n{n}", DAY_US + n, "call", None, None, None) for n in range(15)]
        said = np.concatenate([mood, mood[20:], random.normal(0, 300, 15)])
        said = (said + random.normal(0, 200, len(said))).clip(-1000, 1000).astype(int)
        view = graph_from_rows(rows, emotion=said.tolist()).journeys(where={"until": "1970-01-02"})
        shared = SharedCustomers.of(view, view.with_where({"from": "1970-01-02"}))
        found.append(rating_differences(shared, None)[0].p_value)
    assert np.mean(np.array(found) < 0.05) < 0.11
    assert 0.11 < np.mean(np.array(found) < 0.20) < 0.30


def shop() -> Journeys:
    rows: list[Any] = []
    for number in range(80):
        name = f"c{number}"
        rows.append((name, 1, "app" if number % 2 else "web"))
        rows.append((name, 2, "cart"))
        if number % 4 == 1 or number % 5 == 0:
            rows.append((name, 3, "purchase"))
    rows += [("x", 4, "rare"), ("y", 5, "rare")]
    return graph_from_rows(rows).journeys(where={"customers": {"touched": ["app", "rare"]}})


def test_pages_and_what_is_eligible() -> None:
    answer = compare(Compare(with_={"customers": {"touched": ["web"]}}), shop())
    assert (answer.units, answer.against_units, answer.shared) == (42, 40, 0)
    assert answer.warnings == ()
    whole = answer.items()
    assert (whole.eligible, whole.shares_tested) == (5, 5)
    assert {node.item for node in whole.nodes[:2]} == {"app", "web"}
    pages = answer.items(first=2)
    further = answer.items(first=9, after=pages.page_info.end_cursor)
    assert [n.item for n in (*pages.nodes, *further.nodes)] == [n.item for n in whole.nodes]
    most = answer.items(at_least=3)
    assert "rare" not in {node.item for node in most.nodes}
    assert (most.eligible, most.shares_tested) == (4, 4)
    p_values = [node.share_difference.p_value or 0.0 for node in most.nodes]
    q_values = [node.share_difference.q_value for node in most.nodes]
    assert q_values == pytest.approx(benjamini_hochberg(p_values))
    (rare,) = (node for node in whole.nodes if node.item == "rare")
    assert rare.against.customers.count == rare.against.units == 0
    assert rare.population.customers.page(9).ids == ("x", "y")
    edges = answer.transitions(at_least=41)
    assert [(n.source, n.target) for n in edges.nodes] == []
    assert answer.transitions().eligible == 3


def test_few_units_are_said_to_be_few() -> None:
    answer = compare(Compare(with_={"customers": {"touched": ["rare"]}}), shop())
    assert answer.outcome_rate.difference.small
    assert any("has 2 units" in text for text in answer.warnings)
    assert any("2 customers are in both" in text for text in answer.warnings)


def test_nobody() -> None:
    view = graph_from_rows([("a", 1, "call")]).journeys()
    answer = compare(Compare(with_={"until": "1970-01-01"}), view)
    assert (answer.units, answer.against_units) == (1, 0)
    assert answer.outcome_rate.difference.value is None
    assert answer.items().nodes[0].share_difference.value is None
    nothing = compare_views(*[graph_from_rows([]).journeys()] * 2)
    assert (nothing.items().nodes, nothing.transitions().nodes) == ((), ())


def test_bad_input_is_refused() -> None:
    view = shop()
    with pytest.raises(UnknownOptionError):
        compare(Compare(with_={"form": "1970"}), view)
    with pytest.raises(InvalidOptionError):
        compare(Compare(with_="march"), view)  # type: ignore[arg-type]
    answer = compare(Compare(with_={}), view)
    for page in (answer.items, answer.transitions):
        with pytest.raises(InvalidOptionError):
            page(first=1001)
        with pytest.raises(InvalidOptionError):
            page(at_least=0)
        with pytest.raises(InvalidOptionError):
            page(after="nowhere")
