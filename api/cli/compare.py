"""Two populations side by side, as a command."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.population import json_object, over_journeys
from api.cli.showing import JsonOption, print_json
from api.cli.tables import count, interval, p_value, print_table, seconds, share, warn

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from queries.compare import CompareAnswer
    from queries.compared_items import ComparedItems
    from queries.compared_measures import ComparedAverage, ComparedShare
    from queries.compared_transitions import ComparedTransitions
    from queries.differences import Difference
    from queries.means import Mean

__all__ = ["add_to"]

_With = Annotated[
    str,
    typer.Option(
        "--with",
        help="The second population, as JSON: "
        '\'{"from": "2024-03-01", "channels": ["web"], "did": ["ad .* cart"]}\'.',
    ),
]
_TransitionsAfter = Annotated[
    str | None, typer.Option(help="The endCursor of an earlier page of transitions.")
]


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("compare")(over_journeys(compare))


def compare(
    journeys: Journeys,
    with_: _With,
    at_least: Annotated[
        int, typer.Option("--at-least", help="No row of fewer units of both together.")
    ] = 1,
    first: Annotated[int, typer.Option("--first", help="How many items and transitions.")] = 10,
    after: Annotated[
        str | None, typer.Option("--after", help="The endCursor of an earlier page of items.")
    ] = None,
    transitions_after: _TransitionsAfter = None,
    as_json: JsonOption = False,
) -> None:
    """Two populations or periods side by side: whole, item by item, transition by transition."""
    from queries.compare import Compare
    from queries.compare import compare as ask

    answer = ask(Compare(with_=json_object("--with", with_)), journeys)
    items = answer.items(first, after, at_least)
    transitions = answer.transitions(first, transitions_after, at_least)
    if as_json:
        from api.answers import parts_of

        parts = {**parts_of(answer), "items": items, "transitions": transitions}
        print_json(parts, journeys)
        return
    _print_measures(answer, journeys)
    _print_items(items)
    _print_transitions(transitions)
    for warning in answer.warnings:
        warn(f"Note: {warning}")


_HEADS = ["population", "against", "difference", "p", "q"]


def _print_measures(answer: CompareAnswer, journeys: Journeys) -> None:
    emotion = answer.emotion
    print_table(
        f"{count(answer.units)} {journeys.unit}s against {count(answer.against_units)}; "
        f"{count(answer.shared)} customers are in both",
        ["", *_HEADS],
        [
            ["with the outcome", *_shares(answer.outcome_rate)],
            ["left without it", *_shares(answer.exit_rate)],
            ["open", *_shares(answer.open_share)],
            ["value", *_averages(answer.value_per_unit, _plain)],
            ["items of a journey", *_averages(answer.items_per_journey, _plain)],
            ["time of a journey", *_averages(answer.journey_seconds, _signed_seconds)],
            [
                "emotion", _mean(emotion.population), _mean(emotion.against),
                *_tested(emotion.difference, _plain),
            ],
        ],
    )  # fmt: skip


def _print_items(items: ComparedItems) -> None:
    print_table(
        f"Items – {count(items.eligible)}, of which {count(len(items.nodes))} are listed",
        ["item", *_HEADS, "exits", "against", "q", "emotion", "against", "q"],
        [
            [
                node.item,
                interval(node.population.share), interval(node.against.share),
                *_tested(node.share_difference, share),
                share(node.population.rate.value), share(node.against.rate.value),
                p_value(node.rate_difference.q_value),
                _mean(node.population.emotion), _mean(node.against.emotion),
                p_value(node.emotion_difference.q_value),
            ]
            for node in items.nodes
        ],
    )  # fmt: skip


def _print_transitions(transitions: ComparedTransitions) -> None:
    print_table(
        f"Transitions – {count(transitions.eligible)}, "
        f"of which {count(len(transitions.nodes))} are listed",
        ["from", "to", *_HEADS],
        [
            [
                node.source, node.target,
                interval(node.population.share), interval(node.against.share),
                *_tested(node.share_difference, share),
            ]
            for node in transitions.nodes
        ],
        texts=2,
    )  # fmt: skip


def _shares(measure: ComparedShare) -> list[str]:
    sides = interval(measure.population), interval(measure.against)
    return [*sides, *_tested(measure.difference, share)]


def _averages(measure: ComparedAverage, shown: Callable[[float | None], str]) -> list[str]:
    sides = shown(measure.population.value), shown(measure.against.value)
    return [*sides, *_tested(measure.difference, shown)]


def _tested(difference: Difference, shown: Callable[[float | None], str]) -> list[str]:
    text = shown(difference.value)
    if difference.low is not None:
        text += f" [{shown(difference.low)}, {shown(difference.high)}]"
    few = " (few)" if difference.small else ""
    return [text + few, p_value(difference.p_value), p_value(difference.q_value)]


def _mean(mean: Mean) -> str:
    return _plain(mean.value)


def _plain(number: float | None) -> str:
    return "–" if number is None else f"{number:,.2f}"


def _signed_seconds(length: float | None) -> str:
    if length is None or length >= 0:
        return seconds(length)
    return f"-{seconds(-length)}"
