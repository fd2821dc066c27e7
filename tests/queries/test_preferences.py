"""Preferences: against the naive twin and scipy, on random data, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from journeygraph.errors import ConflictingOptionsError, InvalidOptionError, UnknownItemError
from journeygraph.graph_build import graph_from_rows
from journeygraph.statistics.base import total
from journeygraph.statistics.preferences import PREFERENCES, Preferred, units_that_prefer
from journeygraph.statistics.ratings import Rating
from journeygraph.statistics.satisfaction import SATISFACTION, Overall, units_satisfied
from queries.preferences import Preferences, Quadrant, preferences
from queries.rank_correlation import spearman
from tests.journeys.views import cases
from tests.naive import experience as felt
from tests.naive import preferences as naive
from tests.statistics.sequences import Case, assert_any_cut_is_the_whole, view_and_units
from tests.strategies import DAY_US

ROWS = [
    # a compares by web twice and by phone once, and the company calls
    ("a", 1, "web", None, "comparison"), ("a", 2, "phone", None, "comparison"),
    ("a", 3, "web", None, "comparison"), ("a", 4, "visit", None, "comparison"),
    ("a", 5, "shop", None, "purchase"),
    # b only ever meets one item in a stage; c is open
    ("b", 6, "phone", None, "comparison"), ("b", 7, "shop", None, "purchase"),
    ("c", 90 * DAY_US, "web", None, "comparison"),
]  # fmt: skip
INITIATORS = ["customer", "customer", None, "company", "customer", "company", "customer", None]


def view(**columns: Any):
    rows = [(*row, None) for row in ROWS]
    graph = graph_from_rows(rows, initiator=INITIATORS, **columns)
    return graph.journeys(outcome={"touchpoints": ["shop"]})


def by_item(question: Preferences, journeys):
    return {node.item: node for node in preferences(question, journeys).nodes}


def test_what_customers_choose_and_come_back_to():
    found = by_item(Preferences(), view())
    web, phone = found["web"], found["phone"]
    assert (web.initiated.successes, web.initiated.of) == (1, 1)
    assert (phone.initiated.successes, phone.initiated.of) == (1, 2)
    assert (web.chosen.successes, web.chosen.of, web.even_share) == (2, 3, 0.5)
    assert (phone.chosen.successes, phone.chosen.of) == (1, 3)
    assert (found["visit"].chosen.of, found["shop"].chosen.of) == (0, 0)
    assert (web.units, web.returned.successes, web.returned.of) == (2, 1, 1)
    assert (phone.returned.successes, phone.returned.of) == (0, 2)
    assert web.returned_customers.page(9).ids == ("a",)
    assert web.customers.page(9).ids == ("a", "c")
    assert (web.left.successes, web.left.of) == (0, 1)


SCORES = {
    "dish": [1, 2, 3, 4, 5, 6], "waiter": [3, 1, 2, 5, 6, 4], "door": [6, 5, 5, 6, 5, 6],
    "room": [2, 1, 1, 2, 1, 2], "whole": [1, 2, 3, 4, 5, 6],
}  # fmt: skip


def rated(**options: Any):
    rows = [
        (f"c{guest}", place, item)
        for place, (item, scores) in enumerate(SCORES.items())
        for guest in range(len(scores))
    ]
    said = [100 * score for scores in SCORES.values() for score in scores]
    return graph_from_rows(rows, experience=said).journeys(**options)


def test_importance_against_performance():
    answer = preferences(Preferences(stated="whole"), rated())
    assert (answer.rating.name, answer.overall.name) == ("EXPERIENCE", "STATED")
    assert [node.item for node in answer.nodes][0] == "dish"
    found = {node.item: node for node in answer.nodes}
    for item in ("dish", "waiter", "door", "room"):
        expected = stats.spearmanr(SCORES[item], SCORES["whole"])
        assert found[item].importance.value == pytest.approx(expected.statistic)
        assert found[item].importance.p_value == pytest.approx(expected.pvalue, abs=1e-12)
        assert found[item].importance_customers.count == found[item].importance.units == 6
    assert found["whole"].importance.value is found["whole"].quadrant is None
    assert {item: node.quadrant for item, node in found.items() if node.quadrant} == {
        "dish": Quadrant.KEEP_UP, "waiter": Quadrant.KEEP_UP,
        "door": Quadrant.POSSIBLE_OVERKILL, "room": Quadrant.LOW_PRIORITY,
    }  # fmt: skip
    performance = [found[item].performance.value for item in ("dish", "waiter", "door", "room")]
    assert answer.performance_line == pytest.approx(np.mean(performance))
    q_values = [found[item].q_value for item in ("dish", "waiter", "door", "room")]
    p_values = [found[item].importance.p_value for item in ("dish", "waiter", "door", "room")]
    assert q_values == pytest.approx(stats.false_discovery_control(p_values))


def test_the_rating_is_the_experience_where_anybody_says_one():
    emotions = [100, None, None, None, 200, 300, 400, None]
    assert preferences(Preferences(), view(emotion=emotions)).rating.name == "EMOTION"
    both = view(emotion=emotions, experience=[None] * 7 + [10])
    assert preferences(Preferences(), both).rating.name == "EXPERIENCE"
    assert preferences(Preferences(rating="emotion"), both).rating.name == "EMOTION"


def test_pages_and_others():
    answer = preferences(Preferences(stated="whole", first=2), rated())
    assert (answer.items, answer.other_items) == (5, 3)
    after = Preferences(stated="whole", after=answer.page_info.end_cursor)
    rest = preferences(after, rated())
    everything = preferences(Preferences(stated="whole"), rated()).nodes
    assert [node.item for node in (*answer.nodes, *rest.nodes)] == [one.item for one in everything]
    assert rest.nodes[0].q_value == everything[2].q_value
    assert preferences(Preferences(at_least=7), rated()).nodes == ()


def test_nobody():
    answer = preferences(Preferences(), graph_from_rows([]).journeys())
    assert (answer.units, answer.nodes, answer.warnings) == (0, (), ())
    [warning] = preferences(Preferences(), view()).warnings
    assert warning.startswith("No customer rated an item and is known to be satisfied or not")


@pytest.mark.parametrize(
    ("question", "error"),
    [
        (Preferences(stated="whol"), UnknownItemError),
        (Preferences(stated="whole", overall="mean"), ConflictingOptionsError),
        (Preferences(overall="median"), InvalidOptionError),
        (Preferences(rating="gap"), InvalidOptionError),
        (Preferences(at_least=0), InvalidOptionError),
        (Preferences(first=-1), InvalidOptionError),
    ],
)
def test_bad_options_are_refused(question, error):
    with pytest.raises(error):
        preferences(question, rated())


@given(case=cases(), overall=st.sampled_from(["mean", "last", "stated"]), data=st.data())
def test_every_item_is_that_of_the_naive_twin(case: Case, overall: str, data: st.DataObject):
    journeys, units = view_and_units(case)
    met = felt.felt(units, case[0])
    if overall == "stated" and not journeys.items:
        return
    stated = data.draw(st.sampled_from(journeys.items)) if overall == "stated" else None
    answer = preferences(
        Preferences(
            rating="emotion", stated=stated, overall=None if stated else overall, first=1000
        ),
        journeys,
    )
    expected = naive.items(met, units, journeys.as_of_us, journeys.inactivity_us)
    pairs = naive.pairs(met, "emotion", overall, stated)
    assert {node.item for node in answer.nodes} == set(expected)
    for node in answer.nodes:
        one = expected[node.item]
        assert node.units == len(one.met)
        assert (node.initiated.successes, node.initiated.of) == (
            sum(one.initiated), len(one.initiated),
        )  # fmt: skip
        assert (node.chosen.successes, node.chosen.of) == (one.chosen, one.could_choose)
        if one.could_choose:
            assert node.even_share == pytest.approx(float(one.even / one.could_choose))
        assert (node.returned.successes, node.returned.of) == (
            len(one.returned), len(one.met) - len(one.unknown),
        )  # fmt: skip
        of_item = pairs.get(node.item, [])
        assert node.importance.units == len(of_item)
        own, whole = ([pair[place] for pair in of_item] for place in (0, 1))
        if min(len(set(own)), len(set(whole))) > 1:
            assert node.importance.value == pytest.approx(stats.spearmanr(own, whole).statistic)
        else:
            assert node.importance.value is None
        if case[1]["unit"] == "customer":
            assert node.returned_customers.count == len(one.returned)
            assert node.importance_customers.count == len(of_item)


@given(case=cases(), at_most=st.integers(1, 5), overall=st.sampled_from(["MEAN", "LAST"]))
def test_any_cut_is_the_whole(case: Case, at_most: int, overall: str) -> None:
    view, _units = view_and_units(case)
    whole = assert_any_cut_is_the_whole(PREFERENCES, view, at_most)
    for row in whole.to_pylist():
        if row["way"] == Preferred.RETURNED:
            found = units_that_prefer(view, Preferred.RETURNED, row["item"])
            assert len(found) == row["rating_sum"] // 1000
    options: dict[str, Any] = {"rating": Rating.EMOTION, "overall": Overall[overall]}
    assert_any_cut_is_the_whole(SATISFACTION, view, at_most, **options)
    rows = total(SATISFACTION, view, **options).to_pylist()
    for item in {row["item"] for row in rows}:
        n = sum(row["units"] for row in rows if row["item"] == item)
        assert len(units_satisfied(view, item, **options)) == n


@given(
    pairs=st.lists(st.tuples(st.integers(0, 3), st.integers(-2, 2)), min_size=1, max_size=20),
)
def test_a_correlation_is_scipys(pairs):
    table, counts = np.unique(np.array(pairs), axis=0, return_counts=True)
    found = spearman(table[:, 0] / 3, table[:, 1] / 7, counts, 0.95)
    values, others = zip(*pairs, strict=True)
    assert found.units == len(pairs)
    if min(len(set(values)), len(set(others))) < 2:
        assert found.value is found.p_value is None
        return
    expected = stats.spearmanr(values, others)
    assert found.value == pytest.approx(expected.statistic, abs=1e-12)
    if len(pairs) > 2 and abs(found.value) < 1:
        assert found.p_value == pytest.approx(expected.pvalue)
    if found.low is not None:
        assert -1 < found.low < found.value < found.high < 1


def test_what_is_printed(capsys):
    from api.cli.preferences import print_preferences

    print_preferences(preferences(Preferences(stated="whole"), rated()), rated())
    told = capsys.readouterr().out
    assert "Preferences – 6 customers, 5 items" in told
    assert "by experience; overall satisfaction: whole" in told
    [line] = [line for line in told.splitlines() if "possible overkill" in line]
    assert line.split()[0] == "door"
