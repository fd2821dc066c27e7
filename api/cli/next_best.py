"""The next best touchpoint, for one, for a prefix or for everybody, and its evaluation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.population import over_journeys
from api.cli.showing import JsonOption, print_json
from api.cli.tables import count, interval, p_value, print_table, say, seconds, share, warn
from journeygraph.errors import ConflictingOptionsError, InvalidOptionError

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from queries.next_best import NextBest, NextBestAnswer, NextTouchpoint
    from queries.next_evaluation import NextEvaluationAnswer

__all__ = ["add_to", "print_next_best"]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("next")(over_journeys(next_command))
    app.command("evaluate")(over_journeys(evaluate))


def next_command(
    journeys: Journeys,
    customer: Annotated[
        str | None, typer.Argument(metavar="[CUSTOMER]", help="The customer's id.")
    ] = None,
    prefix: Annotated[
        list[str] | None,
        typer.Option(help="Instead: the last items of a journey, the latest last; repeatable."),
    ] = None,
    everybody: Annotated[
        bool, typer.Option("--all", help="Instead: for every customer, into a file.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option(help="The file for --all: .csv or .parquet.")
    ] = None,
    objective: Annotated[
        str, typer.Option(help="What to bring about: outcome, value or loyalty.")
    ] = "outcome",
    within: Annotated[str, typer.Option(help="A contact counts that comes within this.")] = "7d",
    horizon: Annotated[
        str | None,
        typer.Option(help="Look for the objective so long; `within` and the inactivity limit."),
    ] = None,
    length: Annotated[int, typer.Option(help="How many last items to go by, at most 8.")] = 3,
    at_least: Annotated[
        int, typer.Option(help="Say nothing of fewer units with a contact, or without one.")
    ] = 30,
    contacts: Annotated[
        list[str] | None,
        typer.Option(help="An item that is a contact by the company; repeatable."),
    ] = None,
    never: Annotated[
        list[str] | None,
        typer.Option(help="An item that is not to be recommended; repeatable."),
    ] = None,
    at_most: Annotated[
        int | None, typer.Option(help="At most so many contacts in any stretch of --per.")
    ] = None,
    per: Annotated[str | None, typer.Option(help="How long that stretch is, as 7d.")] = None,
    quiet_from: Annotated[
        str | None, typer.Option(help="No contact from this time of day, as 21:00.")
    ] = None,
    quiet_until: Annotated[str | None, typer.Option(help="Until this time of day.")] = None,
    first: Annotated[int, typer.Option("--first", help="How many touchpoints.")] = 5,
    as_json: JsonOption = False,
) -> None:
    """The next best touchpoint: what to turn to a customer with next, and when."""
    from queries.contact_limits import ContactLimits
    from queries.next_best import NextBest, next_best
    from queries.next_gains import Objective

    question = NextBest(
        prefix=prefix or None,
        customer=customer,
        objective=Objective(objective),
        within=within,
        horizon=horizon,
        length=length,
        at_least=at_least,
        contacts=contacts or None,
        never=never or None,
        limits=ContactLimits(
            at_most=at_most, per=per, quiet_from=quiet_from, quiet_until=quiet_until
        ),
        first=first,
    )
    if everybody or output is not None:
        _write_all(question, journeys, everybody, output)
        return
    answer = next_best(question, journeys)
    if as_json:
        print_json(answer, journeys)
    else:
        print_next_best(answer, journeys)


def _write_all(
    question: NextBest, journeys: Journeys, everybody: bool, output: Path | None
) -> None:
    from queries.next_batch import write_all

    if not everybody:
        raise InvalidOptionError("--output", str(output), "--all beside it")
    if output is None:
        raise InvalidOptionError("--all", True, "--output with the file to write, beside it")
    for name in ("prefix", "customer"):
        if getattr(question, name) is not None:
            raise ConflictingOptionsError(name, "--all")
    report = write_all(question, journeys, output)
    rows = [
        ["with a recommendation", count(report.recommended)],
        ["of whose prefix too little is known", count(report.unsupported)],
        ["for whom no contact has a gain", count(report.without_gain)],
        ["for whom it is too late", count(report.too_late)],
        ["held back by the limits", count(report.held_back)],
    ]
    rate = report.customers / report.seconds if report.seconds else 0
    print_table(
        f"{count(report.rows)} recommendations in {output} – {count(round(rate))} customers a "
        "second",
        [f"of {count(report.customers)} customers", "count"],
        rows,
    )


def print_next_best(answer: NextBestAnswer, journeys: Journeys) -> None:
    """Print what may come next as a table."""
    from api.answers import moment

    print_table(
        _title(answer, journeys),
        ["next", "channel", "gain", "of", "q", "next item", "works between", "send from", "until"],
        [
            [
                node.item, node.channel or "–", _gain(node, answer),
                count(node.units) + (" (few)" if node.small else ""), p_value(node.q_value),
                interval(node.probability),
                f"{seconds(node.from_seconds)} and {seconds(node.until_seconds)}",
                moment(node.send_from_us) or "–", moment(node.send_until_us) or "–",
            ]
            for node in answer.nodes
        ],
        texts=2,
    )  # fmt: skip
    if answer.too_late or answer.held_back:
        say(f"Too late: {answer.too_late}. Held back by the limits: {answer.held_back}.\n")
    for warning in answer.warnings:
        warn(f"Note: {warning}")


def _title(answer: NextBestAnswer, journeys: Journeys) -> str:
    if not answer.prefix:
        return f"Next best after {' > '.join(answer.asked)} – nothing can be said"
    mean = answer.not_contacted_mean
    shown = f"{mean:.2f}" if answer.objective == "value" and mean is not None else share(mean)
    return (
        f"Next best after {' > '.join(answer.prefix)} – {count(answer.units)} {journeys.unit}s "
        f"stood there; of {count(answer.not_contacted)} not contacted within "
        f"{seconds(answer.within_seconds)} the {answer.objective} was {shown}"
    )


def _gain(node: NextTouchpoint, answer: NextBestAnswer) -> str:
    scale, sign = (1.0, "") if answer.objective == "value" else (100.0, " %")
    ends = ""
    if node.low is not None and node.high is not None:
        ends = f" [{scale * node.low:+.1f}, {scale * node.high:+.1f}]"
    return f"{scale * node.gain:+.1f}{sign}{ends}"


def evaluate(
    journeys: Journeys,
    split_at: Annotated[
        str | None,
        typer.Option(help="Learn from before this moment, test after; 7 of 10 occasions if none."),
    ] = None,
    within: Annotated[str, typer.Option(help="What counts as next comes within this.")] = "7d",
    length: Annotated[int, typer.Option(help="How many last items to go by, at most 8.")] = 3,
    at_least: Annotated[
        int, typer.Option(help="Units that must have stood at a prefix, else ask a shorter.")
    ] = 30,
    hits_at: Annotated[
        list[int] | None, typer.Option(help="Tell the hit rate at this k; repeatable.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """How well the next touchpoint is foretold on later data, against simple rules."""
    from queries.next_evaluation import NextEvaluation, next_evaluation

    question = NextEvaluation(
        split_at=split_at, within=within, length=length, at_least=at_least, hits_at=hits_at or None
    )
    answer = next_evaluation(question, journeys)
    if as_json:
        print_json(answer, journeys)
    else:
        _print_evaluation(answer, journeys)


def _print_evaluation(answer: NextEvaluationAnswer, journeys: Journeys) -> None:
    from api.answers import moment

    hits = [f"hit at {hit.k}" for node in answer.nodes[:1] for hit in node.hit_rates]
    print_table(
        f"Evaluation – cut at {moment(answer.split_at_us) or '–'}: learnt from "
        f"{count(answer.taught)} occasions of {count(answer.taught_units)} {journeys.unit}s, "
        f"tested on {count(answer.tested)} of {count(answer.tested_units)}; "
        f"{count(answer.left_out)} lie across",
        ["", "log loss", "above the model", "calibration error", *hits],
        [
            [
                node.predictor.value.replace("_", " "),
                _number(node.log_loss, node.log_loss_low, node.log_loss_high),
                _number(node.excess_loss, node.excess_loss_low, node.excess_loss_high),
                _number(node.calibration_error), *(interval(hit.rate) for hit in node.hit_rates),
            ]
            for node in answer.nodes
        ],
    )  # fmt: skip
    for node in answer.nodes[:1]:
        print_table(
            "Reliability of the model – how probable it held what it named first, and how often "
            "that came",
            ["said", "mean said", "came true"],
            [
                [
                    f"{part.from_probability:.1f} to {part.until_probability:.1f}",
                    share(part.mean_probability), interval(part.observed),
                ]
                for part in node.reliability
            ],
        )  # fmt: skip
    say(answer.verdict)
    for warning in answer.warnings:
        warn(f"Note: {warning}")


def _number(value: float | None, low: float | None = None, high: float | None = None) -> str:
    if value is None:
        return "–"
    ends = "" if low is None or high is None else f" [{low:.3f}, {high:.3f}]"
    return f"{value:.3f}{ends}"
