"""Every question, asked of an engine that has the rows elsewhere, answers as it does here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeygraph.backends import Support
from journeygraph.backends.local import LocalEngine
from journeygraph.errors import JourneyGraphError, UnsupportedByEngineError
from queries.attribution import Attribution, attribution
from queries.common_paths import CommonPaths, PathForm, common_paths
from queries.drop_off import DropOff, drop_off
from queries.experience import Experience, experience
from queries.turns import Turns, turns
from tests.backends.divided import DividedEngine
from tests.backends.questions import QUESTIONS, history, plain
from tests.journeys.views import ask, cases
from tests.strategies import World

ROWS = [
    ("a", 0, "home", "web", None, None),
    ("a", 5, "cart", "web", None, None),
    ("a", 9, "purchase", "web", "purchase", 500),
    ("b", 1, "home", "email", None, None),
    ("b", 7, "cart", None, None, 100),
    ("c", 2, "cart", "web", None, None),
]
WORLD = World(rows=ROWS, referrals=[("a", "b", 0, None), ("b", "c", 1, "email")])


OF_LINKS = {
    "referral chains", "referral chains of the last", "referral credit split", "cascades",
    "K by cohort",
}  # fmt: skip
"""Questions about links between customers, which look at no journey."""


def answered(question: str, engine: Any, options: dict[str, Any]) -> Any:
    """The answer, or which error there is instead."""
    try:
        return plain(QUESTIONS[question](ask(engine, options)))
    except UnsupportedByEngineError:
        raise
    except JourneyGraphError as error:
        return error.code


@pytest.mark.parametrize("question", QUESTIONS)
@settings(max_examples=5)
@given(case=cases(), n_parts=st.integers(1, 4))
def test_an_engine_answers_as_the_graph_does(
    question: str, case: tuple[World, dict[str, Any]], n_parts: int
) -> None:
    world, options = case
    here = answered(question, LocalEngine(world.graph), options)
    elsewhere = answered(question, DividedEngine(world.graph, n_parts), options)
    if here == "INTERLEAVED_JOURNEYS" and elsewhere != here:
        # only rows tell: names are looked at before them elsewhere, and links need none at all
        if elsewhere is None:  # and so does who asks for steps where no item is left
            assert DividedEngine(world.graph, n_parts).journeys(**options).n_items == 0
        else:
            assert elsewhere == "PATTERN_MATCHES_NOTHING" or question in OF_LINKS
    else:
        assert elsewhere == here


def test_one_customer_has_the_same_history() -> None:
    graph = WORLD.graph
    for index in range(graph.n_customers):
        elsewhere = DividedEngine(graph).graph
        assert history(elsewhere, index) == history(graph, index)


def test_options_that_cannot_be_used_are_refused_alike() -> None:
    for options in (
        {"by": "touch"},
        {"where": {"touchpoints": ["hme"]}},
        {"outcome": {"touchpoints": ["buy"]}},
        {"inactivity": 30},
        {"where": {"customers": {"touched": ["hme"]}}},
        {"split": {"column": "sesion"}},
    ):
        told = []
        for engine in (LocalEngine(WORLD.graph), DividedEngine(WORLD.graph)):
            with pytest.raises(JourneyGraphError) as raised:
                engine.journeys(**options)
            told.append(str(raised.value))
        assert told[0] == told[1]


def test_what_an_engine_does_not_give_is_an_error_that_names_it() -> None:
    view = DividedEngine(WORLD.graph).journeys()
    for ask_it in (
        lambda: attribution(Attribution(), view),
        lambda: common_paths(CommonPaths(form=PathForm.PATTERN), view),
        lambda: common_paths(CommonPaths(exact=True), view),
        lambda: experience(Experience(), view),
        lambda: turns(Turns(), view),
        lambda: view.item_codes,
        lambda: view.graph.at_us,
    ):
        with pytest.raises(UnsupportedByEngineError, match="The engine 'divided' does not give"):
            ask_it()


def test_what_is_not_declared_is_not_asked_for() -> None:
    some = Support(statistics=frozenset({"exits", "sizes"}), finders=frozenset({"open units"}))
    view = DividedEngine(WORLD.graph, support=some).journeys()
    answer = drop_off(DropOff(), view)
    assert answer.units == 3
    assert answer.open_customers.count == 3
    with pytest.raises(UnsupportedByEngineError, match="the customers of 'gone units'"):
        _ = answer.exit_customers.count
    with pytest.raises(UnsupportedByEngineError, match="the statistic 'paths'") as raised:
        common_paths(CommonPaths(), view)
    assert raised.value.code == "UNSUPPORTED_BY_ENGINE"
    assert "docs/engines.md" in raised.value.remedy


def test_a_view_elsewhere_tells_what_it_is() -> None:
    here, elsewhere = WORLD.graph.journeys(), DividedEngine(WORLD.graph).journeys()
    for name in (
        "by", "unit", "items", "n_items", "n_units", "n_journeys", "n_outcomes", "as_of_us",
        "inactivity_us", "confidence", "timezone",
    ):  # fmt: skip
        assert getattr(elsewhere, name) == getattr(here, name)
    assert elsewhere.outcome.wording == here.outcome.wording
    assert np.array_equal(elsewhere.graph.touchpoints, here.graph.touchpoints)
    assert elsewhere.item_codes_of("steps", ["cart"]) == here.item_codes_of("steps", ["cart"])
