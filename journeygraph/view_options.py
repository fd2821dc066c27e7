"""The options that made a view, as one frozen value: so that another can be made as it was.

Two populations are compared fairly where nothing differs but who is in them: the second view is
made of the first one's options, with another `where` and all else the same.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from journeygraph.cohorts import Where
from journeygraph.durations import Duration
from journeygraph.errors import InvalidOptionError
from journeygraph.given import is_number, mapping_as
from journeygraph.labelling import By
from journeygraph.moments import time_zone
from journeygraph.outcome import OutcomeRule
from journeygraph.rules import Rules
from journeygraph.splitting import Split, Unit

if TYPE_CHECKING:
    from journeygraph.graph import JourneyGraph

__all__ = ["ViewOptions"]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ViewOptions:
    """What `graph.journeys` was given; see `journeygraph.journeys.make_journeys`.

    Whatever may be given as a mapping or a word is what it means here.

    Attributes
    ----------
    graph
        Whose `journeys` were asked for; a view's own graph may be in another order of rows.
    """

    graph: JourneyGraph
    where: Where = Where()
    rules: Rules = Rules()
    split: Split | None = None
    by: By = By.TOUCHPOINT
    unit: Unit = Unit.CUSTOMER
    outcome: OutcomeRule | None = None
    inactivity: Duration = "30d"
    confidence: float = 0.95
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        outcome = self.outcome
        read = {
            "by": By(self.by),
            "unit": Unit(self.unit),
            "timezone": time_zone(self.timezone).key,
            "where": _options(Where, self.where, "where"),
            "rules": _options(Rules, self.rules, "rules"),
            "split": None if self.split is None else mapping_as(Split, self.split, "split"),
            "outcome": None if outcome is None else mapping_as(OutcomeRule, outcome, "outcome"),
            "confidence": _confidence(self.confidence),
        }
        for name, value in read.items():
            object.__setattr__(self, name, value)

    def arguments(self, **others: Any) -> dict[str, Any]:
        """What `graph.journeys` takes, with some of it replaced."""
        names = [field.name for field in fields(self) if field.name != "graph"]
        return {name: getattr(self, name) for name in names} | others


def _options(kind: type[Any], given: Any, argument: str) -> Any:
    return mapping_as(kind, {} if given is None else given, argument)


def _confidence(given: Any) -> float:
    if not is_number(given) or not 0 < float(given) < 1:
        raise InvalidOptionError("confidence", given, "a number between 0 and 1, as 0.95")
    return float(given)
