"""Funnels as a command: tables for people, `--json` for programs.

What has parts of its own (a step with conditions, an exclusion, a breakdown) is given as the JSON
object that GraphQL takes for it, so that nothing can be asked there that cannot be asked here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.population import json_object, over_journeys
from api.cli.showing import JsonOption, print_json
from api.cli.tables import count, interval, p_value, print_table, say, seconds, share

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from queries.funnel import FunnelAnswer, FunnelComparison, FunnelStepAnswer

__all__ = ["add_to", "funnel"]

_Text = str | None
_Many = list[str] | None


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("funnel")(over_journeys(funnel))


def funnel(
    journeys: Journeys,
    step: Annotated[
        list[str],
        typer.Option(
            help="A step, in order; 'a|b' is any of the two; or JSON, as "
            '\'{"anyOf": ["a"], "within": "1d", "follows": "next", "optional": true}\'; '
            "repeatable."
        ),
    ],
    window: Annotated[
        _Text, typer.Option(help="The last step at most this long after the first.")
    ] = None,
    step_window: Annotated[
        _Text, typer.Option(help="Each step at most this long after the one before.")
    ] = None,
    order: Annotated[str, typer.Option(help="strict, ordered or any.")] = "ordered",
    optional: Annotated[
        list[int] | None,
        typer.Option(help="Number of a step, from 1, that may be passed over; repeatable."),
    ] = None,
    session: Annotated[
        _Text,
        typer.Option(help="All steps within one value of this column, or without a gap of 30m."),
    ] = None,
    excluding: Annotated[
        _Many,
        typer.Option(
            help="What must not come between the first and the last step: 'a|b', or JSON, as "
            '\'{"anyOf": ["a"], "after": 1, "before": 2, "meaning": "counts_up_to"}\'; repeatable.'
        ),
    ] = None,
    entry: Annotated[str, typer.Option(help="optimised, first or every.")] = "optimised",
    hold_constant: Annotated[
        _Many, typer.Option(help="Column of which all steps have the same value; repeatable.")
    ] = None,
    breakdown: Annotated[
        _Text,
        typer.Option(
            help='Column to show the funnel by; or JSON, \'{"column": "channel", "of": "last"}\'.'
        ),
    ] = None,
    compare: Annotated[
        _Text,
        typer.Option(
            help='Second population, as JSON: \'{"customers": {"touched": ["ad"]}}\', '
            '\'{"since": "2024-03-01"}\', or any: \'{"where": {"from": "2024-03-01"}}\'.'
        ),
    ] = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="Exact times instead of bucketed ones.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Funnel: how many go through the steps, and where the others stay."""
    from queries.funnel import Funnel, FunnelEntry, StepOrder
    from queries.funnel import funnel as ask

    question = Funnel(
        steps=[_items_or_json("--step", text) for text in step],
        window=window,
        step_window=step_window,
        order=StepOrder(order),
        optional=optional or None,
        session=_session(session),
        exclude=[_items_or_json("--excluding", text) for text in excluding or ()] or None,
        entry=FunnelEntry(entry),
        hold_constant=hold_constant or None,
        breakdown=_column_or_json(breakdown),
        compare=json_object("--compare", compare),
        exact=exact,
    )
    answer = ask(question, journeys)
    if as_json:
        print_json(answer, journeys)
    else:
        print_funnel(answer, journeys, window)


def _items_or_json(option: str, given: str) -> Any:
    if given.lstrip().startswith("{"):
        return json_object(option, given)
    return {"any_of": given.split("|")}


def _column_or_json(given: str | None) -> Any:
    if given is None:
        return None
    return (
        json_object("--breakdown", given) if given.lstrip().startswith("{") else {"column": given}
    )


def _session(given: str | None) -> Any:
    if given is None:
        return None
    if given.lstrip().startswith("{"):
        return json_object("--session", given)
    return {"inactivity": given} if given[:1].isdigit() else {"column": given}


def print_funnel(answer: FunnelAnswer, journeys: Journeys, window: str | None = None) -> None:
    """Print a funnel as a table, and one for each value and each population."""
    left = f"; {count(answer.left)} left by an exclusion" if answer.left else ""
    entries = " (entries are counted)" if answer.counted == "entries" else ""
    print_table(
        f"Funnel – of {count(answer.units)} {journeys.unit}s"
        + (f", within {window}" if window else "")
        + entries
        + left,
        ["step", answer.counted, "of first", "of previous", "dropped", "open", "median time"],
        [_row(node) for node in answer.steps],
    )
    if answer.breakdown:
        _print_breakdown(answer)
    if answer.comparison is not None:
        _print_comparison(answer.comparison)


def _row(node: FunnelStepAnswer) -> list[str]:
    name = (
        f"{node.label} (optional: {count(node.skipped)} without)" if node.optional else node.label
    )
    return [
        name, count(node.units), share(node.of_first), share(node.of_previous),
        count(node.dropped), count(node.open), seconds(node.median_seconds),
    ]  # fmt: skip


def _print_breakdown(answer: FunnelAnswer) -> None:
    print_table(
        "By value",
        ["value", *(f"{number}. {step.label}" for number, step in enumerate(answer.steps, 1)),
         "last of first"],
        [
            [
                "others" if group.is_other else group.value or "not said",
                *(count(step.units) for step in group.steps),
                interval(group.steps[-1].of_first_interval) + (
                    " (few)" if group.steps[0].small else ""
                ),
            ]
            for group in answer.breakdown
        ],
    )  # fmt: skip


def _print_comparison(comparison: FunnelComparison) -> None:
    pairs = zip(comparison.first.steps, comparison.second.steps, comparison.steps, strict=True)
    print_table(
        "Compared: of previous, the first population less the second",
        ["step", "first", "second", "difference", "p", "q"],
        [
            [
                node.label, share(one.of_previous), share(other.of_previous),
                interval(node.difference) + (" (few)" if node.small else ""),
                p_value(node.p_value), p_value(node.q_value),
            ]
            for one, other, node in pairs
        ],
    )  # fmt: skip
    for warning in comparison.warnings:
        say(f"Note: {warning}")
