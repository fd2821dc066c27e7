"""Every question there is, as it is asked of a large store.

A question of `queries` is a module with a function of its own name, and a frozen dataclass in
capitals: `common_paths(CommonPaths(), journeys)`. All of them are found, so that a new one is asked
without a word here, with its defaults; what needs options, or has several forms, is listed.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np

import queries
from benchmarks.workloads import LENGTHS, OUTCOME, STEPS, TOP
from journeygraph.graph import JourneyGraph
from journeygraph.journeys import Journeys
from queries.attribution import AttributionMethod
from queries.common_paths import PathForm
from queries.customer import customer
from queries.loyalty import Loyalty
from queries.next_best import NextBest, next_best
from queries.referrals import Referrals, referrals
from queries.similar_customers import SimilarCustomers, similar_customers
from queries.summary import summary

__all__ = ["every_question"]

Ask = Callable[[JourneyGraph], Any]
Options = dict[str, Any]

_LOYAL = {"attributes": {"loyal": "true"}}
_PLANNED = {"stages": [{"stage": "all", "touchpoints": STEPS}]}
_OF_FORMS: dict[str, list[Options]] = {
    "NGRAM": [{"length": length} for length in LENGTHS],
    "CONTRAST": [{"against": _LOYAL}],
    "PREFIX_TREE": [{"at_least": 1_000}],  # a tree of everything is refused where it is too large
}


def every_question() -> list[tuple[str, Ask]]:
    """Each question's name and how it is asked of a graph, with a new view."""
    return [asked for name, module in _question_modules() for asked in _asked(name, module)]


def _question_modules() -> Iterator[tuple[str, ModuleType]]:
    for found in sorted(pkgutil.iter_modules(queries.__path__), key=lambda module: module.name):
        module = importlib.import_module(f"queries.{found.name}")
        if found.name in _OF_THEIR_OWN or _is_question(found.name, module):
            yield found.name, module


def _is_question(name: str, module: ModuleType) -> bool:
    """Whether there is a function of this name that takes a `question` of this name."""
    answer = getattr(module, name, None)
    if not (inspect.isfunction(answer) and hasattr(module, _capitals(name))):
        return False
    return next(iter(inspect.signature(answer).parameters), "") == "question"


def _asked(name: str, module: ModuleType) -> Iterator[tuple[str, Ask]]:
    if name in _OF_THEIR_OWN:
        yield name, _OF_THEIR_OWN[name]
        return
    for options in _LISTED.get(name, [{}]):
        yield _title(name, options), partial(_ask, module, name, options)


def _title(name: str, options: Options) -> str:
    told = [str(options[key]) for key in ("form", "method", "length", "window") if key in options]
    told += ["planned"] if "planned" in options else []
    return " ".join([name.replace("_", " "), *told])


def _ask(module: ModuleType, name: str, options: Options, graph: JourneyGraph) -> Any:
    question = getattr(module, _capitals(name))(**options)
    return getattr(module, name)(question, _view(graph))


def _capitals(name: str) -> str:
    return name.title().replace("_", "")


def _view(graph: JourneyGraph) -> Journeys:
    return graph.journeys(outcome={"touchpoints": [OUTCOME]})


def _referrals(graph: JourneyGraph) -> Any:
    found = referrals(Referrals(), _view(graph))
    return found.chains(first=TOP), found.advocates(first=TOP)


def _customers(graph: JourneyGraph) -> Any:
    """A hundred of them, one after the other."""
    some = np.arange(0, graph.n_customers, max(graph.n_customers // TOP, 1))
    return [
        customer(graph, str(name)).interactions(first=1_000) for name in graph.customer_id(some)
    ]


_OF_THEIR_OWN: dict[str, Ask] = {
    "customer": _customers,
    "next_best": lambda graph: next_best(NextBest(prefix=graph.touchpoints[:1]), _view(graph)),
    "referrals": _referrals,
    "similar_customers": lambda graph: similar_customers(
        SimilarCustomers(customer=graph.customer_id(np.zeros(1, np.int64))[0]), _view(graph)
    ),
    "summary": lambda graph: summary(_view(graph)),
}

_LISTED: dict[str, list[Options]] = {
    "after_drop": [{"steps": STEPS}],
    "attribution": [{"method": method.name, "by": "channel"} for method in AttributionMethod],
    "journey_trend": [{"of": "outcome_rate"}],
    "common_paths": [
        {"form": form.name, "first": TOP, **further}
        for form in PathForm
        for further in _OF_FORMS.get(form.name, [{}])
    ],
    "compare": [{"with_": {"customers": _LOYAL}}],
    "drop_off_contrast": [{"against": _LOYAL}],
    "funnel": [{"steps": STEPS, "window": "7d"}, {"steps": STEPS}],
    "journey_map": [{}, {"planned": _PLANNED}],
    "loyalty_touchpoints": [{"loyalty": Loyalty(column="loyal")}],
    "transitions": [{"first": 1_000}],
}
