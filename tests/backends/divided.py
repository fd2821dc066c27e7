"""The least engine there can be: a local graph whose customers are divided, and counted apart.

It shows that questions ask a view for tables and customers only, and that any division of the
customers gives the tables that the whole gives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np

from journeygraph.backends import Engine, EngineGraph, EngineJourneys, Support
from journeygraph.backends.lazy_options import of_view, unbound
from journeygraph.backends.skeleton import skeleton_of
from journeygraph.graph import JourneyGraph
from journeygraph.journeys import Journeys
from journeygraph.statistics.base import merge, total
from journeygraph.statistics.finders import find_customers
from journeygraph.statistics.referral_credit import first_interactions, first_outcomes
from journeygraph.statistics.referrals import forest_of

__all__ = ["DividedEngine"]

EVERYTHING = Support(statistics=None, finders=None)


class DividedEngine(Engine):
    """Divides the customers of a graph: customer c goes to part c % n_parts."""

    name = "divided"

    def __init__(
        self, whole: JourneyGraph, n_parts: int = 3, support: Support = EVERYTHING
    ) -> None:
        pairs = whole.touchpoint_codes.astype(np.int64) * len(whole.channels) + whole.channel_codes
        self.whole = replace(whole, pairs=np.unique(pairs))
        self.n_parts = n_parts
        self._support = support
        self._graph = _Graph(
            self,
            skeleton_of(
                touchpoints=whole.touchpoints,
                channels=whole.channels,
                as_of_us=whole.as_of_us,
                version=whole.version,
                currency=whole.currency,
                exponent=whole.exponent,
                properties=whole.further.property_names(),
                pairs=self.whole.pairs,
            ),
        )

    @property
    def support(self) -> Support:
        return self._support

    @property
    def graph(self) -> EngineGraph:
        return self._graph

    def journeys(self, **options: Any) -> Journeys:
        return cast("Journeys", _View(self._graph, options))


class _Graph(EngineGraph):
    engine: DividedEngine

    @property
    def n_interactions(self) -> int:
        return self.engine.whole.n_interactions

    @property
    def n_customers(self) -> int:
        return self.engine.whole.n_customers

    @property
    def referrals(self) -> Any:
        return self.engine.whole.referrals

    def customer_id(self, customers: Any) -> list[str]:
        return self.engine.whole.customer_id(customers)

    def customer_indexes(self, customers: Sequence[str]) -> Any:
        return self.engine.whole.customer_indexes(customers)

    def says(self, name: str) -> bool:
        return self.engine.whole.says(name)

    def history_of(self, customer: int) -> tuple[JourneyGraph, int]:
        return self.engine.whole.only([customer]), 0

    def first_interactions(self) -> Any:
        return first_interactions(self.engine.whole)

    def first_outcomes(self, outcome: Any) -> Any:
        from journeygraph.outcome import compile_outcome

        whole = self.engine.whole
        return first_outcomes(whole, compile_outcome(whole, outcome.rule))

    def customer_values(self) -> Any:
        return self._summed(np.arange(self.n_customers), None)

    def customer_values_since(self, customers: Any, since_us: Any) -> Any:
        return self._summed(customers, since_us)

    def _summed(self, customers: Any, since_us: Any) -> Any:
        whole, sums = self.engine.whole, np.zeros(self.n_customers, np.int64)
        for place, customer in enumerate(customers):
            rows = slice(*whole.customer_starts[customer : customer + 2])
            values = whole.value_minor[rows]
            meant = values != np.iinfo(np.int64).min
            if since_us is not None:
                meant &= whole.at_us[rows] >= since_us[place]
            sums[customer] = values[meant].sum()
        return sums


class _View(EngineJourneys):
    engine: DividedEngine

    def _parts(self) -> list[tuple[Journeys, Any]]:
        whole, n_parts = self.engine.whole, self.engine.n_parts
        meant = np.flatnonzero(self._facts())
        found = []
        for part in range(n_parts):
            mine = meant[meant % n_parts == part]
            options = {**self.options, "where": self.plan.where}
            found.append((whole.only(mine).journeys(**options), mine))
        return found

    def _facts(self) -> Any:
        """Who is meant by id, attributes and referral."""
        whole, where = self.engine.whole, self.where.customers
        if where is None:
            return np.ones(whole.n_customers, np.bool_)
        kept = np.ones(whole.n_customers, np.bool_)
        asked = {"ids": where.ids, "attributes": where.attributes}
        asked = {name: value for name, value in asked.items() if value is not None}
        if asked:
            meant: Any = whole.journeys(where={"customers": asked}).kept_customers
            kept &= meant
        if where.referred is not None:
            kept &= (forest_of(whole).parents >= 0) == where.referred
        return kept

    def _total(self, statistic: Any, options: Mapping[str, Any]) -> Any:
        sent = unbound(options)
        parts = [total(statistic, view, **of_view(sent, view)) for view, _ in self._parts()]
        return merge(statistic, parts)

    def _customers(self, finder: Any, options: Mapping[str, Any]) -> Any:
        sent = unbound(options)
        found = [
            customers[find_customers(finder, view, **of_view(sent, view))]
            for view, customers in self._parts()
        ]
        return np.sort(np.concatenate(found))

    def _kept_customers(self) -> Any:
        kept = np.zeros(self.engine.whole.n_customers, np.bool_)
        for view, customers in self._parts():
            local = view.kept_customers
            kept[customers if local is None else customers[local]] = True
        return kept
