"""Options of any other type than they have: an error that names them, and never a traceback."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import queries
from journeygraph.cohorts import CustomerWhere, Where
from journeygraph.errors import InvalidOptionError, JourneyGraphError
from journeygraph.graph import JourneyGraph
from journeygraph.graph_build import graph_from_rows
from journeygraph.outcome import OutcomeRule
from journeygraph.rules import Rules
from journeygraph.splitting import Split
from queries.after_drop import AfterDrop
from queries.customer import customer
from queries.loyalty import Loyalty
from queries.loyalty_touchpoints import LoyaltyTouchpoints, loyalty_touchpoints
from queries.referrals import Referrals
from queries.referrer_left import ReferrerLeft, referrer_left
from queries.time_to_convert import TimeToConvert
from queries.turns import Turns
from queries.what_if import WhatIf, what_if
from tests.strategies import DAY_US

WRONG: list[Any] = [
    True, False, 0, -1, 3.5, float("nan"), 10**30, "", "x", "\ud800", b"x", [], ["x"], [1], [None],
    [True], [[]], [{}], (1, 2), {}, {"x": 1}, {"column": 3}, {1: 2}, object(), iter([3]),
]  # fmt: skip
NEEDED: dict[str, Any] = {
    "steps": ["search", "cart"],
    "loyalty": Loyalty(column="loyal"),
    "customer": "c1",
    "of": "interactions",
    "with_": {"touchpoints": ["search"]},
    "against": {"customers": ["c1"]},
}


def small_world() -> JourneyGraph:
    places = ["search", "cart", "purchase", "call"]
    rows: list[tuple[Any, ...]] = [
        (f"c{n % 7}", n * DAY_US // 3, places[n % 4], "web", None, 100 if n % 4 == 2 else None)
        for n in range(60)
    ]
    loyal = {f"c{n}": {"loyal": "true" if n % 2 else "false"} for n in range(7)}
    return graph_from_rows(rows, attributes=loyal, referrals=[("c1", "c2", None, None)])


def questions() -> list[tuple[Callable[..., Any], type[Any]]]:
    """Every question, and what it is asked with."""
    found: list[tuple[Callable[..., Any], type[Any]]] = []
    for module in pkgutil.iter_modules(queries.__path__):
        of_name = importlib.import_module(f"queries.{module.name}")
        ask = getattr(of_name, module.name, None)
        if inspect.isfunction(ask) and "question" in inspect.signature(ask).parameters:
            own_class = module.name.title().replace("_", "")
            if hasattr(of_name, own_class):  # else it answers a part of another question
                found.append((ask, getattr(of_name, own_class)))
    return found


def is_refused(ask: Callable[..., Any], *given: Any) -> bool:
    """Whether it is an error of ours; that of Python would be raised."""
    try:
        ask(*given)
    except JourneyGraphError:
        return True
    return False


def needed(kind: type[Any]) -> dict[str, Any]:
    """What an options class cannot do without."""
    return {
        option.name: NEEDED[option.name]
        for option in dataclasses.fields(kind)
        if option.default is dataclasses.MISSING
    }


@pytest.mark.parametrize(
    ("ask", "kind"), [pytest.param(*one, id=one[0].__name__) for one in questions()]
)
def test_no_option_of_a_question_is_a_traceback(ask: Callable[..., Any], kind: type[Any]) -> None:
    graph = small_world()

    def asked(given: dict[str, Any]) -> Any:
        return ask(kind(**given), graph.journeys())

    n_refused = 0
    for option in dataclasses.fields(kind):
        for wrong in WRONG:
            n_refused += is_refused(asked, {**needed(kind), option.name: wrong})
    assert n_refused > len(WRONG) // 2


@pytest.mark.parametrize(
    ("argument", "kind"),
    [("where", Where), ("rules", Rules), ("split", Split), ("outcome", OutcomeRule)],
)
def test_no_option_of_journeys_is_a_traceback(argument: str, kind: type[Any]) -> None:
    graph = small_world()

    def ask(**given: Any) -> bool:
        return is_refused(lambda: graph.journeys(**given).n_units)

    for wrong in WRONG:
        for name in ("by", "unit", "inactivity", "confidence", "timezone", argument):
            ask(**{name: wrong})
        for option in dataclasses.fields(kind):
            ask(**{argument: {option.name: wrong}})
        if kind is Where:
            for option in dataclasses.fields(CustomerWhere):
                ask(where={"customers": {option.name: wrong}})
    assert ask(confidence="0.9")
    assert ask(confidence=[0.9])
    assert ask(timezone=("Europe", "Berlin"))


def test_groups_of_options_may_be_mappings() -> None:
    view = small_world().journeys()
    by_mapping, by_class = (
        loyalty_touchpoints(LoyaltyTouchpoints(loyalty=loyalty), view)  # type: ignore[arg-type]
        for loyalty in ({"column": "loyal"}, Loyalty(column="loyal"))
    )
    assert by_mapping.loyal == by_class.loyal > 0
    assert [node.lift for node in by_mapping.nodes] == [node.lift for node in by_class.nodes]

    def asked(loyalty: Any) -> Any:
        return loyalty_touchpoints(LoyaltyTouchpoints(loyalty=loyalty), view)

    for option in dataclasses.fields(Loyalty):
        for wrong in WRONG:
            is_refused(asked, {"column": "loyal", option.name: wrong})
    referrals: Any = {"atLeast": 1}
    assert ReferrerLeft(referrals=referrals).referrals == Referrals(at_least=1)
    assert referrer_left(ReferrerLeft(referrals=referrals), view) is not None
    with pytest.raises(InvalidOptionError, match=r"at_least='1' cannot be used"):
        ReferrerLeft(referrals={"atLeast": "1"})  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [True, 2.0, "2", None, [2]])
def test_what_is_no_whole_number_is_said(wrong: Any) -> None:
    with pytest.raises(InvalidOptionError, match=r"permutations=.*\s.*a whole number"):
        Turns(permutations=wrong)
    assert Turns(permutations=np.int32(2)).permutations == 2  # type: ignore[arg-type]


def test_a_flag_is_no_number() -> None:
    with pytest.raises(InvalidOptionError, match=r"items=True cannot be used\.\s"):
        AfterDrop(steps=["cart"], items=True)
    with pytest.raises(InvalidOptionError, match=r"percents=\[True\] cannot be used\.\s"):
        TimeToConvert(percents=[True])


def test_a_list_is_no_single_thing() -> None:
    with pytest.raises(InvalidOptionError, match="a list of durations"):
        TimeToConvert(at="3d")
    with pytest.raises(InvalidOptionError, match="a list of whole numbers"):
        LoyaltyTouchpoints(loyalty=Loyalty(column="loyal"), dose=3)  # type: ignore[arg-type]


def test_a_list_of_mappings_is_no_single_one() -> None:
    view = small_world().journeys()
    with pytest.raises(InvalidOptionError, match="a list of mappings of options"):
        what_if(WhatIf(fix={"item": "cart", "dropOff": 0.5}), view)  # type: ignore[arg-type]


def test_a_customer_is_looked_up_by_a_text() -> None:
    graph = small_world()
    for wrong in WRONG:
        assert is_refused(customer, graph, wrong)
    with pytest.raises(InvalidOptionError, match="an id, as a text"):
        customer(graph, 7)  # type: ignore[arg-type]
