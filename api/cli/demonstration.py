"""The demo: make data, load it, answer the four questions, and say how to go on."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import questions
from api.cli.funnel import funnel
from api.cli.loyalty import loyalty
from api.cli.paths import paths
from api.cli.referrals import referrals
from api.cli.stores import print_report
from api.cli.tables import say

if TYPE_CHECKING:
    from api.demo_data import DemoFiles

__all__ = ["add_to"]

_FUNNEL = ["product page", "cart", "delivery page", "purchase"]


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("demo")(demo)


def demo(
    folder: Annotated[Path, typer.Option(help="Where data and store are made anew.")] = Path(
        "demo-store"
    ),
    customers: Annotated[int, typer.Option(help="How many customers there are.", min=100)] = 6_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same data.")] = 7,
) -> None:
    """Make the data of a demo company, load it, and answer the four questions."""
    from api.demo_data import write_demo_data

    store = folder / "store"
    if store.exists():
        shutil.rmtree(store)
    say("1. A maker of coffee machines exports what it has: interactions, customers, referrals.\n")
    files = write_demo_data(folder / "data", customers, seed)
    _load(files, store)
    _answer(store)
    say("Where to go from here:")
    say(f"  journeygraph paths --store {store} --by channel --collapse")
    say(f"  journeygraph customer c42 --store {store}")
    say(f"  journeygraph quarantine export --store {store}")
    say("Look at it: run this, then go to http://127.0.0.1:8000")
    say(f"  .venv/bin/journeygraph serve --store {store}")


def _load(files: DemoFiles, store: Path) -> None:
    from journeygraph.loading.load import load
    from journeygraph.loading.options import LoadOptions

    print_report(
        load(store, [files.interactions],
             LoadOptions(currency="EUR", dictionary=files.dictionary)),
        store,
    )  # fmt: skip
    for table, file in (
        ("customers", files.customers),
        ("referrals", files.referrals),
        ("feedback", files.feedback),
    ):
        report = load(store, [file], LoadOptions(table=table))
        say(f"{table}: {report.accepted:,} accepted, store version {report.version}")
    say()


def _answer(store: Path) -> None:
    import journeygraph

    journeys = journeygraph.open(store).journeys()
    say("2. Which ways do customers go?\n")
    paths(journeys, first=8)
    say("3. Where do they leave?\n")
    questions.dropoff(journeys, first=8)
    funnel(journeys, step=_FUNNEL, window="30d")
    say("4. Who brings whom?\n")
    referrals(journeys)
    say("5. What goes with loyalty?\n")
    loyalty(journeys, repeat_purchase_within="90d", first=8)
