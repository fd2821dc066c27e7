"""Funnels with conditions: what each option counts by example, what is refused, real data."""

from __future__ import annotations

import doctest
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import journeygraph
from journeygraph.errors import (
    ConflictingOptionsError,
    InvalidDurationError,
    InvalidOptionError,
    JourneyGraphError,
    UnknownChannelError,
    UnknownColumnError,
    UnknownItemError,
    UnknownOptionError,
)
from journeygraph.graph_build import graph_from_rows
from journeygraph.journeys import Unit
from queries.contrasts import risk_difference
from queries.funnel import Funnel, FunnelAnswer, funnel
from tests.journeys.views import cases
from tests.statistics.sequences import Case, view_and_units
from tests.strategies import DAY_US

PAGE = Path(__file__).parents[2] / "docs" / "funnels.md"


def view_of(**journeys: str) -> Any:
    """One item a day; "cart@web" is at a channel."""
    rows = [
        (customer, day * DAY_US, *(item.split("@") + [None])[:2])
        for customer, items in journeys.items()
        for day, item in enumerate(items.split())
    ]
    return graph_from_rows(rows).journeys()


def ask(view: Any, *steps: Any, **options: Any) -> FunnelAnswer:
    return funnel(Funnel(steps=steps, **options), view)


def counts(view: Any, *steps: Any, **options: Any) -> list[int]:
    return [step.units for step in ask(view, *steps, **options).steps]


def test_in_any_order_a_step_counts_who_met_so_many():
    view = view_of(a="cart home", b="home help", c="buy cart home", d="help")
    answer = ask(view, "home", "cart", "buy", order="any")
    assert [step.units for step in answer.steps] == [3, 2, 1]
    assert [step.label for step in answer.steps] == ["1 of 3", "2 of 3", "3 of 3"]
    assert counts(view, "home", "cart", "buy", order="any", window="1d") == [3, 2, 0]


def test_in_any_order_an_interaction_is_one_step_only():
    either = {"anyOf": ["home", "cart"]}
    view = view_of(a="home", b="home cart", c="cart cart")
    assert counts(view, either, "home", order="any") == [3, 1]


def test_a_limit_from_the_step_before_takes_a_later_occurrence():
    view = view_of(a="home cart help help cart buy", b="home cart help buy")
    buy = {"anyOf": ["buy"], "within": "1d"}
    answer = ask(view, "home", "cart", buy, exact=True)
    assert [step.units for step in answer.steps] == [2, 2, 1]
    assert answer.steps[2].median_from_first_seconds == 5 * 86_400
    assert counts(view, "home", "cart", "buy", step_window="1d") == [2, 2, 0]
    assert counts(view, "home", "cart", buy, window="4d") == [2, 2, 0]


def test_next_and_eventually_per_step():
    view = view_of(a="home help cart buy", b="home cart help buy")
    next_buy = {"anyOf": ["buy"], "follows": "NEXT"}
    assert counts(view, "home", "cart", next_buy) == [2, 2, 1]
    later = {"anyOf": ["cart"], "follows": "EVENTUALLY"}
    assert counts(view, "home", later, "buy", order="STRICT") == [2, 2, 1]


def test_optional_steps_lose_nobody():
    view = view_of(a="home cart buy", b="home buy", c="home cart")
    home, cart, buy = ask(view, "home", "cart", "buy", optional=[2]).steps
    assert (home.units, cart.units, buy.units) == (3, 2, 2)
    assert (cart.optional, cart.skipped, cart.dropped, cart.open) == (True, 1, 0, 0)
    assert cart.skipped_customers.page(9).ids == ("b",)
    assert (buy.of_previous_interval.of, buy.dropped + buy.open) == (3, 1)


def test_a_step_may_ask_for_a_channel_or_a_value():
    view = view_of(a="home@web cart@web", b="home@shop cart@web")
    web = {"anyOf": ["home"], "where": {"channels": ["web"]}}
    assert counts(view, web, "cart") == [1, 1]


def test_exclusions_in_both_meanings():
    view = view_of(a="home help cart", b="home cart help", c="home help home cart", d="home help")
    exclude = {"anyOf": ["help"], "after": 1, "before": 2}
    answer = ask(view, "home", "cart", exclude=[exclude])
    assert ([step.units for step in answer.steps], answer.left) == ([2, 2], 2)
    assert answer.left_customers.page(9).ids == ("a", "d")
    upto = ask(view, "home", "cart", exclude=[{**exclude, "meaning": "COUNTS_UP_TO"}])
    assert ([step.units for step in upto.steps], upto.left) == ([4, 2], 0)


def test_entries():
    view = view_of(a="home help home cart home cart", b="home")
    assert counts(view, "home", "cart", window="1d") == [2, 1]
    assert counts(view, "home", "cart", window="1d", entry="FIRST") == [2, 0]
    every = ask(view, "home", "cart", window="1d", entry="EVERY")
    assert ([step.units for step in every.steps], every.counted) == ([4, 2], "entries")


def test_sessions_and_what_is_held():
    rows = [("a", 0, "home", "web"), ("a", 1, "cart", "app"), ("a", 9 * DAY_US, "cart", "web")]
    view = graph_from_rows(rows, session=["s", "t", "t"]).journeys()
    assert counts(view, "home", "cart", session={"column": "session"}) == [1, 0]
    assert counts(view, "home", "cart", session={"inactivity": "1d"}) == [1, 1]
    assert counts(view, "home", "cart", hold_constant=["channel"]) == [1, 1]
    assert counts(view, "home", "cart", hold_constant=["channel"], window="1d") == [1, 0]


def test_a_breakdown_adds_up():
    view = view_of(a="home@web cart@app", b="home@app", c="home cart@app", d="home@web")
    answer = ask(view, "home", "cart", breakdown={"column": "channel", "first": 1})
    found = [(group.value, group.is_other, [step.units for step in group.steps])
             for group in answer.breakdown]  # fmt: skip
    assert found == [("web", False, [2, 1]), (None, True, [2, 1])]
    assert answer.breakdown[0].steps[1].customers.page(9).ids == ("a",)


def test_populations_are_compared_step_by_step():
    journeys = {f"a{n}": "ad home cart" if n % 2 else "ad home" for n in range(40)}
    journeys |= {f"b{n}": "home cart" for n in range(40)}
    view = view_of(**journeys)
    compare = {"customers": {"touched": ["ad"]}}
    answer = ask(view, "home", "cart", compare=compare).comparison
    assert answer is not None
    assert [step.units for step in answer.first.steps] == [40, 40]
    assert [step.units for step in answer.second.steps] == [40, 20]
    assert answer.steps[1].difference == risk_difference(40, 40, 20, 40, 0.95)
    assert answer.steps[0].p_value is None
    assert answer.steps[1].p_value is not None
    assert answer.steps[1].p_value < 1e-5
    assert not answer.steps[1].small
    since = ask(
        view_of(a="home", b="help home"), "home", compare={"since": "1970-01-02"}
    ).comparison
    assert since is not None
    assert (since.first.steps[0].units, since.second.steps[0].units) == (1, 1)


@given(case=cases(), data=st.data())
def test_numbers_add_up_and_their_customers_are_listed(case: Case, data: st.DataObject) -> None:
    view, _units = view_and_units(case)
    if not view.items:
        return
    items = st.lists(st.sampled_from(view.items), min_size=3, max_size=4)
    steps = data.draw(items)
    exclude = [{"anyOf": [data.draw(st.sampled_from(view.items))], "after": 1, "before": 3}]
    answer = ask(view, *steps, optional=[2], step_window="7d", exclude=exclude)
    required = [answer.steps[0], *answer.steps[2:]]
    for before, step in zip(required, required[1:], strict=False):
        assert before.units == step.units + step.dropped + step.open
    assert answer.steps[1].units + answer.steps[1].skipped == answer.steps[0].units
    if view.unit is Unit.CUSTOMER:
        for step in answer.steps:
            assert step.customers.count == step.units
            assert step.dropped_customers.count == step.dropped
            assert step.open_customers.count == step.open
            assert step.skipped_customers.count == step.skipped
        assert answer.left_customers.count == answer.left


BAD: list[tuple[dict[str, Any], type[JourneyGraphError], str]] = [
    ({"optional": [1]}, InvalidOptionError, "not the first or last"),
    ({"optional": [3]}, InvalidOptionError, "not the first or last"),
    ({"steps": [{"anyOf": ["home"], "optional": True}, "cart"]}, InvalidOptionError, "optional"),
    ({"order": "any", "step_window": "1d"}, ConflictingOptionsError, "stepWindow"),
    ({"order": "any", "exclude": [{"anyOf": ["cart"]}]}, ConflictingOptionsError, "exclude"),
    ({"exclude": [{"anyOf": ["hme"]}]}, UnknownItemError, "Did you mean 'home'"),
    ({"exclude": [{"anyOf": ["home"], "after": 2, "before": 1}]}, InvalidOptionError, "ascending"),
    ({"exclude": [{"anyOf": ["home"], "before": 9}]}, InvalidOptionError, "1 to 9"),
    ({"exclude": "home"}, InvalidOptionError, "list"),
    ({"exclude": [{"anyOf": ["home"], "meaning": "x"}]}, InvalidOptionError, "LEAVES"),
    ({"entry": "some"}, InvalidOptionError, "OPTIMISED, FIRST or EVERY"),
    ({"step_window": "7"}, InvalidDurationError, "stepWindow"),
    ({"session": {}}, InvalidOptionError, "column or inactivity"),
    ({"session": {"column": "sesion"}}, UnknownColumnError, "session"),
    ({"session": {"column": "session", "inactivity": "1d"}}, ConflictingOptionsError, "session"),
    ({"hold_constant": ["channel"] * 4}, InvalidOptionError, "at most 3"),
    ({"hold_constant": ["chanel"]}, UnknownColumnError, "channel"),
    ({"breakdown": {}}, InvalidOptionError, "breakdown.column"),
    ({"breakdown": {"attribute": "x"}}, UnknownColumnError, "breakdown.attribute"),
    ({"breakdown": {"column": "channel", "of": "4"}}, InvalidOptionError, "1 to 3"),
    ({"compare": {}}, InvalidOptionError, "customers, since or where"),
    ({"steps": [{"anyOf": ["home"], "follows": "soon"}, "cart"]}, InvalidOptionError, "NEXT"),
    (
        {"steps": [{"anyOf": ["home"], "where": {"channels": ["wbe"]}}]},
        UnknownChannelError,
        "wbe",
    ),
    ({"steps": [{"anyOf": ["home"], "where": {"chanels": []}}]}, UnknownOptionError, "channels"),
]


@pytest.mark.parametrize(("options", "error", "says"), BAD)
def test_bad_input_is_refused(options, error, says):
    with pytest.raises(error) as refused:
        funnel(Funnel(**{"steps": ["home", "cart", "home"], **options}), view_of(a="home cart"))
    assert says in str(refused.value)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Any:
    store = tmp_path_factory.mktemp("shop") / "store"
    data = Path(os.environ["JOURNEYGRAPH_DATA"])
    journeygraph.load(store, [data / "simple_onlineshop.parquet"])
    return journeygraph.open(store).journeys()


@pytest.mark.realdata
def test_the_shop_has_the_figures_of_its_publisher(shop: Any) -> None:
    data = Path(os.environ["JOURNEYGRAPH_DATA"])
    truth = json.loads((data / "truth" / "funnel_simple_onlineshop.json").read_text())
    steps, expected = list(truth["steps"]), list(truth["steps"].values())
    assert counts(shop, *steps, session={"column": "case_id"}) == expected
    assert counts(shop, *steps, entry="FIRST") == expected  # no window: the first start is the best
    for row in truth["activity_counts"]:
        assert counts(shop, row["activity"], entry="EVERY") == [row["events"]]
        assert counts(shop, row["activity"], entry="FIRST") == [row["customers"]]


@pytest.mark.realdata
def test_the_page_gives_the_numbers_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data = Path(os.environ["JOURNEYGRAPH_DATA"]) / "simple_onlineshop.parquet"
    Path("shop.parquet").symlink_to(data)
    result = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert result.attempted > 10
    assert result.failed == 0
