"""Experience: against the naive twin, Wilson and scipy, and what is refused."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from journeygraph.errors import InvalidDurationError, InvalidOptionError
from journeygraph.graph_build import graph_from_rows
from queries.experience import Experience, ExperienceBy, experience
from queries.feelings import FeltNumbers
from queries.intervals import wilson
from queries.means import Mean, difference_of, share_of
from tests.journeys.views import cases
from tests.naive import experience as naive
from tests.statistics.sequences import Case, view_and_units
from tests.strategies import DAY_US

WORDS = {
    "emotion_label": ["joy", "anger", None], "emotion_source": ["reported", "scored", None],
    "team": ["north", "south", None], "environment": ["digital", "physical", None],
    "level": ["rational", "spiritual", None],
}  # fmt: skip
ROWS = [
    ("a", 0 * DAY_US, "site", "web", "inquiry"), ("a", 1 * DAY_US, "shop", "store", "purchase"),
    ("a", 2 * DAY_US, "call", "phone", "support"), ("b", 3 * DAY_US, "site", "web", "comparison"),
    ("b", 40 * DAY_US, "call", "phone", None), ("c", 99 * DAY_US, "site", "web", "inquiry"),
]  # fmt: skip
SAID: dict[str, list[Any]] = {
    "emotion": [500, -250, 250, None, -1000, 1000],
    "expectation": [0, 500, None, 200, None, None],
    "experience": [100, 0, 300, 200, None, None],
    "emotion_label": ["joy", "anger", "joy", None, "anger", "joy"],
    "emotion_source": ["reported", "reported", "scored", None, None, None],
    "team": ["north", None, "south", None, "south", None],
}


def view(**options):
    rows = [(*row, None) for row in ROWS]
    return graph_from_rows(rows, **SAID).journeys(outcome={"touchpoints": ["shop"]}, **options)


def test_groups_with_what_is_said_in_them():
    answer = experience(Experience(by="team"), view())
    assert (answer.units, answer.count, answer.groups) == (3, 6, 3)
    assert [(one.group, one.units, one.count) for one in answer.nodes] == [
        ("unknown", 3, 3), ("south", 2, 2), ("north", 1, 1),
    ]  # fmt: skip
    unknown = answer.nodes[0]
    assert unknown.expectation.value == pytest.approx(0.35)
    assert (unknown.gap.value, unknown.gap.ratings) == (pytest.approx(-0.25), 2)
    assert (unknown.met.successes, unknown.met.of) == (1, 2)
    assert unknown.met_customers.page(9).ids == ("b",)
    assert unknown.emotion_customers.page(9).ids == ("a", "c")
    assert answer.overall.customers.page(9).ids == ("a", "b", "c")


def test_feelings_in_words_and_by_source():
    overall = experience(Experience(), view()).overall
    assert [(one.label, one.count, one.share, one.units) for one in overall.labels] == [
        ("joy", 3, 0.6, 2), ("anger", 2, 0.4, 2),
    ]  # fmt: skip
    assert overall.labels[1].customers.page(9).ids == ("a", "b")
    assert [(one.source, one.emotion.value, one.emotion.ratings) for one in overall.sources] == [
        ("reported", 0.125, 2), ("unknown", 0, 2), ("scored", 0.25, 1),
    ]  # fmt: skip
    assert overall.sources[1].customers.page(9).ids == ("b", "c")


def test_the_curve_and_the_purchase_are_in_their_order():
    answer = experience(Experience(), view())
    assert [(one.group, one.emotion.value) for one in answer.curve] == [
        ("inquiry", 0.75), ("comparison", None), ("purchase", -0.25), ("support", 0.25),
        ("unknown", -1),
    ]  # fmt: skip
    assert [(one.group, one.count, one.customers.count) for one in answer.phases] == [
        ("before", 3, 3), ("during", 1, 1), ("after", 1, 1), ("unknown", 1, 1),
    ]  # fmt: skip
    by_stage = experience(Experience(), view(by="stage", rules={"rename": {"support": "inquiry"}}))
    assert [one.group for one in by_stage.curve] == [one.group for one in answer.curve]


def test_groups_are_named_by_the_rules_where_paths_are_made_of_them():
    cleaned = view(rules={"rename": {"call": "site"}})
    assert [one.group for one in experience(Experience(), cleaned).nodes] == ["site", "shop"]
    assert [one.group for one in experience(Experience(by="channel"), cleaned).nodes] == [
        "web", "phone", "store",
    ]  # fmt: skip


def test_peaks_and_ends_go_with_the_outcome():
    peak, end = experience(Experience(), view()).peak_end
    assert (peak.emotion.value, peak.emotion.ratings) == (pytest.approx((0.5 - 1 + 1) / 3), 3)
    assert (peak.with_outcome.value, peak.without_outcome.value) == (0.5, -1)
    assert (peak.difference.value, peak.difference.p_value) == (1.5, None)
    assert end.with_outcome.value == 0.25
    assert [(one.mood.name, one.units, one.outcome.value) for one in end.moods] == [
        ("NEGATIVE", 1, 0), ("POSITIVE", 1, 1),
    ]  # fmt: skip
    assert end.moods[1].customers.page(9).ids == ("a",)  # c is open
    assert end.customers.page(9).ids == ("a", "b", "c")
    assert end.without_outcome_customers.page(9).ids == ("b",)


def test_over_time():
    months = experience(Experience(over="month"), view()).overall.periods
    assert [(one.period, one.count) for one in months] == [
        ("1970-01", 4), ("1970-02", 1), ("1970-04", 1),
    ]  # fmt: skip
    assert months[1].customers.page(9).ids == ("b",)
    assert months[0].emotion_customers.page(9).ids == ("a",)
    weeks = experience(Experience(over="7d"), view()).overall.periods
    assert [(one.period, one.count) for one in weeks] == [
        ("1969-12-29", 4), ("1970-02-09", 1), ("1970-04-06", 1),
    ]  # fmt: skip
    assert [one.from_us % (7 * DAY_US) for one in weeks] == [4 * DAY_US] * 3
    hours = experience(Experience(over="90h"), view()).overall.periods
    assert hours[-1].period == "1970-04-08T18:00:00Z"  # the 25th: 93 days and 18 hours later


def test_stretches_end_where_time_does():
    edges = [("a", -62_135_596_800_000_000, "x"), ("a", 253_402_300_799_999_999, "x")]
    periods = experience(
        Experience(over="36525d"), graph_from_rows(edges).journeys()
    ).overall.periods
    assert len(periods) == 2
    assert periods[0].from_us == -62_135_596_800_000_000
    assert periods[-1].until_us == 253_402_300_799_999_999


def test_pages_and_others():
    answer = experience(Experience(first=1), view())
    assert (answer.groups, answer.other_groups, answer.other_count) == (3, 2, 3)
    rest = experience(Experience(first=9, after=answer.page_info.end_cursor), view())
    assert [one.group for one in rest.nodes] == ["call", "shop"]
    frequent = experience(Experience(at_least=3), view())
    assert [one.group for one in frequent.nodes] == ["site"]


def test_nobody():
    answer = experience(Experience(over="day"), graph_from_rows([]).journeys())
    assert (answer.units, answer.count, answer.nodes, answer.curve) == (0, 0, (), ())
    assert answer.overall.emotion.value is answer.overall.met.value is None
    assert answer.peak_end[0].emotion.value is None
    assert answer.warnings == ()


def test_warnings():
    answer = experience(Experience(), graph_from_rows([("a", 1, "purchase")]).journeys())
    assert [text.split(",")[0] for text in answer.warnings] == [
        "No stage is said of 1 of 1 interactions",
        "No interaction says how the customer felt or what the customer found.",
    ]


@pytest.mark.parametrize(
    ("question", "error"),
    [
        (Experience(by="mood"), InvalidOptionError),
        (Experience(over="7"), InvalidDurationError),
        (Experience(over="fortnight"), InvalidDurationError),
        (Experience(over="1m"), InvalidOptionError),
        (Experience(at_least=0), InvalidOptionError),
        (Experience(first=1001), InvalidOptionError),
        (Experience(after="there"), InvalidOptionError),
    ],
)
def test_bad_options_are_refused(question, error):
    with pytest.raises(error):
        experience(question, view())


@st.composite
def worded(draw: st.DrawFn) -> Case:
    """A case whose interactions say all that they can say."""
    world, options = draw(cases(many_touchpoints=True))
    random = draw(st.randoms(use_true_random=False))
    words = {name: [random.choice(some) for _ in world.rows] for name, some in WORDS.items()}
    return replace(world, columns={**world.columns, **words}), options


@given(case=worded(), by=st.sampled_from(ExperienceBy))
def test_every_group_is_that_of_the_naive_twin(case: Case, by: ExperienceBy) -> None:
    journeys, units = view_and_units(case)
    world, options = case
    met = naive.felt(units, world)
    answer = experience(Experience(by=by, over="2d", first=1000), journeys)
    column = "item" if by == options["by"] else by.value
    expected = naive.groups(met, column)
    assert {one.group: numbers(one) for one in answer.nodes} == {
        group: told(one) for (group,), one in expected.items()
    }
    for one in answer.nodes[:5]:
        if options["unit"] == "customer":
            check_customers(one)
    assert stages(answer.curve) == stages_of(naive.groups(met, "stage"))
    assert stages(answer.phases) == stages_of(naive.groups(met, "phase"))
    within = naive.groups(met, column, "emotion_label")
    assert {
        (one.group, label.label, label.count, label.units)
        for one in answer.nodes
        for label in one.labels
    } == {
        (group, label, one.count, len(one.units))
        for (group, label), one in within.items()
        if label != "unknown"
    }
    sources = naive.groups(met, column, "emotion_source")
    assert {
        (one.group, source.source, source.emotion.ratings, source.emotion.missing)
        for one in answer.nodes
        for source in one.sources
    } == {
        (group, source, len(one.said["emotion"]), one.count - len(one.said["emotion"]))
        for (group, source), one in sources.items()
        if one.said["emotion"]
    }
    over = naive.groups(met, column, lambda at: (at - 4 * DAY_US) // (2 * DAY_US))
    assert {
        (one.group, str((period.from_us - 4 * DAY_US) // (2 * DAY_US))): numbers(period)
        for one in answer.nodes
        for period in one.periods
    } == {key: told(one) for key, one in over.items()}


def numbers(one: FeltNumbers) -> dict[str, Any]:
    means = {
        name: (mean.ratings, mean.units, mean.missing, rounded(mean.value))
        for name in ("emotion", "expectation", "experience", "gap")
        for mean in [getattr(one, name)]
    }
    return {"units": one.units, "count": one.count, "met": (one.met.successes, one.met.of)} | means


def told(one: naive.Group) -> dict[str, Any]:
    means = {
        name: (
            len(said), len({unit for unit, _value in said}), one.count - len(said),
            rounded(sum(value for _unit, value in said) / len(said) / 1000 if said else None),
        )
        for name in ("emotion", "expectation", "experience", "gap")
        for said in [one.said[name]]
    }  # fmt: skip
    met = [value for _unit, value in one.said["met"]]
    return {
        "units": len(one.units),
        "count": one.count,
        "met": (met.count(1000), len(met)),
    } | means


def rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 9)


def stages(groups: Any) -> dict[str, Any]:
    return {one.group: numbers(one) for one in groups}


def stages_of(groups: dict[tuple[str, ...], naive.Group]) -> dict[str, Any]:
    return {group: told(one) for (group,), one in groups.items()}


def check_customers(one: FeltNumbers) -> None:
    assert one.customers.count == one.units
    for name in ("emotion", "expectation", "experience", "gap"):
        assert getattr(one, f"{name}_customers").count == getattr(one, name).units
    assert (one.met_customers.count > 0) == (one.met.successes > 0)


@given(case=cases())
def test_peaks_and_ends_are_those_of_the_naive_twin(case: Case) -> None:
    journeys, units = view_and_units(case)
    world, options = case
    expected = naive.moments(
        naive.felt(units, world), units, world, options.get("outcome"), journeys.as_of_us,
        journeys.inactivity_us,
    )  # fmt: skip
    for one in experience(Experience(), journeys).peak_end:
        told = expected[one.moment.name]
        check(one.emotion, [(unit, value) for unit, value, _fate in told])
        check(one.with_outcome, [(u, value) for u, value, fate in told if fate == "completed"])
        check(one.without_outcome, [(u, value) for u, value, fate in told if fate == "gone"])
        assert one.emotion.ratings + one.emotion.missing == journeys.n_journeys
        for mood, sign in (("NEGATIVE", -1), ("NEUTRAL", 0), ("POSITIVE", 1)):
            closed = [row for row in told if row[2] != "open" and np.sign(row[1]) == sign]
            had = [row for row in closed if row[2] == "completed"]
            found = [each for each in one.moods if each.mood.name == mood]
            assert bool(found) == bool(closed)
            for each in found:
                assert (each.outcome.successes, each.outcome.of) == (len(had), len(closed))
                assert each.units == len({row[0] for row in closed})
                if options["unit"] == "customer":
                    assert each.customers.count == each.units


def check(mean: Mean, said: list[tuple[int, int]]) -> None:
    assert (mean.ratings, mean.units) == (len(said), len({unit for unit, _value in said}))
    if said:
        assert mean.value == pytest.approx(sum(value for _unit, value in said) / len(said) / 1000)


ratings = st.lists(st.sampled_from([-1000, 0, 250, 1000]), min_size=2, max_size=9)


def alone(values: list[int]) -> dict[str, int]:
    """The sums of ratings by as many units."""
    limbs = [(value >> 16, value & 0xFFFF) for value in values]
    return {
        "ratings": len(values), "rated_units": len(values), "rating_sum": sum(values),
        "count_count": len(values), "sum_count": sum(values),
        "high_high": sum(high * high for high, _low in limbs),
        "high_low": sum(high * low for high, low in limbs),
        "low_low": sum(low * low for _high, low in limbs),
    }  # fmt: skip


@given(one=ratings, other=ratings)
def test_a_difference_is_welchs_where_nobody_rates_twice(one, other):
    found = difference_of(alone(one), alone(other), 0.9)
    assume(min(len(set(one)), len(set(other))) > 1)  # else scipy warns of lost digits
    welch = stats.ttest_ind(one, other, equal_var=False)
    low, high = welch.confidence_interval(0.9)
    assert found.p_value == pytest.approx(welch.pvalue)
    assert (found.low, found.high) == (pytest.approx(low / 1000), pytest.approx(high / 1000))


@given(met=st.lists(st.booleans(), min_size=1, max_size=9))
def test_a_share_is_wilsons_where_nobody_rates_twice(met):
    assert share_of(alone([1000 * one for one in met]), 0.95) == wilson(sum(met), len(met), 0.95)


def test_who_rates_twice_alike_tells_no_more_than_once():
    once, twice = alone([1000, 0, 0]), alone([2000, 0, 0])
    twice |= {"ratings": 6, "count_count": 12, "sum_count": 2 * 2000}
    found, expected = share_of(twice, 0.95), wilson(1, 3, 0.95)
    assert (found.successes, found.of) == (2, 6)
    assert share_of(once, 0.95) == expected
    assert math.isclose(found.low, expected.low)
    assert math.isclose(found.high, expected.high)
