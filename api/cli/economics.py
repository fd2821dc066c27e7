"""What interactions bring and cost, as a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.population import AfterOption, over_journeys
from api.cli.showing import JsonOption, show_answer
from api.cli.tables import count, print_table, share, warn

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from queries.amounts import Amount, Margin
    from queries.economics import EconomicsAnswer, EconomicsGroup

__all__ = ["add_to", "print_economics"]


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("economics")(over_journeys(economics))


def economics(
    journeys: Journeys,
    group_by: Annotated[
        str | None,
        typer.Option(
            "--group-by", help="touchpoint (the default), channel, stage, segment, path or chain."
        ),
    ] = None,
    segment_by: Annotated[
        str | None, typer.Option(help="Attribute of customers that makes segments.")
    ] = None,
    order: Annotated[
        str, typer.Option(help="List the largest first by value, cost, margin or units.")
    ] = "value",
    at_least: Annotated[int, typer.Option("--at-least", help="List no group of fewer units.")] = 1,
    first: Annotated[int, typer.Option("--first", help="How many groups.")] = 30,
    after: AfterOption = None,
    as_json: JsonOption = False,
) -> None:
    """Economics: what interactions bring, what they cost, and what is left."""
    from queries.economics import Economics
    from queries.economics import economics as ask

    question = Economics(
        by=group_by, segment_by=segment_by, order=order, first=first, after=after,
        at_least=at_least,
    )  # fmt: skip
    show_answer(ask(question, journeys), journeys, as_json, print_economics)


def print_economics(answer: EconomicsAnswer, journeys: Journeys) -> None:
    """Print the groups, and how many interactions say what they brought and cost."""
    exponent, unit = journeys.graph.exponent, f"{journeys.unit}s"
    money = journeys.graph.currency or "money"
    told = [answer.overall, *answer.nodes, *([] if answer.outside is None else [answer.outside])]
    word = answer.segment_by or answer.by.value
    print_table(
        f"Economics in {money} – {count(answer.units)} {unit}, {count(answer.count)} interactions; "
        f"{count(answer.groups)} groups, those listed cover {share(answer.coverage)}",
        [
            word, unit, "times", "value", "share", "said by", "cost", "share", "said by", "margin",
            "of value",
        ],
        [_sums(group, exponent) for group in told],
    )  # fmt: skip
    print_table(
        f"For each of the {unit}, and for each outcome",
        [word, "value", "cost", "margin", "outcomes", "cost of one", f"{unit}", "cost of one"],
        [_rates(group) for group in told],
    )
    for warning in answer.warnings:
        warn(f"Note: {warning}")


def _sums(group: EconomicsGroup, exponent: int) -> list[str]:
    value, cost, margin = group.value, group.cost, group.margin
    return [
        group.group, count(group.units) + (" (few)" if group.small else ""), count(group.count),
        _money(value.total_minor, exponent), share(value.share), count(value.count),
        _money(cost.total_minor, exponent), share(cost.share), count(cost.count),
        _money(margin.total_minor, exponent), share(margin.of_value),
    ]  # fmt: skip


def _rates(group: EconomicsGroup) -> list[str]:
    return [
        group.group, _mean(group.value), _mean(group.cost), _mean(group.margin),
        count(group.outcomes), _plain(group.cost_per_outcome), count(group.with_outcome),
        _plain(group.cost_per_unit_with_outcome),
    ]  # fmt: skip


def _money(minor: int | None, exponent: int) -> str:
    from api.answers import money

    return money(minor, exponent) or "–"


def _mean(one: Amount | Margin) -> str:
    if one.per_unit is None:
        return "–"
    if one.low is None or one.high is None:
        return f"{one.per_unit:,.2f}"
    return f"{one.per_unit:,.2f} [{one.low:,.2f}, {one.high:,.2f}]"


def _plain(number: float | None) -> str:
    return "–" if number is None else f"{number:,.2f}"
