"""The commands, put together."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli import (
    after_drop,
    attribution,
    compare,
    demonstration,
    drop_off_contrast,
    economics,
    exit_hazards,
    experience,
    feedback,
    funnel,
    identities,
    journey_map,
    journey_trend,
    neo4j,
    next_best,
    preferences,
    questions,
    recompute,
    referrals,
    report,
    score_text,
    serving,
    stored,
    stores,
    time_to_convert,
    what_if,
)

__all__ = ["app"]

app = typer.Typer(
    name="journeygraph",
    help="A graph-based customer journey analysis engine.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"journeygraph {version('customer-journeygraph')}")
        raise typer.Exit


@app.callback()
def _options(
    _version_wanted: Annotated[
        bool,
        typer.Option("--version", help="Say the version and leave.", callback=_version,
                     is_eager=True),
    ] = False,
) -> None:  # fmt: skip
    """A graph-based customer journey analysis engine."""


stores.add_to(app)
neo4j.add_to(app)
questions.add_to(app)
funnel.add_to(app)
journey_map.add_to(app)
experience.add_to(app)
preferences.add_to(app)
economics.add_to(app)
journey_trend.add_to(app)
score_text.add_to(app)
referrals.add_to(app)
attribution.add_to(app)
what_if.add_to(app)
time_to_convert.add_to(app)
exit_hazards.add_to(app)
next_best.add_to(app)
drop_off_contrast.add_to(app)
compare.add_to(app)
after_drop.add_to(app)
report.add_to(app)
app.add_typer(feedback.feedback, name="feedback")
app.add_typer(identities.identities, name="identities")
recompute.add_to(app)
stored.add_to(app)
serving.add_to(app)
demonstration.add_to(app)
