"""From the options of a view to the parameters of its Cypher.

Names are looked up here, with the same errors as anywhere, and go to the server as codes: a rule
of names becomes a table from the code of a name to the code of an item. So the server never
compares a text, and what it is sent does not depend on how many interactions there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.conditions import (
    BoolArray,
    channel_table,
    stage_table,
    touchpoint_table,
    value_limits,
    word_table,
)
from journeygraph.labelling import By, same_item
from journeygraph.rules import Rules, compile_rules
from journeygraph.vocabulary import ENVIRONMENTS, INITIATORS, LEVELS, STAGES, UNKNOWN

if TYPE_CHECKING:
    from journeygraph.backends.neo4j_graph import Neo4jGraph
    from journeygraph.cohorts import CustomerWhere, Where
    from journeygraph.given import Names
    from journeygraph.graph import JourneyGraph
    from journeygraph.outcome import OutcomeRule
    from journeygraph.splitting import Split

__all__ = [
    "customer_parameters",
    "interaction_parameters",
    "items_of",
    "outcome_parameters",
    "split_parameters",
]

Parameters = dict[str, Any]
Int64Array = npt.NDArray[np.int64]

_WORDS: Mapping[str, tuple[str, ...]] = {
    "initiators": INITIATORS, "environments": ENVIRONMENTS, "levels": LEVELS,
}  # fmt: skip


def items_of(names: JourneyGraph, by: By, rules: Rules) -> Parameters:
    """Which item an interaction is, by the codes that a local view gives them.

    Raises
    ------
    UnknownItemError, PatternMatchesNothingError, InvalidPatternError
        Where a rule cannot be used.
    """
    known, places = _names(names, by)
    table = compile_rules(rules, known, same_item(by))
    item_of = table.item_of if places is None else _spread(table.item_of, places, names)
    return {
        "by": by.value,
        "item_of": item_of.tolist(),
        "n_channels": len(names.channels),
        "collapse": rules.collapse,
    }


def _names(names: JourneyGraph, by: By) -> tuple[Sequence[str], Int64Array | None]:
    """Names before the rules; of pairs also their places in a table of all that could be."""
    if by is By.TOUCHPOINT:
        return names.touchpoints, None
    if by is By.CHANNEL:
        return names.channels, None
    if by is By.STAGE:
        return (UNKNOWN, *STAGES), None
    pairs = np.asarray(names.pairs, np.int64)
    touchpoints, channels = np.divmod(pairs, len(names.channels))
    known = [
        f"{names.touchpoints[touchpoint]}@{names.channels[channel]}"
        for touchpoint, channel in zip(touchpoints.tolist(), channels.tolist(), strict=True)
    ]
    return known, pairs


def _spread(item_of: Int64Array, places: Int64Array, names: JourneyGraph) -> Int64Array:
    spread = np.full(len(names.touchpoints) * len(names.channels), -1, np.int64)
    spread[places] = item_of
    return spread


def interaction_parameters(
    names: JourneyGraph, where: Where, from_us: int | None, until_us: int | None
) -> Parameters:
    """The conditions on interactions.

    Raises
    ------
    UnknownTouchpointError, UnknownChannelError, UnknownStageError, InvalidOptionError
        Where something is named that is not there.
    """
    parameters: Parameters = {
        "from_us": from_us,
        "until_us": until_us,
        "touchpoints": _touchpoints(names, where),
        "channels": None,
        "stages": None,
        **dict.fromkeys(_WORDS),
        "least_minor": None,
        "most_minor": None,
    }
    if where.channels is not None:
        parameters["channels"] = _codes(channel_table(names, where.channels, "where.channels"))
    if where.stages is not None:
        parameters["stages"] = _codes(stage_table(where.stages, "where.stages"))
    for name, words in _WORDS.items():
        if (given := getattr(where, name)) is not None:
            meant = word_table(words, given, f"where.{name}")
            parameters[name] = [(UNKNOWN, *words)[code] for code in _codes(meant)]
    arguments = ("where.minValue", "where.maxValue")
    limits = value_limits(names, where.min_value, where.max_value, arguments)
    if limits is not None:
        parameters["least_minor"], parameters["most_minor"] = limits
    return parameters


def _touchpoints(names: JourneyGraph, where: Where) -> list[int] | None:
    if where.touchpoints is None and where.exclude_touchpoints is None:
        return None
    keeps = np.ones(len(names.touchpoints), np.bool_)
    if where.touchpoints is not None:
        keeps &= touchpoint_table(names, where.touchpoints, "where.touchpoints")
    if where.exclude_touchpoints is not None:
        given, argument = where.exclude_touchpoints, "where.excludeTouchpoints"
        keeps &= ~touchpoint_table(names, given, argument)
    return _codes(keeps)


def outcome_parameters(names: JourneyGraph, rule: OutcomeRule) -> Parameters:
    """What the outcome is.

    Raises
    ------
    UnknownTouchpointError, UnknownStageError, InvalidOptionError
        Where the rule names something that is not there.
    """
    limits = value_limits(names, rule.min_value, None, ("outcome.minValue", ""))
    touchpoints, stages = rule.touchpoints, rule.stages
    return {
        "outcome_touchpoints": None
        if touchpoints is None
        else _codes(touchpoint_table(names, touchpoints, "outcome.touchpoints")),
        "outcome_stages": None if stages is None else _codes(stage_table(stages, "outcome.stages")),
        "outcome_least_minor": None if limits is None else limits[0],
    }


def customer_parameters(graph: Neo4jGraph, where: CustomerWhere | None) -> Parameters:
    """Which customers are meant.

    Raises
    ------
    UnknownCustomerError, UnknownColumnError, UnknownValueError, UnknownTouchpointError
        Where something is named that is not there.
    """
    if where is None:
        return {
            "keys": None, "attributes": [], "touched": None, "not_touched": None,
            "has_outcome": None,
        }  # fmt: skip
    return {
        "keys": _keys(graph, where),
        "attributes": [
            graph.attribute_condition(name, values)
            for name, values in (where.attributes or {}).items()
        ],
        "touched": _touching(graph, where.touched, "where.customers.touched"),
        "not_touched": _touching(graph, where.not_touched, "where.customers.notTouched"),
        "has_outcome": where.has_outcome,
    }


def _touching(graph: Neo4jGraph, given: Names | None, argument: str) -> list[int] | None:
    return None if given is None else _codes(touchpoint_table(graph.skeleton, given, argument))


def _keys(graph: Neo4jGraph, where: CustomerWhere) -> list[int] | None:
    if where.ids is None and where.referred is None:
        return None
    meant = np.ones(graph.n_customers, np.bool_)
    if where.ids is not None:
        meant = np.zeros(graph.n_customers, np.bool_)
        meant[graph.known_customers(where.ids)] = True
    if where.referred is not None:
        meant &= graph.is_referred == where.referred
    keys: list[int] = graph.keys_of(np.flatnonzero(meant))
    return keys


def split_parameters(split: Split | None, *, unit_is_journey: bool) -> Parameters:
    """Where a history is cut, and what is counted."""
    return {
        "gap_us": None if split is None or split.inactivity is None else split.gap_us,
        "cut_at_outcomes": split is not None and split.outcome,
        "unit_is_journey": unit_is_journey,
    }


def _codes(meant: BoolArray) -> list[int]:
    codes: list[int] = np.flatnonzero(meant).tolist()
    return codes
