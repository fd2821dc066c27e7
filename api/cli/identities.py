"""Ids of one customer: merged by a key table, taken apart again, and listed, as commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.engine_options import VersionOption
from api.cli.population import StoreOption
from api.cli.showing import JsonOption, print_plain_json
from api.cli.tables import count, print_table, say
from journeygraph.errors import ConflictingOptionsError, InvalidOptionError

__all__ = ["identities"]

identities = typer.Typer(
    help="Ids that are one customer: merge them by a key table, and take them apart again.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@identities.command("merge")
def merge(
    file: Annotated[
        Path, typer.Argument(help="CSV, Parquet or JSON Lines: an id and its customer a row.")
    ],
    store: StoreOption,
    id_column: Annotated[str, typer.Option("--id", help="Its column of ids.")] = "id",
    customer_column: Annotated[
        str, typer.Option("--customer", help="Its column of customers, who are ids as well.")
    ] = "customer",
    encoding: Annotated[str | None, typer.Option(help="Encoding of text; UTF-8 if none.")] = None,
) -> None:
    """Merge ids: every listed id belongs to the customer named beside it; all of them or none."""
    from journeygraph.recording.identities import merge_identities

    columns = id_column, customer_column
    done = merge_identities(store, file, columns=columns, encoding=encoding)
    if not done.merged:
        say(f"Nothing to merge: {count(done.already)} ids are merged already.")
        return
    say(
        f"{count(done.merged)} ids belong to {count(done.customers)} customers now: store version "
        f"{done.version}."
    )
    if done.already:
        say(f"{count(done.already)} ids were merged already.")
    if done.unknown:
        say(f"{count(done.unknown)} of the names are in no row yet; rows to come find them.")
    if done.conflicts:
        say(
            f"{count(done.conflicts)} values of attributes replace those of another id: "
            "journeygraph identities conflicts."
        )


@identities.command("unmerge")
def unmerge(
    store: StoreOption,
    ids: Annotated[
        list[str] | None, typer.Argument(help="Ids that are customers of their own again.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that were ever merged.")] = False,
) -> None:
    """Take merges back: the graph is what it was before them."""
    from journeygraph.recording.identities import unmerge_identities

    if ids and everything:
        raise ConflictingOptionsError("IDS", "--all")
    if not ids and not everything:
        raise InvalidOptionError("IDS", [], "ids that are merged, or --all")
    done = unmerge_identities(store, None if everything else ids)
    if done.unmerged:
        say(f"{count(done.unmerged)} ids are customers of their own: store version {done.version}.")
    else:
        say("Nothing is merged.")


@identities.command("conflicts")
def conflicts(
    store: StoreOption,
    version: VersionOption = None,
    load: Annotated[int | None, typer.Option(help="Only what this load replaced.")] = None,
    customer: Annotated[
        str | None, typer.Option(help="Only those of this customer, by any of its ids.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List values of attributes that a later row replaced by others."""
    from journeygraph.loading.attribute_conflicts import conflicts_in

    found = conflicts_in(store, version, load=load, customer=customer)
    if as_json:
        print_plain_json(found)
        return
    print_table(
        f"Attributes said otherwise – {count(len(found))}",
        ["customer", "attribute", "kept", "from", "replaced", "from"],
        [
            [
                one.customer, one.attribute, one.kept, f"load {one.load} {one.file}",
                one.replaced, f"load {one.replaced_load} {one.replaced_file}",
            ]
            for one in found
        ],
        texts=6,
    )  # fmt: skip


@identities.command("list")
def list_merged(
    store: StoreOption,
    version: VersionOption = None,
    customer: Annotated[
        str | None, typer.Option(help="Only those of this customer, by any of its ids.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List the ids that are merged, by customer."""
    from journeygraph.recording.identities import list_identities

    found = list_identities(store, version, customer)
    if as_json:
        print_plain_json(found)
        return
    print_table(
        f"Merged ids – {count(len(found))}",
        ["customer", "id"],
        [[one.customer, one.id] for one in found],
        texts=2,
    )
