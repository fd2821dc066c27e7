"""The journey map: against the naive twin, drop-off and statsmodels, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.errors import InvalidDurationError, InvalidOptionError
from journeygraph.graph_build import graph_from_rows
from queries.drop_off import DropOff, drop_off
from queries.journey_map import JourneyMap, MapStage, journey_map
from queries.means import Mean, mean_of
from tests.journeys.views import cases
from tests.naive.journey_map import NaivePlace, Place, Rated, places
from tests.statistics.sequences import Case, view_and_units
from tests.statistics.walkers import DAY_US

# Until day 99: a buys, b leaves while comparing, c has just come.
ROWS = [
    ("a", 1 * DAY_US, "site", "web", "inquiry"), ("a", 2 * DAY_US, "purchase", "web", "purchase"),
    ("b", 1 * DAY_US, "site", "web", "inquiry"), ("b", 3 * DAY_US, "site", "web", "comparison"),
    ("c", 99 * DAY_US, "call", "phone", None),
]  # fmt: skip
SAID = {
    "emotion": [500, -250, None, 750, None],
    "expectation": [None, 200, None, -100, None],
    "experience": [100, 100, None, 300, None],
}


def view(**options):
    return graph_from_rows([(*row, None) for row in ROWS], **SAID).journeys(**options)


def test_stages_and_cells():
    answer = journey_map(JourneyMap(), view())
    assert (answer.units, answer.count) == (3, 5)
    assert (answer.exits, answer.open, answer.with_outcome) == (1, 1, 1)
    assert [(one.stage, one.units, one.count, one.exits, one.open) for one in answer.stages] == [
        ("inquiry", 2, 2, 0, 0), ("comparison", 1, 1, 1, 0), ("purchase", 1, 1, 0, 0),
        (None, 1, 1, 0, 1),
    ]  # fmt: skip
    assert [(one.stage, one.item, one.units) for one in answer.nodes] == [
        ("inquiry", "site", 2), ("comparison", "site", 1), ("purchase", "purchase", 1),
        (None, "call", 1),
    ]  # fmt: skip
    comparison = answer.stages[1]
    assert (comparison.rate.value, comparison.share, comparison.small) == (1, 1 / 3, True)
    assert comparison.exit_customers.page(9).ids == ("b",)
    assert answer.stages[0].customers.page(9).ids == ("a", "b")
    assert answer.stages[3].open_customers.page(9).ids == ("c",)


def test_feelings_and_gaps():
    answer = journey_map(JourneyMap(), view())
    assert answer.emotion.value == pytest.approx((0.5 - 0.25 + 0.75) / 3)
    assert (answer.emotion.ratings, answer.emotion.units, answer.emotion.missing) == (3, 2, 2)
    assert answer.emotion.missing_share == 0.4
    assert answer.gap.value == pytest.approx((-0.1 + 0.4) / 2)
    inquiry = answer.stages[0]
    assert (inquiry.emotion.value, inquiry.emotion.low, inquiry.gap.ratings) == (0.5, None, 0)


def test_what_a_collapsed_run_took_in_counts_with_its_item():
    answer = journey_map(JourneyMap(), view(by="channel", rules={"collapse": True}))
    assert [(one.stage, one.item, one.count) for one in answer.nodes] == [
        ("inquiry", "web", 2), (None, "phone", 1),
    ]  # fmt: skip
    assert answer.nodes[0].emotion.ratings == 3
    assert answer.nodes[0].emotion.missing == 1


def test_pages_and_others():
    answer = journey_map(JourneyMap(first=1), view())
    assert (answer.cells, answer.other_cells, answer.other_count) == (4, 3, 3)
    assert answer.page_info.has_next_page
    after = journey_map(JourneyMap(first=9, after=answer.page_info.end_cursor), view())
    assert [one.item for one in after.nodes] == ["site", "purchase", "call"]
    frequent = journey_map(JourneyMap(at_least=2), view())
    assert ([one.units for one in frequent.nodes], frequent.other_cells) == ([2], 3)


def test_warnings():
    rows = [("a", 1, "site", None, None, None), ("a", 2, "purchase", None, None, None)]
    answer = journey_map(JourneyMap(), graph_from_rows(rows).journeys())
    assert any("No stage is said of 2 of 2 interactions" in text for text in answer.warnings)
    assert any("how the customer felt" in text for text in answer.warnings)
    assert journey_map(JourneyMap(), view()).warnings == ()


def test_nobody():
    answer = journey_map(JourneyMap(), graph_from_rows([]).journeys())
    assert (answer.units, answer.count, answer.stages, answer.nodes) == (0, 0, (), ())
    assert answer.emotion.value is answer.emotion.missing_share is None


@pytest.mark.parametrize(
    ("question", "error"),
    [
        (JourneyMap(at_least=0), InvalidOptionError),
        (JourneyMap(first=-1), InvalidOptionError),
        (JourneyMap(inactivity="7"), InvalidDurationError),
    ],
)
def test_bad_options_are_refused(question, error):
    with pytest.raises(error):
        journey_map(question, view())


@given(case=cases(many_touchpoints=True))
def test_every_place_is_that_of_the_naive_twin(case: Case) -> None:
    journeys, units = view_and_units(case)
    world, options = case
    expected = places(
        units, world, options.get("outcome"), journeys.as_of_us, journeys.inactivity_us
    )
    answer = journey_map(JourneyMap(first=1000), journeys)
    found: dict[Place, MapStage] = {(one.stage or "unknown", one.item): one for one in answer.nodes}
    found.update({(one.stage or "unknown", None): one for one in answer.stages})
    assert {*found, ("", None)} == {*expected, ("", None)}
    for place, one in found.items():
        check(one, expected[place])
        if options["unit"] == "customer":
            assert one.customers.count == one.units
            assert one.exit_customers.count == one.exits
            assert one.open_customers.count == one.open
    if expected:
        everything = expected["", None]
        check_mean(answer.emotion, everything.rated["emotion"])
        check_mean(answer.gap, everything.rated["gap"])


def check(one: MapStage, expected: NaivePlace) -> None:
    assert (one.units, one.count) == (len(expected.units), expected.count)
    assert (one.exits, one.open) == (len(expected.exits), len(expected.open))
    assert one.with_outcome == len(expected.with_outcome)
    check_mean(one.emotion, expected.rated["emotion"])
    check_mean(one.gap, expected.rated["gap"])


def check_mean(mean: Mean, rated: list[Rated]) -> None:
    said = [(one.unit, one.rating) for one in rated if one.rating is not None]
    assert (mean.ratings, mean.missing) == (len(said), len(rated) - len(said))
    assert mean.units == len({unit for unit, _rating in said})
    if said:
        assert mean.value == pytest.approx(np.mean([rating for _unit, rating in said]) / 1000)


@given(case=cases(many_touchpoints=True))
def test_stages_of_an_item_add_up_to_its_drop_off(case: Case) -> None:
    journeys, _units = view_and_units(case)
    answer, known = (
        journey_map(JourneyMap(first=1000), journeys),
        drop_off(DropOff(first=1000), journeys),
    )
    assert (answer.exits, answer.open) == (known.exits, known.open)
    fates: dict[str, tuple[int, int]] = {}
    for one in answer.nodes:
        exits, open_ = fates.get(one.item, (0, 0))
        fates[one.item] = (exits + one.exits, open_ + one.open)
    assert {one.item: (one.exits, one.open) for one in known.nodes} == fates
    assert answer.count == sum(one.count for one in answer.nodes) + answer.other_count


@given(
    ratings=st.lists(
        st.tuples(st.integers(0, 4), st.sampled_from([-1000, -7, 0, 333, 1000])),
        min_size=2, max_size=15,
    ),
    confidence=st.sampled_from([0.8, 0.95, 0.99]),
)  # fmt: skip
def test_intervals_are_those_of_a_cluster_robust_regression(ratings, confidence):
    import statsmodels.api as sm

    ratings = sorted(ratings)
    units = [unit for unit, _rating in ratings]
    values = np.array([rating for _unit, rating in ratings]) / 1000
    rows = [(f"c{unit}", place, "call", None, None, None) for place, unit in enumerate(units)]
    said = [rating for _unit, rating in ratings]
    journeys = graph_from_rows(rows, emotion=said).journeys(confidence=confidence)
    mean = journey_map(JourneyMap(), journeys).emotion
    if len(set(units)) < 2:
        assert mean.low is mean.high is None
        return
    fitted = sm.OLS(values, np.ones(len(values))).fit(
        cov_type="cluster", cov_kwds={"groups": np.array(units)}, use_t=True
    )
    low, high = fitted.conf_int(1 - confidence)[0]
    assert mean.value == pytest.approx(fitted.params[0], abs=1e-12)
    assert (mean.low, mean.high) == (pytest.approx(low, abs=1e-9), pytest.approx(high, abs=1e-9))


def test_nothing_has_no_mean():
    assert mean_of(None, 0.95).value is None
