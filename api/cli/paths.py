"""Common paths as a command: whole paths, stretches, patterns, and patterns of two populations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.population import pair
from api.cli.tables import count, interval, print_table, say, seconds, share, warn

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from queries.common_paths import CommonPath, CommonPathsAnswer

__all__ = ["paths", "print_paths"]


def paths(
    journeys: Journeys,
    form: Annotated[
        str | None,
        typer.Option(help="whole, ngram, pattern or contrast; ngram where --length is given."),
    ] = None,
    length: Annotated[
        int | None, typer.Option(help="Stretches of this many items instead of whole paths.")
    ] = None,
    first: Annotated[int, typer.Option("--first", help="How many rows.")] = 10,
    at_least: Annotated[
        int | None, typer.Option(help="Nothing that fewer units did (other, or not looked for).")
    ] = None,
    at_least_share: Annotated[
        float | None, typer.Option(help="Patterns of this share of all units; 0.05 by default.")
    ] = None,
    min_length: Annotated[int | None, typer.Option(help="Fewest elements of a pattern.")] = None,
    max_length: Annotated[
        int | None, typer.Option(help="Most elements of a pattern; 5 by default.")
    ] = None,
    max_gap: Annotated[
        int | None, typer.Option(help="Most items between two elements of a pattern.")
    ] = None,
    max_gap_time: Annotated[
        str | None, typer.Option(help="Most time between two elements of a pattern, as 1d.")
    ] = None,
    max_span: Annotated[
        str | None, typer.Option(help="Most time from the first element of a pattern to the last.")
    ] = None,
    keep: Annotated[str | None, typer.Option(help="Patterns: all, closed or maximal.")] = None,
    against: Annotated[
        list[str] | None,
        typer.Option(help="Contrast with the customers with name=value; repeatable."),
    ] = None,
    against_touched: Annotated[
        list[str] | None,
        typer.Option(help="Contrast with the customers who met this touchpoint; repeatable."),
    ] = None,
    against_outcome: Annotated[
        bool | None,
        typer.Option(help="Contrast with the customers who had the outcome, or had not."),
    ] = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="Exact medians instead of bucketed ones.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Common paths: the ways that customers go, most frequent first."""
    from journeygraph.statistics.patterns import Keep
    from queries.common_paths import CommonPaths, PathForm, common_paths

    asked = PathForm(form or ("whole" if length is None else "ngram"))
    question = CommonPaths(
        form=asked, length=length, first=first, exact=exact, at_least=at_least,
        at_least_share=at_least_share, min_length=min_length, max_length=max_length,
        max_gap=max_gap, max_gap_time=max_gap_time, max_span=max_span,
        keep=Keep(keep) if keep else None,
        against=_against(against, against_touched, against_outcome),
    )  # fmt: skip
    answer = common_paths(question, journeys)
    if as_json:
        from api.answers import to_json

        say(to_json(answer, journeys.graph.exponent))
    else:
        print_paths(answer, journeys)


def _against(
    attributes: list[str] | None, touched: list[str] | None, has_outcome: bool | None
) -> Any:
    """The condition on the second population, None where none was given."""
    wanted: dict[str, list[str]] = {}
    for text in attributes or ():
        name, value = pair("--against", text)
        wanted.setdefault(name, []).append(value)
    given = {"attributes": wanted or None, "touched": touched, "has_outcome": has_outcome}
    return {name: value for name, value in given.items() if value is not None} or None


def print_paths(answer: CommonPathsAnswer, journeys: Journeys) -> None:
    """Print common paths as a table, with what to mind."""
    from queries.outcomes import outcome_warnings

    columns = _table(answer, journeys) if answer.contrast is None else _contrasts(answer)
    title = (
        f"Common {_kind(answer)} – {count(answer.units)} {journeys.unit}s, "
        f"{count(answer.distinct)} different; those listed cover {share(answer.coverage)}"
    )
    print_table(title, list(columns[0]), [list(row) for row in columns[1:]])
    for warning in outcome_warnings(journeys):
        warn(f"Note: {warning}")


def _kind(answer: CommonPathsAnswer) -> str:
    kinds = {"PATTERN": "patterns", "CONTRAST": "patterns", "WHOLE": "paths"}
    return kinds.get(answer.form.name, f"stretches of {answer.length}")


def _table(answer: CommonPathsAnswer, journeys: Journeys) -> list[tuple[str, ...]]:
    from api.answers import money

    def row(path: CommonPath) -> tuple[str, ...]:
        return (
            _name(answer, path), count(path.units), share(path.share),
            interval(path.outcome_rate),
            money(path.value_minor, journeys.graph.exponent) or "–", seconds(path.median_seconds),
        )  # fmt: skip

    return [
        ("path", f"{journeys.unit}s", "share", "outcome rate", "value", "median time"),
        *map(row, answer.nodes),
        ("(other)", count(answer.other_units), "", "", "", ""),
    ]


def _contrasts(answer: CommonPathsAnswer) -> list[tuple[str, ...]]:
    assert answer.contrast is not None
    for warning in answer.contrast.warnings:
        warn(f"Note: {warning}")

    def row(path: CommonPath) -> tuple[str, ...]:
        contrast = path.contrast
        assert contrast is not None
        return (
            _name(answer, path), share(contrast.share.value), share(contrast.against_share.value),
            interval(contrast.difference), interval(contrast.odds_ratio, percent=False),
            _p(contrast.p_value), _p(contrast.q_value),
        )  # fmt: skip

    head = (
        "pattern", f"of {count(answer.contrast.units)}",
        f"against {count(answer.contrast.against_units)}", "difference", "odds ratio", "p", "q",
    )  # fmt: skip
    return [head, *map(row, answer.nodes)]


def _name(answer: CommonPathsAnswer, path: CommonPath) -> str:
    has_gaps = answer.form.name in {"PATTERN", "CONTRAST"}
    return (" .. " if has_gaps else " > ").join(path.items)


def _p(number: float | None) -> str:
    if number is None:
        return "–"
    return "< 0.001" if number < 0.001 else f"{number:.3f}"
