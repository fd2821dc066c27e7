"""The options that say which journeys are asked: the same for every question.

`over_journeys` gives a command these options and hands it the journeys that they select, so
that the command itself only has the options of its own question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.engine_options import (
    VersionOption,
    named_as,
    options_of,
    over_engine,
    with_options_of,
)
from journeygraph.errors import ConflictingOptionsError, InvalidOptionError

if TYPE_CHECKING:
    from journeygraph.backends.opening import EngineOptions
    from journeygraph.journeys import Journeys

__all__ = [
    "InactivityOption",
    "OutcomeOption",
    "AfterOption",
    "AgainstWhere",
    "StoreOption",
    "json_object",
    "outcome_rule",
    "over_journeys",
    "over_population",
    "pair",
    "selected_by",
]

StoreOption = Annotated[Path, typer.Option("--store", help="Folder of the store.")]
AfterOption = Annotated[
    str | None, typer.Option("--after", help="The endCursor of an earlier page.")
]
AgainstWhere = Annotated[
    str | None,
    typer.Option(
        help="Second population with conditions of its own, as JSON: "
        '\'{"from": "2024-03-01", "channels": ["web"], "did": ["ad .* cart"]}\'.'
    ),
]

OutcomeOption = Annotated[
    list[str] | None,
    typer.Option(
        help="Touchpoint that counts as success; repeatable; or JSON, as "
        '\'{"stages": ["purchase"], "minValue": "10"}\'.'
    ),
]
InactivityOption = Annotated[str, typer.Option(help="Seen within this of the end: open, not gone.")]

_Text = str | None
_Many = list[str] | None


@contextmanager
def _population(
    options: EngineOptions,
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
    further: Annotated[
        _Text,
        typer.Option(
            "--where",
            help="Further conditions as JSON, as GraphQL takes them: "
            '\'{"initiators": ["customer"], "customers": {"hasOutcome": true}}\'.',
        ),
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
    outcome: OutcomeOption = None,
    inactivity: InactivityOption = "30d",
    confidence: Annotated[float, typer.Option(help="Confidence of the intervals.")] = 0.95,
    timezone: Annotated[str, typer.Option(help="Zone of dates without one.")] = "UTC",
) -> Iterator[Journeys]:
    """Reach the engine and select the journeys."""
    from journeygraph.backends.opening import open_engine

    selection = selected_by(locals())
    with open_engine(options) as engine:
        yield engine.journeys(**selection)


def selected_by(options: Mapping[str, Any]) -> dict[str, Any]:
    """What `journeys` takes in Python, from the population's options by name."""
    where: dict[str, Any] = {
        "from": options["since"], "until": options["until"], "touchpoints": options["touchpoint"],
        "channels": options["channel"], "stages": options["stage"],
        "customers": _customers(options["attribute"]), "did": options["did"],
        "not_did": options["not_did"],
    }  # fmt: skip
    pairs = (pair("--group", text) for text in options["group"] or ())
    rules = {
        "rename": dict(pair("--rename", text) for text in options["rename"] or ()),
        "group": [{"pattern": pattern, "as": name} for pattern, name in pairs],
        "exclude": options["exclude"],
        "tolerance": options["tolerance"],
        "collapse": options["collapse"],
    }
    split = {
        "inactivity": options["split_inactivity"], "outcome": options["split_outcome"],
        "column": options["split_column"],
    }  # fmt: skip
    further = json_object("--where", options["further"])
    as_given = ("by", "unit", "inactivity", "confidence", "timezone")
    return {
        "where": _with_further(_given(where), further),
        "rules": _given(rules),
        "split": _given(split),
        "outcome": outcome_rule(options["outcome"]),
        **{name: options[name] for name in as_given},
    }


def _customers(attributes: list[str] | None) -> dict[str, Any] | None:
    if not attributes:
        return None
    wanted: dict[str, list[str]] = {}
    for text in attributes:
        name, value = pair("--attribute", text)
        wanted.setdefault(name, []).append(value)
    return {"attributes": wanted}


def _with_further(
    where: dict[str, Any] | None, further: dict[str, Any] | None
) -> dict[str, Any] | None:
    """Conditions of options and of JSON together; each may be given once."""
    both = set(where or {}) & {"not_did" if name == "notDid" else name for name in further or {}}
    if both:
        name = min(both)
        raise ConflictingOptionsError(f"--where {name}", _OPTION_OF.get(name, name))
    return {**(where or {}), **(further or {})} or None


_OPTION_OF = {
    "from": "--from", "until": "--until", "touchpoints": "--touchpoint", "channels": "--channel",
    "stages": "--stage", "customers": "--attribute", "did": "--did", "not_did": "--not-did",
}  # fmt: skip


def outcome_rule(given: list[str] | None) -> dict[str, Any] | None:
    """What `--outcome` says counts as success; None where it says nothing."""
    if not given:
        return None
    if len(given) == 1 and given[0].lstrip().startswith("{"):
        found: dict[str, Any] = json_object("--outcome", given[0])
        return found
    return {"touchpoints": given}


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


def json_object(option: str, given: str | None) -> Any:
    """The JSON object that an option holds; None where it is not given.

    Raises
    ------
    InvalidOptionError
        Where it holds something else.
    """
    import orjson

    if given is None:
        return None
    try:
        found = orjson.loads(given)
    except orjson.JSONDecodeError as problem:
        raise InvalidOptionError(option, given, f"a JSON object ({problem})") from None
    if not isinstance(found, dict):
        raise InvalidOptionError(option, given, "a JSON object")
    return found


def over_population(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the population's options; its first parameter takes them by name."""
    theirs = [*options_of(_of_store, 0), *options_of(_population, 1)]
    own = options_of(command, 1)

    def run(**options: Any) -> None:
        population = {option.name: options.pop(option.name) for option in theirs}
        command(population, **options)

    return named_as(command, run, [*theirs, *own])


def _of_store(store: StoreOption, version: VersionOption = None) -> None:
    """Which version of which store: what is asked where only a store will do."""


def over_journeys(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the population's options; its first parameter takes the journeys."""
    return with_options_of(over_engine(_population), command)
