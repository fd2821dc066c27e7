"""Where feelings turn: against the naive twin and against shuffles by plain Python."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.errors import InvalidOptionError
from journeygraph.graph_build import graph_from_rows
from queries.turns import Turns, turns
from tests.journeys.views import cases
from tests.naive import experience as naive
from tests.statistics.sequences import Case, view_and_units
from tests.strategies import DAY_US, TOUCHPOINTS, World

ITEMS = ("ad", "site", "shop", "use", "call", "reply")


def view(feelings: dict[str, list[int]], **options):
    rows = [
        (customer, place * DAY_US, ITEMS[place % len(ITEMS)])
        for customer, emotions in feelings.items()
        for place in range(len(emotions))
    ]
    said = [emotion for emotions in feelings.values() for emotion in emotions]
    return graph_from_rows(rows, emotion=said).journeys(**options)


def test_feelings_turn_where_the_squared_error_is_least():
    answer = turns(
        Turns(), view({"a": [500, 500, 500, -500, -400], "b": [0, 0, 0, 0], "c": [1000, -1000]})
    )
    assert (answer.journeys, answer.rated, answer.turned, answer.items) == (3, 2, 1, 1)
    [node] = answer.nodes
    assert (node.item, node.journeys, node.improved, node.worsened) == ("use", 1, 0, 1)
    assert node.change.value == -0.95
    assert node.customers.page(9).ids == ("a",)


def test_of_equal_cuts_the_earliest_counts():
    [node] = turns(Turns(permutations=0), view({"a": [0, 1000, 0]})).nodes
    assert (node.item, node.p_value, node.by_chance, node.sure) == ("site", None, None, 0)


def test_what_always_turns_at_one_item_is_no_chance():
    steady = {f"c{number}": [600, 500, 600, -600, -500, -600, -500] for number in range(12)}
    answer = turns(Turns(permutations=99, seed=4), view(steady))
    assert answer.nodes[0].item == "use"
    assert answer.nodes[0].p_value == answer.nodes[0].q_value == 0.01
    assert answer.nodes[0].by_chance < 6
    assert answer.sure > answer.sure_by_chance
    same = turns(Turns(permutations=99, seed=4), view(steady))
    assert [one.by_chance for one in same.nodes] == [one.by_chance for one in answer.nodes]
    other = turns(Turns(permutations=99, seed=5), view(steady))
    assert other.nodes[0].by_chance != answer.nodes[0].by_chance


def test_what_is_shuffled_already_is_chance():
    orders = [[900, -900, 300, -300], [-300, 900, -900, 300], [300, -300, 900, -900]] * 20
    answer = turns(
        Turns(permutations=199), view({str(place): each for place, each in enumerate(orders)})
    )
    assert answer.sure == 0  # four emotions have too few orders
    expected = shares_of_orders(orders)
    for node in answer.nodes:
        assert node.by_chance == pytest.approx(float(expected[node.item]), rel=0.15)


def shares_of_orders(orders):
    """How many journeys turn at each item, were every order as likely."""
    from itertools import permutations

    found = defaultdict(Fraction)
    for emotions in orders:
        every = list(permutations(emotions))
        for each in every:
            found[ITEMS[naive.turn_of(each)]] += Fraction(1, len(every))
    return found


def test_pages_and_others():
    feelings = {"a": [0, 1000, 1000], "b": [0, 0, 1000], "c": [0, 0, 500], "d": [0, 0, 0]}
    answer = turns(Turns(first=1), view(feelings))
    assert ([one.item for one in answer.nodes], answer.other_items) == (["shop"], 1)
    assert answer.other_journeys == 1
    rest = turns(Turns(after=answer.page_info.end_cursor), view(feelings))
    assert [one.item for one in rest.nodes] == ["site"]


def test_nobody():
    for journeys in (graph_from_rows([]).journeys(), view({"a": [1, 2]})):
        answer = turns(Turns(), journeys)
        assert (answer.rated, answer.turned, answer.nodes) == (0, 0, ())
        assert answer.warnings == ("No journey has three rated emotions, so none can turn.",)


@pytest.mark.parametrize(
    "question",
    [
        Turns(permutations=-1), Turns(permutations=10_001), Turns(seed=-1), Turns(seed=1 << 63),
        Turns(first=-1), Turns(after="x"),
    ],
)  # fmt: skip
def test_bad_options_are_refused(question):
    with pytest.raises(InvalidOptionError):
        turns(question, view({"a": [0, 1, 2]}))


@st.composite
def rated(draw: st.DrawFn) -> Case:
    """Few customers who rate often."""
    row = st.tuples(
        st.sampled_from("ab"), st.integers(0, 30), st.sampled_from(TOUCHPOINTS[:4]),
        st.none(), st.none(), st.none(),
    )  # fmt: skip
    rows = draw(st.lists(row, min_size=3, max_size=20))
    emotions = st.sampled_from([None, -1000, 0, 333, 1000])
    said = draw(st.lists(emotions, min_size=len(rows), max_size=len(rows)))
    _world, options = draw(cases())
    kept = {name: options[name] for name in ("by", "unit")}
    rules = {"collapse": draw(st.booleans())}
    return World(rows=rows, columns={"emotion": said}), {**kept, "rules": rules}


@given(case=rated() | cases())
def test_every_turn_is_that_of_the_naive_twin(case: Case) -> None:
    journeys, units = view_and_units(case)
    n_rated, expected = naive.turns(naive.felt(units, case[0]))
    answer = turns(Turns(permutations=2, first=1000), journeys)
    assert (answer.rated, answer.turned) == (n_rated, len(expected))
    for node in answer.nodes:
        here = [one for one in expected if one.item == node.item]
        assert (node.journeys, node.improved) == (
            len(here), sum(round_half_up(one.change) > 0 for one in here),
        )  # fmt: skip
        assert node.change.value == pytest.approx(
            sum(round_half_up(one.change) for one in here) / len(here) / 1000
        )
        assert node.change.units == len({one.unit for one in here})
        if case[1]["unit"] == "customer":
            assert node.customers.count == node.change.units
    assert {node.item for node in answer.nodes} == {one.item for one in expected}


def round_half_up(number: Fraction) -> int:
    return (2 * number.numerator + number.denominator) // (2 * number.denominator)


def test_what_is_printed(capsys):
    from api.cli.experience import print_turns

    print_turns(turns(Turns(permutations=9), view({"a": [500, 500, -500], "b": [0, 0]})))
    told = capsys.readouterr()
    assert "Turns – 1 of 2 journeys turn (1 have three emotions or more)" in told.out
    [line] = [line.split() for line in told.out.splitlines() if line.startswith("shop")]
    assert line[:6] == ["shop", "1", "100.0", "%", "0", "1"]
    assert told.err == ""
