"""What every engine is asked, and answers as plain data: numbers, names and lists of ids."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import numpy as np

from journeygraph.journeys import By, Journeys
from queries.cascades import Cascades, cascades
from queries.common_paths import CommonPaths, PathForm, common_paths
from queries.customer import customer
from queries.customer_lists import CustomerList, customers_of
from queries.drop_off import DropOff, drop_off
from queries.economics import Economics, economics
from queries.exit_hazards import ExitHazards, exit_hazards
from queries.funnel import Funnel, FunnelStep, StepOrder, funnel
from queries.journey_map import JourneyMap, journey_map
from queries.k_factor import KFactor, k_factor
from queries.loyalty import Loyalty
from queries.loyalty_touchpoints import LoyaltyTouchpoints, loyalty_touchpoints
from queries.outcomes import outcome_warnings
from queries.paging import Page
from queries.preferences import Preferences, preferences
from queries.referrals import CreditRule, Referrals, WindowEnd, referrals
from queries.summary import summary
from queries.transitions import Transitions, transitions

__all__ = ["QUESTIONS", "history", "plain"]


def plain(answer: Any, lists: bool = True) -> Any:
    """An answer whose parts can be compared, the customers behind every number included.

    Parameters
    ----------
    lists
        Whether they are: each is a job of its own where there are many machines.
    """
    if isinstance(answer, CustomerList) and not lists:
        return None
    if isinstance(answer, CustomerList):
        page = answer.page(1000)
        return answer.count, page.ids, page.end_cursor
    if isinstance(answer, Enum | str | int | float | None):
        return answer
    if is_dataclass(answer):
        named = [field.name for field in fields(answer) if not field.name.startswith("_")]
        return {name: plain(getattr(answer, name), lists) for name in named}
    if isinstance(answer, tuple | list):
        return [plain(part, lists) for part in answer]
    raise TypeError(type(answer))


def _whole_paths(view: Journeys) -> Any:
    return common_paths(CommonPaths(first=3), view)


def _second_page_of_paths(view: Journeys) -> Any:
    page = common_paths(CommonPaths(first=1), view).page_info
    return common_paths(CommonPaths(first=2, after=page.end_cursor), view)


def _runs_of(length: int) -> Callable[[Journeys], Any]:
    return lambda view: common_paths(
        CommonPaths(form=PathForm.NGRAM, length=length, first=4, at_least=2), view
    )


def _transitions(view: Journeys) -> Any:
    return transitions(Transitions(first=5), view)


def _drop_off(view: Journeys) -> Any:
    return drop_off(DropOff(inactivity="36h"), view)


def _steps(view: Journeys, n_steps: int) -> list[FunnelStep]:
    names = sorted(view.items)
    return [FunnelStep(any_of=(names[step % len(names)],)) for step in range(n_steps)]


def _funnel_of(n_steps: int, **options: Any) -> Callable[[Journeys], Any]:
    def ask(view: Journeys) -> Any:
        if not view.n_items:
            return None
        return funnel(Funnel(steps=_steps(view, n_steps), **options), view)

    return ask


def _chains(question: Referrals) -> Callable[[Journeys], Any]:
    def ask(view: Journeys) -> Any:
        answer = referrals(question, view)
        found = [
            answer, answer.all_customers, answer.root_customers, answer.referred_customers,
            answer.unattributed_customers, _nodes(answer.cuts(100)),
        ]  # fmt: skip
        if question.credit is CreditRule.SPLIT:
            return [*found, _nodes(answer.credits(100))]
        return [
            *found,
            answer.depths,
            answer.sizes,
            [(chain, _nodes(chain.members(100))) for chain in answer.chains(100).nodes],
            _nodes(answer.advocates(100)),
        ]

    return ask


def _nodes(page: Page[Any]) -> Any:
    return page.nodes


def _against_a_plan(view: Journeys) -> Any:
    if view.by is not By.TOUCHPOINT:
        return None
    touchpoints = [{"touchpoint": name, "repeats": True} for name in sorted(view.items)[:3]]
    stages = [{"stage": "all", "within": "20d", "touchpoints": [*touchpoints, "nowhere"]}]
    return journey_map(JourneyMap(planned={"stages": stages}), view)


def _loyalty(**meaning: Any) -> Callable[[Journeys], Any]:
    question = LoyaltyTouchpoints(loyalty=Loyalty(**meaning), exposure_window="20d")
    return lambda view: loyalty_touchpoints(question, view)


QUESTIONS: dict[str, Callable[[Journeys], Any]] = {
    "summary": summary,
    "warnings": outcome_warnings,
    "customers": customers_of,
    "whole paths": _whole_paths,
    "whole paths, the second page": _second_page_of_paths,
    "runs of 2": _runs_of(2),
    "runs of 3": _runs_of(3),
    "transitions": _transitions,
    "drop-off": _drop_off,
    "funnel": _funnel_of(3, window="10d"),
    "strict funnel": _funnel_of(2, order=StepOrder.STRICT),
    "funnel with an optional step": _funnel_of(3, optional=[2], step_window="20d"),
    "referral chains": _chains(Referrals()),
    "referral chains of the last": _chains(Referrals(credit=CreditRule.LAST, window="20d")),
    "cascades": lambda view: cascades(Cascades(), view),
    "K by cohort": lambda view: k_factor(KFactor(replicates=3), view),
    "journey map": lambda view: journey_map(JourneyMap(), view),
    "journey map against a plan": _against_a_plan,
    "preferences": lambda view: preferences(Preferences(), view),
    "preferences by the last rating": lambda view: preferences(
        Preferences(rating="emotion", overall="last"), view
    ),
    "economics": lambda view: economics(Economics(), view),
    "economics by stage": lambda view: economics(Economics(by="stage", order="cost"), view),
    "exit hazards": lambda view: exit_hazards(ExitHazards(), view),
    "referral credit split": _chains(
        Referrals(credit=CreditRule.SPLIT, window="9d", window_to=WindowEnd.OUTCOME)
    ),
    "loyalty: repeat": _loyalty(repeat_purchase_within="5d"),
    "loyalty: active": _loyalty(active_at="20d"),
}
"""By name; what they give goes through `plain`."""


def history(graph: Any, index: int) -> Any:
    """All that is told of one customer."""
    [name] = graph.customer_id(np.array([index]))
    found = customer(graph, name)
    links = found.links
    return [
        found.id, found.n_interactions, found.attributes, _nodes(found.interactions(3)),
        _nodes(found.interactions(100)), found.referred_by, found.referred, links.root,
        links.depth, links.downstream, links.downstream_value_minor, links.referred_at_us,
    ]  # fmt: skip
