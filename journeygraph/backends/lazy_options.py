"""Options that are made of journeys, on their way to where the journeys are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from journeygraph.statistics.remembering import LazyOption

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["Unbound", "of_view", "unbound"]


def of_view(options: Mapping[str, Any], journeys: Journeys) -> dict[str, Any]:
    """Options of a statistic or a finder as other journeys need them."""
    return {name: _for(option, journeys) for name, option in options.items()}


def _for(option: Any, journeys: Journeys) -> Any:
    if isinstance(option, Unbound):
        return option.kind.of(journeys, option.asked)
    return option.of(journeys, option.asked) if isinstance(option, LazyOption) else option


@dataclass(frozen=True, slots=True)
class Unbound:
    """A lazy option that is to be made where the journeys are."""

    kind: type[LazyOption]
    asked: Any


def unbound(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options without the view that they were made for, so that they can be sent elsewhere."""
    return {
        name: Unbound(type(option), option.asked) if isinstance(option, LazyOption) else option
        for name, option in options.items()
    }
