"""Common paths as a command: whole, as a tree or a grid, stretches, patterns of one or of two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.population import AfterOption, pair
from api.cli.showing import JsonOption, print_json
from api.cli.tables import count, interval, p_value, print_table, seconds, share, warn

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from queries.common_paths import CommonPath, CommonPathsAnswer

__all__ = ["paths", "print_paths"]


def paths(
    journeys: Journeys,
    form: Annotated[
        str | None,
        typer.Option(
            help="whole, prefix_tree, step_grid, ngram, pattern or contrast; ngram where --length "
            "is given, prefix_tree where --steps is."
        ),
    ] = None,
    length: Annotated[
        int | None, typer.Option(help="Stretches of this many items instead of whole paths.")
    ] = None,
    first: Annotated[int, typer.Option("--first", help="How many rows.")] = 10,
    after: AfterOption = None,
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
    steps: Annotated[
        int | None, typer.Option(help="Steps of a tree or a grid, 2 to 20; 5 by default.")
    ] = None,
    rows: Annotated[
        int | None,
        typer.Option(help="Items behind a place of a tree, or at a step; 10 by default."),
    ] = None,
    flows: Annotated[
        bool | None, typer.Option("--flows", help="Flows of a grid (shown by --json).")
    ] = None,
    starts_at: Annotated[
        list[str] | None, typer.Option(help="Paths from this item on; repeatable: any of them.")
    ] = None,
    ends_at: Annotated[
        list[str] | None, typer.Option(help="Paths up to this item; repeatable: any of them.")
    ] = None,
    through: Annotated[
        list[str] | None, typer.Option(help="Journeys with this item; repeatable: any of them.")
    ] = None,
    between: Annotated[
        str | None, typer.Option(help="Stretches 'from=to'; 'a|b=c' is from any of the two to c.")
    ] = None,
    occurrence: Annotated[
        str | None, typer.Option(help="Which occurrence of these: first, last or every.")
    ] = None,
    start_where: Annotated[
        list[str] | None,
        typer.Option(help="What holds for the start of a path, as channels=web; repeatable."),
    ] = None,
    end_where: Annotated[
        list[str] | None,
        typer.Option(help="What holds for the end of a path, as stages=purchase; repeatable."),
    ] = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="Exact medians instead of bucketed ones.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Common paths: the ways that customers go, most frequent first."""
    from journeygraph.statistics.anchors import Occurrence
    from journeygraph.statistics.patterns import Keep
    from queries.common_paths import CommonPaths, PathForm, common_paths

    usual = "whole" if steps is None else "prefix_tree"
    asked = PathForm(form or (usual if length is None else "ngram"))
    question = CommonPaths(
        form=asked, length=length, first=first, after=after, exact=exact, at_least=at_least,
        at_least_share=at_least_share, min_length=min_length, max_length=max_length,
        max_gap=max_gap, max_gap_time=max_gap_time, max_span=max_span,
        keep=Keep(keep) if keep else None,
        against=_against(against, against_touched, against_outcome),
        steps=steps, rows=rows, flows=flows, starts_at=_any_of(starts_at), ends_at=_any_of(ends_at),
        through=_any_of(through), between=_between(between),
        occurrence=Occurrence(occurrence) if occurrence else None,
        start_where=_where("--start-where", start_where),
        end_where=_where("--end-where", end_where),
    )  # fmt: skip
    answer = common_paths(question, journeys)
    if as_json:
        print_json(answer, journeys)
    else:
        print_paths(answer, journeys)


def _any_of(given: list[str] | None) -> tuple[str, ...] | None:
    return tuple(given) if given else None


def _between(given: str | None) -> Any:
    """The ends of a stretch: any of the items between bars."""
    if given is None:
        return None
    first, last = pair("--between", given)
    return {"from": first.split("|"), "to": last.split("|")}


def _where(option: str, given: list[str] | None) -> Any:
    """Conditions on an interaction from name=value; several values of a name are any of them."""
    wanted: dict[str, Any] = {}
    for text in given or ():
        name, value = pair(option, text)
        if name.replace("_", "").lower() in {"minvalue", "maxvalue"}:
            wanted[name] = value
        else:
            wanted.setdefault(name, []).append(value)
    return wanted or None


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

    if answer.form.name in {"PREFIX_TREE", "STEP_GRID"}:
        columns = _steps(answer, journeys)
    else:
        columns = _table(answer, journeys) if answer.contrast is None else _contrasts(answer)
    title = (
        f"Common {_kind(answer)} – {count(answer.units)} {journeys.unit}s, "
        f"{count(answer.distinct)} different; those listed cover {share(answer.coverage)}"
    )
    print_table(title, list(columns[0]), [list(row) for row in columns[1:]])
    for warning in outcome_warnings(journeys):
        warn(f"Note: {warning}")


def _kind(answer: CommonPathsAnswer) -> str:
    kinds = {
        "PATTERN": "patterns", "CONTRAST": "patterns", "WHOLE": "paths",
        "PREFIX_TREE": "begins of paths", "STEP_GRID": "items by step",
    }  # fmt: skip
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


def _steps(answer: CommonPathsAnswer, journeys: Journeys) -> list[tuple[str, ...]]:
    """Places of a tree, indented by their step, or of a grid."""
    is_grid = answer.form.name == "STEP_GRID"

    def row(path: CommonPath) -> tuple[str, ...]:
        step = path.step
        assert step is not None
        name = f"({step.merged} others)" if step.is_other else path.items[-1]
        gone, open_, had = (_or_dash(n) for n in (step.exits, step.open, step.with_outcome))
        return (
            f"{step.step}  {'' if is_grid else '  ' * (step.step - 1)}{name}", count(path.units),
            share(path.share), share(step.of_parent.value), count(step.stopped), gone, open_, had,
            count(step.beyond), interval(path.outcome_rate),
        )  # fmt: skip

    head = (
        "step", f"{journeys.unit}s", "share", "of with path" if is_grid else "of parent",
        "stopped", "gone", "open", "had outcome", "beyond", "outcome later",
    )  # fmt: skip
    return [head, *map(row, answer.nodes)]


def _or_dash(number: int | None) -> str:
    return "–" if number is None else count(number)


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
            p_value(contrast.p_value), p_value(contrast.q_value),
        )  # fmt: skip

    head = (
        "pattern", f"of {count(answer.contrast.units)}",
        f"against {count(answer.contrast.against_units)}", "difference", "odds ratio", "p", "q",
    )  # fmt: skip
    return [head, *map(row, answer.nodes)]


def _name(answer: CommonPathsAnswer, path: CommonPath) -> str:
    has_gaps = answer.form.name in {"PATTERN", "CONTRAST"}
    return (" .. " if has_gaps else " > ").join(path.items)
