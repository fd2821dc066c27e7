"""The feedback loop as commands: what became of it, one by one, and what that went with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import feedback_recording
from api.cli.population import AfterOption, over_journeys
from api.cli.showing import JsonOption, print_json
from api.cli.tables import count, interval, p_value, print_table, say, seconds, share, warn

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from queries.conversion_curves import TimeQuantile
    from queries.feedback_groups import FeedbackGroup
    from queries.feedback_items import FeedbackItem
    from queries.feedback_loop import FeedbackLoopAnswer
    from queries.feedback_outcomes import FeedbackOutcomesAnswer

__all__ = ["feedback", "print_feedback"]

feedback = typer.Typer(
    help="Complaints, queries, suggestions, praise and promises: what became of them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_Kinds = Annotated[
    list[str] | None,
    typer.Option("--kind", help="Only this kind: complaint, query, …; repeatable."),
]
_AsOf = Annotated[str | None, typer.Option("--as-of", help="What is later counts as not happened.")]
_First = Annotated[int, typer.Option("--first", help="How many rows.")]


def loop(
    journeys: Journeys,
    group_by: Annotated[
        str, typer.Option("--group-by", help="kind, touchpoint, team or stage.")
    ] = "kind",
    kinds: _Kinds = None,
    as_of: _AsOf = None,
    at_least: Annotated[int, typer.Option("--at-least", help="List no smaller group.")] = 1,
    first: _First = 50,
    after: AfterOption = None,
    as_json: JsonOption = False,
) -> None:
    """The feedback loop: how much is open and overdue, how soon it is dealt with, what was kept."""
    from queries.feedback_groups import FeedbackBy
    from queries.feedback_loop import FeedbackLoop, feedback_loop

    question = FeedbackLoop(
        by=FeedbackBy(group_by), kinds=kinds or None, as_of=as_of,
        at_least=at_least, first=first, after=after,
    )  # fmt: skip
    answer = feedback_loop(question, journeys)
    if as_json:
        print_json(answer, journeys)
    else:
        _print_loop(answer, group_by)


def items(
    journeys: Journeys,
    kinds: _Kinds = None,
    touchpoints: Annotated[
        list[str] | None, typer.Option("--about", help="Only about this touchpoint; repeatable.")
    ] = None,
    teams: Annotated[
        list[str] | None, typer.Option("--team", help="Only with this team; repeatable.")
    ] = None,
    is_open: Annotated[
        bool | None, typer.Option("--open/--closed", help="Only what is open, or is not.")
    ] = None,
    overdue: Annotated[
        bool | None, typer.Option("--overdue/--not-overdue", help="Only what is overdue, or not.")
    ] = None,
    as_of: _AsOf = None,
    first: _First = 20,
    after: AfterOption = None,
    as_json: JsonOption = False,
) -> None:
    """Feedback one by one, the latest opening first."""
    from api.answers import moment
    from queries.feedback_items import FeedbackItems, feedback_items

    question = FeedbackItems(
        kinds=kinds or None, touchpoints=touchpoints or None, teams=teams or None, open=is_open,
        overdue=overdue, as_of=as_of, first=first, after=after,
    )  # fmt: skip
    answer = feedback_items(question, journeys)
    if as_json:
        print_json(answer, journeys)
        return
    print_feedback(
        f"Feedback – {count(answer.count)}, as of {moment(answer.as_of_us)}", answer.nodes
    )
    for warning in answer.warnings:
        warn(f"Note: {warning}")


def outcomes(
    journeys: Journeys,
    step: Annotated[str, typer.Option(help="acknowledged, acted or closed.")] = "acted",
    within: Annotated[
        list[str] | None,
        typer.Option(help="A time since the opening that parts groups, as 1d; repeatable."),
    ] = None,
    horizon: Annotated[
        str, typer.Option(help="How long customers are watched behind the longest of these.")
    ] = "90d",
    kinds: _Kinds = None,
    as_of: _AsOf = None,
    strata_bins: Annotated[int, typer.Option(help="Strata of tenure.")] = 4,
    as_json: JsonOption = False,
) -> None:
    """What dealing with feedback, and how soon, went with: return, outcomes, churn, feelings."""
    from queries.feedback_outcomes import FeedbackOutcomes, FeedbackStep, feedback_outcomes

    question = FeedbackOutcomes(
        step=FeedbackStep(step), within=within or None, horizon=horizon,
        kinds=kinds or None, as_of=as_of, strata_bins=strata_bins,
    )  # fmt: skip
    answer = feedback_outcomes(question, journeys)
    if as_json:
        print_json(answer, journeys)
    else:
        _print_outcomes(answer, step)


feedback.command("loop")(over_journeys(loop))
feedback.command("list")(over_journeys(items))
feedback.command("outcomes")(over_journeys(outcomes))
feedback_recording.add_to(feedback)


def print_feedback(title: str, listed: Iterable[FeedbackItem]) -> None:
    """Print feedback one by one."""
    from api.answers import moment

    print_table(
        title,
        ["id", "customer", "kind", "about", "team", "opened", "due", "now", "text"],
        [
            [
                item.id, item.customer, str(item.kind), item.touchpoint or "–", item.team or "–",
                moment(item.opened_at_us) or "", moment(item.due_at_us) or "–", _standing(item),
                _short(item.text),
            ]
            for item in listed
        ],
        texts=9,
    )  # fmt: skip


def _print_loop(answer: FeedbackLoopAnswer, group_by: str) -> None:
    from api.answers import moment

    whole = answer.all
    print_table(
        f"Feedback loop – {count(whole.count)}, {count(whole.open)} open, "
        f"{count(whole.overdue)} overdue, as of {moment(answer.as_of_us) or '–'}",
        [
            group_by, "count", "share", "open", "overdue", "re-opened", "acknowledged after",
            "acted on after", "closed after", "95 % after", "promises kept",
        ],
        [_row(group, group.name or "(not said)") for group in answer.nodes]
        + [_row(whole, "all")] * (len(answer.nodes) > 1),
    )  # fmt: skip
    if answer.other_groups:
        say(f"{count(answer.other_groups)} more groups with {count(answer.other_count)}.")
    for warning in answer.warnings:
        warn(f"Note: {warning}")


def _row(group: FeedbackGroup, name: str) -> list[str]:
    return [
        name, count(group.count), share(group.share), count(group.open), count(group.overdue),
        count(group.reopened), _time(group.time_to_acknowledge.median),
        _time(group.time_to_act.median), _time(group.time_to_close.median),
        seconds(group.time_to_close.p95.seconds), interval(group.promises.kept_rate),
    ]  # fmt: skip


def _time(found: TimeQuantile) -> str:
    if found.seconds is None:
        return "–"
    return f"{seconds(found.seconds)} [{seconds(found.low_seconds)}, {seconds(found.high_seconds)}]"


def _print_outcomes(answer: FeedbackOutcomesAnswer, step: str) -> None:
    groups = [
        f"within {seconds(group.to_seconds)}" if group.to_seconds is not None else "not by then"
        for group in answer.responses
    ]
    print_table(
        f"{step.capitalize()} – {count(answer.units)} customers, watched from "
        f"{seconds(answer.landmark_seconds)} after the opening on for "
        f"{seconds(answer.horizon_seconds)}; {count(answer.censored)} could not be; "
        f"{answer.wording}, adjusted for {' and '.join(answer.adjusted_for)}",
        ["outcome", step, "customers", "share", "not by then", "odds ratio", "adjusted", "q"],
        [
            [
                str(node.outcome), groups[node.group], count(node.units), interval(node.rate),
                interval(node.other_rate), interval(node.odds_ratio, percent=False),
                interval(node.adjusted.odds_ratio, percent=False),
                p_value(node.q_value) + (" (few)" if node.small else ""),
            ]
            for node in answer.nodes
        ],
        texts=2,
    )  # fmt: skip
    print_table(
        "Feelings after, -1 to 1",
        [step, "customers", "rated", "mean", "difference", "q"],
        [
            [
                groups[felt.group], count(felt.rated + felt.missing), count(felt.rated),
                _number(felt.mean), _number(felt.difference), p_value(felt.q_value),
            ]
            for felt in answer.feelings
        ],
    )  # fmt: skip
    for warning in answer.warnings:
        warn(f"Note: {warning}")


def _number(number: float | None) -> str:
    return "–" if number is None else f"{number:.2f}"


def _standing(item: FeedbackItem) -> str:
    if item.overdue:
        return "overdue"
    if not item.open:
        return "closed" if item.kept is not False else "closed late"
    if item.reopened:
        return "re-opened"
    done = {"acted on": item.acted_at_us, "acknowledged": item.acknowledged_at_us}
    return next((word for word, at in done.items() if at is not None), "open")


def _short(text: str | None) -> str:
    if text is None:
        return "–"
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:59] + "…"
