"""The questions as commands: tables for people, `--json` for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from api.cli.engine_options import over_engine
from api.cli.loyalty import loyalty
from api.cli.paths import paths
from api.cli.population import (
    AfterOption,
    InactivityOption,
    OutcomeOption,
    outcome_rule,
    over_journeys,
)
from api.cli.showing import JsonOption, print_json
from api.cli.tables import count, interval, print_table, say, seconds, share, warn

if TYPE_CHECKING:
    from journeygraph.backends import Engine
    from journeygraph.backends.opening import EngineOptions
    from journeygraph.graph import JourneyGraph
    from journeygraph.journeys import Journeys

__all__ = ["add_to"]

FirstOption = Annotated[int, typer.Option("--first", help="How many rows.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("paths")(over_journeys(paths))
    app.command("transitions")(over_journeys(transitions))
    app.command("dropoff")(over_journeys(dropoff))
    app.command("loyalty")(over_journeys(loyalty))
    app.command("summary")(over_journeys(summary))
    app.command("customer")(over_engine(customer))


def summary(journeys: Journeys, as_json: JsonOption = False) -> None:
    """How much there is: customers, journeys, interactions, and the time they span."""
    from api.answers import moment
    from queries.summary import summary as summarise

    answer = summarise(journeys)
    if as_json:
        print_json(answer, journeys)
        return
    print_table(
        "Summary",
        ["", "count"],
        [
            ["customers", count(answer.customers)],
            ["journeys", count(answer.journeys)],
            ["interactions", count(answer.interactions)],
            ["touchpoints", count(answer.touchpoints)],
            ["channels", count(answer.channels)],
            ["from", moment(answer.from_us) or "–"],
            ["until", moment(answer.until_us) or "–"],
        ],
    )


def _warn(journeys: Journeys) -> None:
    from queries.outcomes import outcome_warnings

    for warning in outcome_warnings(journeys):
        warn(f"Note: {warning}")


def transitions(
    journeys: Journeys,
    first: FirstOption = 20,
    after: AfterOption = None,
    at_least: Annotated[int, typer.Option(help="List none that fewer took.")] = 1,
    exact: Annotated[
        bool, typer.Option("--exact", help="Exact medians instead of bucketed ones.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Transitions: what directly follows what, and how soon."""
    from queries.transitions import Transitions
    from queries.transitions import transitions as ask

    question = Transitions(first=first, after=after, at_least=at_least, exact=exact)
    answer = ask(question, journeys)
    if as_json:
        print_json(answer, journeys)
        return
    print_table(
        f"Transitions – {count(answer.count)} among {count(answer.units)} {journeys.unit}s; "
        f"those listed are {share(answer.coverage)} of them",
        ["from", "to", f"{journeys.unit}s", "share", "times", "median", "95 % within"],
        [
            [
                edge.source, edge.target, count(edge.units), share(edge.share),
                count(edge.count), seconds(edge.median_seconds), seconds(edge.p95_seconds),
            ]
            for edge in answer.nodes
        ],
        texts=2,
    )  # fmt: skip


def dropoff(
    journeys: Journeys,
    first: FirstOption = 20,
    after: AfterOption = None,
    as_json: JsonOption = False,
) -> None:
    """Drop-off: where journeys end without the outcome."""
    from queries.drop_off import DropOff, drop_off

    answer = drop_off(DropOff(first=first, after=after), journeys)
    if as_json:
        print_json(answer, journeys)
        return
    print_table(
        f"Drop-off – of {count(answer.units)} {journeys.unit}s {count(answer.exits)} left "
        f"without the outcome, {count(answer.open)} are still open, "
        f"{count(answer.with_outcome)} had the outcome",
        ["item", "visits", "exits", "open", "exit rate"],
        [
            [
                node.item, count(node.visits), count(node.exits), count(node.open),
                interval(node.rate) + (" (few)" if node.small else ""),
            ]
            for node in answer.nodes
        ],
    )  # fmt: skip
    _warn(journeys)


def customer(
    options: EngineOptions,
    customer_id: Annotated[str, typer.Argument(metavar="ID", help="The customer's id.")],
    first: FirstOption = 50,
    outcome: OutcomeOption = None,
    inactivity: InactivityOption = "30d",
    as_json: JsonOption = False,
) -> None:
    """One customer whole: where they stand, the history, feelings, referrals, similar customers."""
    from journeygraph.backends.opening import open_engine

    with open_engine(options) as engine:
        _show_customer(engine, customer_id, first, outcome_rule(outcome), inactivity, as_json)


def _show_customer(
    engine: Engine,
    customer_id: str,
    first: int,
    outcome: dict[str, Any] | None,
    inactivity: str,
    as_json: bool,
) -> None:
    from api.answers import to_json
    from api.cli.feedback import print_feedback
    from api.cli.profile import print_profile, profile_parts
    from queries.customer import customer as ask
    from queries.customer_feedback import customer_feedback
    from queries.profile import WholeProfile

    graph = cast("JourneyGraph", engine.graph)
    whole = WholeProfile(ask(graph, customer_id), outcome=outcome, inactivity=inactivity)
    journeys = engine.journeys() if engine.support.arrays else None
    if as_json:
        shown = profile_parts(whole, journeys, first)
        if engine.support.arrays:
            shown["feedback"] = customer_feedback(graph, whole.profile.index, first=first)
        say(to_json(shown, graph.exponent))
        return
    print_profile(whole, journeys, first)
    if engine.support.arrays:
        found = customer_feedback(graph, whole.profile.index, first=first)
        if found.count:
            print_feedback(
                f"Feedback – {count(found.count)}, {count(found.open)} open", found.nodes
            )
