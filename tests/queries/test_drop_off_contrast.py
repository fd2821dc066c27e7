"""Drop-off of two populations: each is what drop-off says of it alone, and tests are scipy's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from journeygraph.errors import InvalidOptionError, UnknownOptionError
from journeygraph.graph_build import graph_from_rows
from queries.drop_off import DropOff, drop_off
from queries.drop_off_contrast import DropOffContrast, contrast_drop_off, drop_off_contrast
from tests.journeys.views import ask, cases
from tests.statistics.sequences import Case, view_and_units
from tests.statistics.walkers import DAY_US


def rows():
    found = []
    for number in range(200):
        name = f"c{number}"
        found.append((name, 1, "app" if number % 2 else "web"))
        found.append((name, 2, "cart"))
        if number % 5 == 0 or (number % 2 and number % 3):
            found.append((name, 3, "purchase"))
    return [*found, ("last", 90 * DAY_US, "cart")]


def test_rates_differences_and_tests():
    view = graph_from_rows(rows()).journeys()
    answer = drop_off_contrast(DropOffContrast(against={"touched": ["app"]}), view)
    assert (answer.units, answer.against_units) == (101, 100)
    cart = next(node for node in answer.nodes if node.item == "cart")
    assert cart.population is not None
    assert cart.against is not None
    one, other = cart.population.rate, cart.against.rate
    assert (one.of, other.of) == (100, 100)
    assert cart.difference.value == pytest.approx((one.successes - other.successes) / 100)
    table = [[rate.successes, rate.of - rate.successes] for rate in (one, other)]
    assert cart.p_value == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue)
    assert cart.population.customers.count == one.successes
    assert not cart.small
    # nobody leaves from the others, and web and app have one population only
    assert (answer.tested, cart.q_value) == (1, cart.p_value)
    assert answer.nodes[0] is cart


@given(case=cases(), asked=st.sampled_from([{"has_outcome": True}, {"referred": True}]))
def test_each_population_is_what_drop_off_says_of_it_alone(case: Case, asked) -> None:
    world, options = case
    where = {
        key: value for key, value in (options.get("where") or {}).items() if key != "customers"
    }
    options = {**options, "where": where}
    view, _units = view_and_units((world, options))
    answer = drop_off_contrast(DropOffContrast(against=asked, first=1000), view)
    alone = drop_off(
        DropOff(first=1000), ask(world.graph, {**options, "where": {**where, "customers": asked}})
    )
    expected = {
        node.item: (node.visits, node.exits, node.open) for node in alone.nodes if node.visits
    }
    assert answer.against_units == alone.units
    assert answer.units + answer.against_units == view.n_units
    found = {
        node.item: (node.against.visits, node.against.exits, node.against.open)
        for node in answer.nodes
        if node.against is not None
    }
    assert found == expected
    whole = drop_off(DropOff(first=1000), view)
    sides = [side for node in answer.nodes for side in (node.population, node.against) if side]
    assert sum(side.exits for side in sides) == whole.exits


def test_two_periods_in_python():
    graph = graph_from_rows(rows())
    early = graph.journeys(where={"until": "1970-01-02"}, inactivity="1us")
    answer = contrast_drop_off(early, graph.journeys())
    assert (answer.units, answer.against_units) == (200, 201)


def test_bad_options_are_refused():
    view = graph_from_rows(rows()).journeys()
    with pytest.raises(UnknownOptionError):
        drop_off_contrast(DropOffContrast(against={"touch": ["a"]}), view)
    with pytest.raises(InvalidOptionError):
        drop_off_contrast(DropOffContrast(against={"referred": True}, first=-1), view)
