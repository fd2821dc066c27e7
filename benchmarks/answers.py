"""Our whole answers: what the questions give, with units, shares, intervals, tests and lists.

`ANSWERS` asks each of a new view, so that everything is counted; `AGAIN` asks a second time of a
view whose statistics are remembered, and shows what remembering saves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import journeygraph
from benchmarks.make_journeys import TOUCHPOINTS
from benchmarks.normal import Answer
from benchmarks.workloads import LENGTHS, STEPS, TOP
from journeygraph.graph import JourneyGraph
from journeygraph.journeys import Journeys
from journeygraph.statistics.remembering import StatisticsCache
from queries.common_paths import CommonPaths, PathForm, common_paths
from queries.customer import customer
from queries.funnel import Funnel, funnel
from queries.loyalty import Loyalty
from queries.loyalty_touchpoints import LoyaltyTouchpoints, loyalty_touchpoints
from queries.referrals import Referrals, referrals
from queries.transitions import Transitions, transitions

__all__ = ["AGAIN", "ANSWERS", "CACHE_BYTES", "QUESTIONS", "State"]

CACHE_BYTES = 1 << 30


@dataclass(frozen=True)
class State:
    """An open graph, the store that it is of, whom to look up, and what may be appended."""

    graph: JourneyGraph
    store: Path
    looked_up: list[str]
    delta: Path


def _ngrams(view: Journeys) -> Any:
    return [
        common_paths(CommonPaths(form=PathForm.NGRAM, length=length, first=TOP), view)
        for length in LENGTHS
    ]


def _loyalty(view: Journeys) -> Any:
    by_column = LoyaltyTouchpoints(loyalty=Loyalty(column="loyal"), first=len(TOUCHPOINTS))
    return loyalty_touchpoints(by_column, view)


QUESTIONS: dict[str, Callable[[Journeys], Any]] = {
    "transitions": lambda view: transitions(Transitions(first=1_000), view),
    "whole_paths": lambda view: common_paths(CommonPaths(first=TOP), view),
    "ngrams": _ngrams,
    "funnel": lambda view: funnel(Funnel(steps=STEPS, window="7d"), view),
    "loyalty": _loyalty,
}


def _answer(ask: Callable[[Journeys], Any]) -> Callable[[State], Answer]:
    def answer(state: State) -> Answer:
        found = ask(state.graph.journeys())
        return Answer(lambda: found is not None)

    return answer


def _referrals(state: State) -> Answer:
    """Of a graph that is new, since a forest is kept as long as its graph."""
    graph = journeygraph.open(state.store)
    found = referrals(Referrals(), graph.journeys())
    page = found.chains(first=TOP), found.advocates(first=TOP)
    return Answer(lambda: page is not None)


def _histories(state: State) -> Answer:
    found = [customer(state.graph, name).interactions(first=1_000) for name in state.looked_up]
    return Answer(lambda: found is not None)


def _again(ask: Callable[[Journeys], Any]) -> Callable[[tuple[StatisticsCache, Journeys]], Answer]:
    def answer(prepared: tuple[StatisticsCache, Journeys]) -> Answer:
        found = ask(prepared[1])
        return Answer(lambda: found is not None)

    return answer


def _prepare_again(
    ask: Callable[[Journeys], Any],
) -> Callable[[State], tuple[StatisticsCache, Journeys]]:
    def prepare(state: State) -> tuple[StatisticsCache, Journeys]:
        cache = StatisticsCache(CACHE_BYTES)
        ask(cache.journeys(state.graph))
        return cache, cache.journeys(state.graph)

    return prepare


ANSWERS: dict[str, Callable[[Any], Any]] = {
    **{f"answer_{name}": _answer(ask) for name, ask in QUESTIONS.items()},
    "answer_referrals": _referrals,
    "answer_history": _histories,
}

AGAIN: dict[str, Callable[[Any], Any]] = {
    **{f"prepare_again_{name}": _prepare_again(ask) for name, ask in QUESTIONS.items()},
    **{f"again_{name}": _again(ask) for name, ask in QUESTIONS.items()},
}
