"""The options that say which journeys are asked: the same for every question.

`over_journeys` gives a command these options and hands it the journeys that they select, so
that the command itself only has the options of its own question.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from journeygraph.errors import InvalidOptionError

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["StoreOption", "VersionOption", "over_journeys", "pair"]

StoreOption = Annotated[Path, typer.Option("--store", help="Folder of the store.")]
VersionOption = Annotated[
    int | None, typer.Option("--version", help="Version of the store; the latest if not given.")
]
_Text = str | None
_Many = list[str] | None


def _population(
    store: StoreOption,
    version: VersionOption = None,
    by: Annotated[
        str,
        typer.Option(help="Item of a path: touchpoint, channel, stage or touchpoint_at_channel."),
    ] = "touchpoint",
    unit: Annotated[str, typer.Option(help="What is counted: customer or journey.")] = "customer",
    since: Annotated[_Text, typer.Option("--from", help="First moment, inclusive.")] = None,
    until: Annotated[_Text, typer.Option("--until", help="Last moment, exclusive.")] = None,
    touchpoint: Annotated[_Many, typer.Option(help="Only this touchpoint; repeatable.")] = None,
    channel: Annotated[_Many, typer.Option(help="Only this channel; repeatable.")] = None,
    stage: Annotated[_Many, typer.Option(help="Only this stage; repeatable.")] = None,
    attribute: Annotated[
        _Many, typer.Option(help="Only customers with name=value; repeatable.")
    ] = None,
    did: Annotated[
        _Many,
        typer.Option(help="Only who did this, as 'ad .* cart [^purchase]* path_end'; repeatable."),
    ] = None,
    not_did: Annotated[_Many, typer.Option(help="Only who did not do this; repeatable.")] = None,
    rename: Annotated[_Many, typer.Option(help="Rename an item, old=new; repeatable.")] = None,
    group: Annotated[
        _Many, typer.Option(help="Group items, pattern=name, as 'product*=product'; repeatable.")
    ] = None,
    exclude: Annotated[_Many, typer.Option(help="Leave out items by pattern; repeatable.")] = None,
    tolerance: Annotated[
        _Text,
        typer.Option(help="Take items within this of the first as one set, as 5s; 0s for ties."),
    ] = None,
    collapse: Annotated[
        bool, typer.Option("--collapse", help="Take direct repeats as one.")
    ] = False,
    split_inactivity: Annotated[
        _Text, typer.Option(help="Begin a new journey after a gap of this length, as 30m.")
    ] = None,
    split_outcome: Annotated[
        bool, typer.Option("--split-outcome", help="End a journey with each outcome.")
    ] = False,
    split_column: Annotated[
        _Text, typer.Option(help="One journey for each value of this column.")
    ] = None,
    outcome: Annotated[
        _Many, typer.Option(help="Touchpoint that counts as success; repeatable.")
    ] = None,
    inactivity: Annotated[
        str, typer.Option(help="Seen within this of the end: open, not gone.")
    ] = "30d",
    confidence: Annotated[float, typer.Option(help="Confidence of the intervals.")] = 0.95,
    timezone: Annotated[str, typer.Option(help="Zone of dates without one.")] = "UTC",
) -> Journeys:
    """Open the store and select the journeys."""
    import journeygraph

    where: dict[str, Any] = {
        "from": since, "until": until, "touchpoints": touchpoint, "channels": channel,
        "stages": stage, "customers": _customers(attribute), "did": did, "not_did": not_did,
    }  # fmt: skip
    rules = {
        "rename": dict(pair("--rename", text) for text in rename or ()),
        "group": [
            {"pattern": pattern, "as": name}
            for pattern, name in (pair("--group", text) for text in group or ())
        ],
        "exclude": exclude,
        "tolerance": tolerance,
        "collapse": collapse,
    }
    split = {"inactivity": split_inactivity, "outcome": split_outcome, "column": split_column}
    return journeygraph.open(store, version).journeys(
        where=_given(where),
        rules=_given(rules),
        split=_given(split),
        by=by,
        unit=unit,
        outcome={"touchpoints": outcome} if outcome else None,
        inactivity=inactivity,
        confidence=confidence,
        timezone=timezone,
    )


def _customers(attributes: list[str] | None) -> dict[str, Any] | None:
    if not attributes:
        return None
    wanted: dict[str, list[str]] = {}
    for text in attributes:
        name, value = pair("--attribute", text)
        wanted.setdefault(name, []).append(value)
    return {"attributes": wanted}


def _given(options: dict[str, Any]) -> dict[str, Any] | None:
    return {name: value for name, value in options.items() if value} or None


def pair(option: str, text: str) -> tuple[str, str]:
    """The two sides of `left=right`, cut at the last sign so that the left may hold one.

    Raises
    ------
    InvalidOptionError
        Where there is no sign, or nothing on one side of it.
    """
    left, sign, right = text.rpartition("=")
    if not (sign and left and right):
        raise InvalidOptionError(option, text, "two names and a sign between them, as old=new")
    return left, right


def over_journeys(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the population's options; its first parameter takes the journeys."""
    theirs = _options_of(_population)
    own = _options_of(command)[1:]

    def run(**options: Any) -> None:
        population = {option.name: options.pop(option.name) for option in theirs}
        command(_population(**population), **options)

    run.__name__ = command.__name__
    run.__doc__ = command.__doc__
    run.__signature__ = inspect.Signature([*theirs, *own])  # type: ignore[attr-defined]
    run.__annotations__ = {option.name: option.annotation for option in (*theirs, *own)}
    return run


def _options_of(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """Parameters with their annotations evaluated, but for those only known to type checkers."""
    return [
        parameter.replace(
            kind=inspect.Parameter.KEYWORD_ONLY,
            annotation=parameter.annotation
            if parameter.annotation == "Journeys"
            else eval(parameter.annotation, function.__globals__),
        )
        for parameter in inspect.signature(function).parameters.values()
    ]
