"""Commands that fill a store and look after it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.population import StoreOption, pair
from api.cli.showing import print_plain_json
from api.cli.tables import count, print_table, say, warn
from journeygraph.errors import InvalidOptionError, JourneyGraphError

if TYPE_CHECKING:
    from journeygraph.loading.report import LoadReport, Progress

    Tell = Callable[[Progress], None]

__all__ = ["add_to", "print_report"]


class ReportFileError(JourneyGraphError):
    """A report that could not be written; found before anything is loaded."""

    code = "REPORT_NOT_WRITABLE"

    def __init__(self, file: Path, error: OSError) -> None:
        super().__init__(
            f"The report cannot be written: {error.strerror}.",
            "Name a file in a folder that is there; nothing was loaded.",
            file=file,
        )


_Files = Annotated[list[Path], typer.Argument(help="CSV, Parquet, JSON Lines or XES, also .gz.")]
_TableOption = Annotated[
    str,
    typer.Option(
        help="What the files hold: interactions, customers, referrals, feedback or feedback_steps."
    ),
]
_ReportOption = Annotated[
    Path | None, typer.Option("--report", help="Write the summary as JSON to this file.")
]

quarantine = typer.Typer(
    help="Rows that could not be taken: look at them, mend them, load them again.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("load")(load)
    app.command("unload")(unload)
    app.command("dictionary")(dictionary)
    app.command("history")(history)
    app.command("check")(check)
    app.command("compact")(compact)
    app.command("vacuum")(vacuum)
    app.add_typer(quarantine, name="quarantine")


def load(
    files: _Files,
    store: StoreOption,
    table: _TableOption = "interactions",
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", help="Our column = theirs, as customer=user_id; more may follow."),
    ] = None,
    mapping_file: Annotated[
        Path | None, typer.Option(help="YAML or JSON file with the same.")
    ] = None,
    key: Annotated[
        list[str] | None, typer.Option(help="Columns that make the id of a row; repeatable.")
    ] = None,
    timezone: Annotated[str, typer.Option(help="Zone of times that name none.")] = "UTC",
    time_format: Annotated[
        str | None, typer.Option(help="How times are written, as %d/%m/%Y %H:%M.")
    ] = None,
    time_unit: Annotated[
        str | None, typer.Option(help="Unit of epochs: s, ms, us or ns; recognised if not given.")
    ] = None,
    currency: Annotated[str | None, typer.Option(help="Currency of the store, as EUR.")] = None,
    exponent: Annotated[
        int | None, typer.Option(help="Decimals of money; 2 in a new store.")
    ] = None,
    round_values: Annotated[
        bool, typer.Option("--round-values", help="Round values with more decimals, half to even.")
    ] = False,
    scale: Annotated[
        list[str] | None,
        typer.Option(help="Scale of a rating, as experience=stars or emotion=0..10; repeatable."),
    ] = None,
    dictionary_file: Annotated[
        Path | None, typer.Option("--dictionary", help="Touchpoint dictionary (YAML).")
    ] = None,
    properties: Annotated[
        str,
        typer.Option(help="Columns kept beside the mapped ones: all, none, or names, by comma."),
    ] = "all",
    encoding: Annotated[str | None, typer.Option(help="Encoding of text; UTF-8 if none.")] = None,
    delimiter: Annotated[
        str | None, typer.Option(help="Delimiter of CSV; recognised if not given.")
    ] = None,
    columns: Annotated[
        str | None, typer.Option(help="Names of the columns, by comma, of CSV that has no head.")
    ] = None,
    allow_future: Annotated[
        bool, typer.Option("--allow-future", help="Take times later than tomorrow.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do all but commit.")] = False,
    report: _ReportOption = None,
) -> None:
    """Load files into a store, which is made where there is none; all of them or none."""
    from journeygraph.loading.load import load as load_files
    from journeygraph.loading.options import LoadOptions

    files, pairs = _files_and_pairs(files, mapping or [], table)
    options = LoadOptions(
        table=table,
        mapping=pairs,
        mapping_file=mapping_file,
        key=tuple(key or ()),
        timezone=timezone,
        time_format=time_format,
        time_unit=time_unit,
        currency=currency,
        exponent=exponent,
        round_values=round_values,
        scales=dict(pair("--scale", text) for text in scale or ()),
        dictionary=dictionary_file,
        properties=properties if properties in ("all", "none") else properties.split(","),
        encoding=encoding,
        delimiter=delimiter,
        columns=tuple(columns.split(",")) if columns else (),
        allow_future=allow_future,
        dry_run=dry_run,
    )
    _run(lambda progress: load_files(store, files, options, progress), store, files, report)


def _files_and_pairs(
    files: list[Path], mapping: list[str], table: str
) -> tuple[list[Path], dict[str, str]]:
    """Set apart what follows a `--map`: several pairs may, and look like files to the parser."""
    from journeygraph.schema import TABLES

    ours = {column.name for column in TABLES[table].columns} if table in TABLES else set()
    pairs = dict(_map_pair(text) for text in mapping)
    kept = []
    for file in files:
        left, sign, right = str(file).partition("=")
        if mapping and sign and left in ours and not file.exists():
            pairs[left] = right
        else:
            kept.append(file)
    return kept, pairs


def _map_pair(text: str) -> tuple[str, str]:
    left, sign, right = text.partition("=")
    if not (left and sign):
        raise InvalidOptionError("--map", text, "our column and theirs, as customer=user_id")
    return left, right


def _run(
    work: Callable[[Tell], LoadReport], store: Path, files: list[Path], report: Path | None
) -> None:
    """Load with a progress bar, print the summary, and write the report whatever happens."""
    from api.cli.progress import loading_progress
    from journeygraph.loading.report import LoadReport

    with _report_file(report) as write:
        try:
            with loading_progress(files) as progress:
                done = work(progress)
        except JourneyGraphError as error:
            write(LoadReport.of_refusal(error).to_json())
            raise
        except KeyboardInterrupt:
            warn("Interrupted; see `journeygraph history`: a load is there whole or not at all.")
            raise typer.Exit(130) from None
        write(done.to_json())
    print_report(done, store)


@contextmanager
def _report_file(report: Path | None) -> Iterator[Callable[[str], None]]:
    """Open the report before anything is loaded: what cannot be written is said first."""
    if report is None:
        yield lambda _text: None
        return
    try:
        opened = report.open("w", encoding="utf-8")
    except OSError as error:
        raise ReportFileError(report, error) from error
    with opened:
        yield lambda text: print(text, file=opened)


def print_report(report: LoadReport, store: Path) -> None:
    """Print what a load did."""
    for warning in report.warnings:
        warn(f"Note: {warning}")
    rows = [["read", count(report.read)], ["accepted", count(report.accepted)]]
    rows += [[f"quarantined: {code}", count(n)] for code, n in sorted(report.quarantined.items())]
    rows.append(["duplicates", count(report.duplicates)])
    rows.append(["rows per second", count(round(report.rows_per_second))])
    print_table(_outcome_of(report), ["rows", "count"], rows)
    if report.quarantined:
        say(f"The rows in quarantine: journeygraph quarantine export --store {store}\n")


def _outcome_of(report: LoadReport) -> str:
    if report.dry_run:
        return "Dry run: nothing was stored"
    if report.version is None:
        return "Nothing new: the store is as it was"
    made = "Mended rows" if report.load is None else f"Load {report.load}"
    return f"{made}: store version {report.version}"


def unload(
    load_number: Annotated[
        int, typer.Argument(metavar="LOAD", help="Number of the load, see `history`.")
    ],
    store: StoreOption,
) -> None:
    """Take a load out again."""
    from journeygraph.loading.store_changes import unload as take_out

    version = take_out(store, load_number)
    say(f"Load {load_number} is out: store version {version.number}.")


def dictionary(
    file: Annotated[Path, typer.Argument(help="Touchpoint dictionary (YAML).")],
    store: StoreOption,
) -> None:
    """Say what the touchpoints are: stage, channel, initiator, environment and level."""
    from journeygraph.loading.store_changes import store_dictionary

    version = store_dictionary(store, file)
    say(f"{len(version.dictionary)} touchpoints described: store version {version.number}.")


def history(store: StoreOption, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """The versions of a store, the latest last."""
    from api.answers import moment
    from journeygraph.lake.store import Store

    versions = Store.open(store).versions()
    if as_json:
        rows = [
            {"version": v.number, "at": moment(v.at_us), "kind": v.kind, "load": v.load,
             "note": v.note, "rows": dict(v.counts)}
            for v in versions
        ]  # fmt: skip
        print_plain_json(rows)
        return
    print_table(
        f"Versions of {store}",
        ["version", "at", "what", "load", "interactions", "customers", "referrals", "feedback"],
        [
            [
                str(v.number), moment(v.at_us) or "", f"{v.kind} {v.note}".strip(),
                "" if v.load is None else str(v.load),
                *(count(v.counts.get(name, 0)) for name in
                  ("interactions", "customers", "referrals", "feedback")),
            ]
            for v in versions
        ],
        texts=3,
    )  # fmt: skip


def check(store: StoreOption) -> None:
    """Read every file that the store needs and say what is damaged."""
    from journeygraph.lake.maintenance import check as check_store
    from journeygraph.lake.store import Store

    problems = check_store(Store.open(store))
    for problem in problems:
        versions = ", ".join(str(number) for number in problem.versions)
        warn(f"{problem.file}: {problem.problem} (needed by version {versions})")
    if problems:
        raise typer.Exit(1)
    say("Every file is whole.")


def compact(store: StoreOption) -> None:
    """Put small files of a store together; its versions stay as they are."""
    from journeygraph.lake.maintenance import compact as compact_store
    from journeygraph.lake.store import Store

    compact_store(Store.open(store))
    say("The small files are together now; `vacuum` deletes what no version needs.")


def vacuum(
    store: StoreOption,
    keep: Annotated[
        int | None, typer.Option(help="How many of the last versions stay; all if not given.")
    ] = None,
) -> None:
    """Delete what no version needs: leftovers, replaced files, and versions not kept."""
    from journeygraph.lake.maintenance import vacuum as vacuum_store
    from journeygraph.lake.store import Store

    gone = vacuum_store(Store.open(store), keep)
    say(f"{count(gone.files)} files of {count(gone.bytes)} bytes, {len(gone.versions)} versions.")


@quarantine.command("export")
def export(
    store: StoreOption,
    to: Annotated[
        Path | None, typer.Option("--to", help="A .csv or .jsonl file; standard output if none.")
    ] = None,
    load_number: Annotated[int | None, typer.Option("--load", help="Only of this load.")] = None,
) -> None:
    """Write the rows that could not be taken, with the reason, to be mended."""
    from journeygraph.loading.quarantine import export_quarantine

    written = export_quarantine(store, "-" if to is None else to, load=load_number)
    sys.stderr.write(f"{written:,} rows in quarantine.\n")


@quarantine.command("retry")
def retry(
    file: Annotated[Path, typer.Argument(help="The exported file, mended.")],
    store: StoreOption,
    round_values: Annotated[
        bool, typer.Option("--round-values", help="Round values with more decimals.")
    ] = False,
    allow_future: Annotated[
        bool, typer.Option("--allow-future", help="Take times later than tomorrow.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do all but commit.")] = False,
    report: _ReportOption = None,
) -> None:
    """Load mended rows; each comes back once, as the row that it was."""
    from journeygraph.loading.retry import retry_quarantine

    def work(progress: Tell) -> LoadReport:
        return retry_quarantine(
            store, file, allow_future=allow_future, round_values=round_values, dry_run=dry_run,
            progress=progress,
        )  # fmt: skip

    _run(work, store, [file], report)
