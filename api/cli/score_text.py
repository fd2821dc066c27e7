"""Scoring what customers wrote, as a command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.showing import JsonOption
from api.cli.tables import count, print_table, say

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("score-text")(score_text)


def score_text(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or Parquet file with texts.")],
    text: Annotated[str, typer.Option("--text", help="Column of the texts.")],
    to: Annotated[Path, typer.Option("--to", help="File to write, of the same format.")],
    rating: Annotated[
        str | None,
        typer.Option("--rating", help="Column of customers' own ratings, which are kept."),
    ] = None,
    scale: Annotated[
        str, typer.Option("--scale", help="Scale of these ratings, as stars or 0..10.")
    ] = "unit",
    language: Annotated[
        str | None,
        typer.Option("--language", help="Column that says the language; else the words tell."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Score English texts without a rating, before loading; others stay unscored, and counted."""
    from journeygraph.loading.text_scores import TextOptions, score_texts

    options = TextOptions(text=text, rating=rating, scale=scale, language=language)
    done = score_texts(source, to, options)
    if as_json:
        from api.answers import to_json

        say(to_json(done, 0))
        return
    print_table(
        f"Texts of {source.name}, written to {to}",
        ["", "rows"],
        [
            ["read", count(done.rows)],
            ["rated by the customer", count(done.reported)],
            ["scored, English", count(done.scored)],
            ["unscored: another language", count(done.other_language)],
            ["unscored: language unclear", count(done.unclear)],
            ["unscored: no text", count(done.without_text)],
        ],
    )
