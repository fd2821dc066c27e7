"""Attribution as a command: credit as a table, `--json` for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.population import AfterOption, over_journeys
from api.cli.showing import JsonOption, print_json
from api.cli.tables import count, print_table, share, warn

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from queries.attribution import AttributionAnswer

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("attribution")(over_journeys(attribution))


def attribution(
    journeys: Journeys,
    method: Annotated[
        str,
        typer.Option(
            help="first, last, last_non_direct, linear, position, time_decay, participation, "
            "markov or shapley."
        ),
    ] = "markov",
    order: Annotated[
        int | None, typer.Option(help="markov: items that a state remembers; 1 if not given.")
    ] = None,
    order_up_to: Annotated[
        int | None,
        typer.Option(help="markov: choose the order, up to this, by customers held out."),
    ] = None,
    half_life: Annotated[
        str | None, typer.Option(help="time_decay: half as much so much earlier; 7d if not given.")
    ] = None,
    weights: Annotated[
        list[float] | None,
        typer.Option(help="position: first, between, last; repeated three times."),
    ] = None,
    worth: Annotated[
        str | None, typer.Option(help="shapley: outcomes (if not given) or outcome_rate.")
    ] = None,
    samples: Annotated[
        int, typer.Option(help="shapley of rates, beyond 20 items: orders drawn.")
    ] = 4096,
    paths: Annotated[
        str, typer.Option(help="each_outcome, first_outcome or whole_journey.")
    ] = "each_outcome",
    with_outcome_item: Annotated[
        bool, typer.Option("--with-outcome-item", help="The outcome's own item ends its path.")
    ] = False,
    open_as_null: Annotated[
        bool, typer.Option("--open-as-null", help="Journeys still open count as null paths.")
    ] = False,
    replicates: Annotated[
        int, typer.Option(help="Draws of customers for intervals; 0 for none.")
    ] = 0,
    seed: Annotated[int, typer.Option(help="Of all that is drawn.")] = 0,
    first: Annotated[int, typer.Option("--first", help="How many rows.")] = 20,
    after: AfterOption = None,
    as_json: JsonOption = False,
) -> None:
    """Attribution: which items outcomes are credited to (a rule, not a cause)."""
    from journeygraph.statistics.paths_to_outcomes import PathScope
    from queries.attribution import Attribution, AttributionMethod
    from queries.attribution import attribution as ask
    from queries.attribution_credit import Worth

    question = Attribution(
        method=AttributionMethod(method), order=order, order_up_to=order_up_to,
        half_life=half_life, weights=weights or None, worth=None if worth is None else Worth(worth),
        samples=samples, paths=PathScope(paths), with_outcome_item=with_outcome_item,
        open_as_null=open_as_null, replicates=replicates, seed=seed, first=first,
        after=after,
    )  # fmt: skip
    answer = ask(question, journeys)
    if as_json:
        print_json(answer, journeys)
    else:
        print_attribution(answer, journeys)


def print_attribution(answer: AttributionAnswer, journeys: Journeys) -> None:
    """Print an attribution as a table."""
    from api.answers import money

    with_effects = any(node.removal_effect is not None for node in answer.nodes)
    with_intervals = any(node.low is not None for node in answer.nodes)
    order = "" if answer.order is None else f" of order {answer.order}"
    print_table(
        f"Attribution, {answer.method}{order} – {count(answer.total)} of {count(answer.outcomes)} "
        f"outcomes had something before them, {count(answer.null_paths)} journeys came to nothing, "
        f"{count(answer.open_paths)} are still open; credits add up to {_figure(answer.credited)}",
        [
            str(answer.by), "credit", *["interval"] * with_intervals, "share", "value",
            *["removal effect"] * with_effects, "on paths to outcomes",
        ],
        [
            [
                node.item, _figure(node.credit),
                *[f"[{_figure(node.low)}, {_figure(node.high)}]"] * with_intervals,
                share(node.share), money(node.value_minor, journeys.graph.exponent) or "–",
                *[share(node.removal_effect)] * with_effects, count(node.outcomes),
            ]
            for node in answer.nodes
        ],
    )  # fmt: skip
    for warning in answer.warnings:
        warn(f"Note: {warning}")


def _figure(number: float | None) -> str:
    return "–" if number is None else f"{number:,.1f}"
