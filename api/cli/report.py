"""The report as a command: a view of the explorer as one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.population import over_population, selected_by
from api.cli.tables import say

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("report")(over_population(report))


def report(
    population: dict[str, Any],
    view: Annotated[str, typer.Option(help="View of the explorer, as its address names it.")],
    out: Annotated[
        Path | None, typer.Option(help="File to write; journeygraph-VIEW.html if not given.")
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="Variable of the view's question, name=value, as JSON or text: "
            'loyalty={"activeAt": "60d"}; repeatable.',
        ),
    ] = None,
) -> None:
    """One HTML file of a view: pictures, numbers, question; it needs nothing beside it."""
    from api.explorer.reports import ViewReport, as_variables
    from journeygraph.errors import InvalidOptionError

    settings = dict(_setting(text) for text in setting or ())
    asked = as_variables(selected_by(population))
    made = ViewReport(view=view, population=asked, settings=settings)
    html = made.html(population["store"], population["version"])
    file = out or Path(f"journeygraph-{view}.html")
    try:
        file.write_text(html, encoding="utf-8")
    except OSError as error:
        wanted = f"a file that can be written ({error.strerror})"
        raise InvalidOptionError("--out", str(file), wanted) from None
    say(f"{file}: {len(html) // 1000:,} kB")


def _setting(text: str) -> tuple[str, Any]:
    """Name and value at the first sign: a value may hold more of them."""
    import orjson

    from journeygraph.errors import InvalidOptionError

    name, sign, value = text.partition("=")
    if not (sign and name):
        raise InvalidOptionError("--set", text, "a name, a sign and a value, as within=90d")
    try:
        return name, orjson.loads(value)
    except orjson.JSONDecodeError:
        return name, value
