"""Recording feedback and its steps as commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.population import StoreOption
from api.cli.tables import say

if TYPE_CHECKING:
    from journeygraph.graph import JourneyGraph
    from queries.feedback_recording import RecordedFeedback

__all__ = ["add_to"]

_Id = Annotated[str, typer.Argument(metavar="ID", help="Its id, or its place as '#3.0.17'.")]
_At = Annotated[str | None, typer.Option(help="When, as 2024-01-31T09:30Z; now if not given.")]
_Team = Annotated[str | None, typer.Option(help="The team that took it.")]
_Note = Annotated[str | None, typer.Option(help="What there is to say about it.")]
_Request = Annotated[
    str | None, typer.Option(help="A key of yours: the same request again records nothing more.")
]
_Wait = Annotated[str, typer.Option(help="How long to wait while another program writes.")]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a sentence.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("record")(record)
    for name, step, words in (
        ("acknowledge", "acknowledged", "Record that the company said that it has it."),
        ("act", "acted", "Record that the company did something about it."),
        ("close", "closed", "Record that it is closed."),
        ("reopen", "reopened", "Record that it was opened again after it had been closed."),
    ):
        app.command(name, help=words)(_command(step))


def record(
    store: StoreOption,
    customer: Annotated[str, typer.Option(help="Whose it is; known to the store.")],
    kind: Annotated[str, typer.Option(help="complaint, query, suggestion, praise or promise.")],
    opened_at: Annotated[str | None, typer.Option(help="When; now if not given.")] = None,
    due_at: Annotated[str | None, typer.Option(help="By when it is due.")] = None,
    touchpoint: Annotated[
        str | None, typer.Option(help="What it is about; known to the store.")
    ] = None,
    team: Annotated[str | None, typer.Option(help="The team that it is with.")] = None,
    text: Annotated[str | None, typer.Option(help="The customer's words.")] = None,
    feedback_id: Annotated[
        str | None, typer.Option("--id", help="An id of yours; made if not given.")
    ] = None,
    request: _Request = None,
    wait: _Wait = "10s",
    as_json: _Json = False,
) -> None:
    """Record feedback: a complaint, query, suggestion, praise or promise."""
    from journeygraph.recording.requests import NewFeedback
    from queries.feedback_recording import record as ask

    new = NewFeedback(
        customer=customer, kind=kind, opened_at=opened_at, due_at=due_at, touchpoint=touchpoint,
        team=team, text=text, id=feedback_id, request=request,
    )  # fmt: skip
    _tell(ask(store, _opener(store), new, wait), as_json)


def _command(step: str) -> Callable[..., None]:
    def take(
        feedback_id: _Id,
        store: StoreOption,
        at: _At = None,
        team: _Team = None,
        note: _Note = None,
        request: _Request = None,
        wait: _Wait = "10s",
        as_json: _Json = False,
    ) -> None:
        from journeygraph.recording.requests import FeedbackStepTaken
        from queries.feedback_recording import take_step

        taken = FeedbackStepTaken(
            id=feedback_id, step=step, at=at, team=team, note=note, request=request
        )
        _tell(take_step(store, _opener(store), taken, wait), as_json)

    return take


def _opener(store: Path) -> Callable[[int | None], JourneyGraph]:
    def opener(version: int | None) -> JourneyGraph:
        import journeygraph

        return journeygraph.open(store, version=version)

    return opener


def _tell(recorded: RecordedFeedback, as_json: bool) -> None:
    if as_json:
        from api.answers import to_json

        say(to_json(recorded, 0))
        return
    item = recorded.feedback
    what = "Recorded" if item is None else f"{str(item.kind).capitalize()} {item.id}"
    again = ", as before" if recorded.repeated else ""
    say(f"{what}: store version {recorded.version}{again}.")
