"""Imports and exports files of records."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table

from groundlevel.access.choice import choose_location
from groundlevel.imports.cells import Conventions, DateForm
from groundlevel.imports.export_rules import Export, export_records
from groundlevel.imports.journal import FileSummary
from groundlevel.imports.mapping import Column, ColumnChoices, Plan
from groundlevel.imports.reader import Progress as Report
from groundlevel.imports.reader import Reading
from groundlevel.imports.rules import Import, create_missing, plan_import
from groundlevel.imports.runs import run_import
from groundlevel.kernel.changes import IMPORT, Author
from groundlevel.kernel.command import (
    ORIGIN,
    Options,
    Result,
    call_in,
    command,
    console,
    on_terminal,
    open_database,
    settings_of,
)
from groundlevel.kernel.model import Json

SOME_REFUSED = 2
"""Exit status when some rows were refused and the others written."""

_SHOWN_OPTIONS = 6


class ImportOptions(Options, frozen=True, kw_only=True):
    """Options of `import`."""

    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .csv or .jsonl file.")]
    object: Annotated[str, typer.Option(metavar="KEY", help="Key of the object, such as custom_objects.pet or pet.")]
    location: Annotated[str | None, typer.Option(help="Id of the location; the only one if left out.")] = None
    create_object: Annotated[
        bool, typer.Option("--create-object", help="Create the object and missing fields; types are guessed.")
    ] = False
    match: Annotated[
        str | None, typer.Option(metavar="FIELD", help="Update the record with the same value, else create one.")
    ] = None
    primary: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="With --create-object: the column that names a record.")
    ] = None
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check every row and write nothing.")] = False
    restart: Annotated[
        bool, typer.Option("--restart", help="Begin again, instead of going on with an import that was cut off.")
    ] = False
    encoding: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Encoding, such as windows-1252; else UTF-8 or UTF-16."),
    ] = None
    no_header: Annotated[
        bool, typer.Option("--no-header", help="The first row is data; columns are called column 1, column 2, …")
    ] = False
    excel_safe: Annotated[
        bool,
        typer.Option("--excel-safe", help="The file was exported with --excel-safe, or edited in a spreadsheet."),
    ] = False
    skip: Annotated[list[str] | None, typer.Option(metavar="COLUMN", help="Leave the column out. May be repeated.")] = (
        None
    )
    rename: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN=NAME", help="Treat the column as if it had this name. May be repeated."),
    ] = None
    type: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN=TYPE", help="With --create-object: the type of a new field. May be repeated."),
    ] = None
    country: Annotated[
        str | None,
        typer.Option(metavar="CC", help="Country of telephone numbers without a country code, such as US or SE."),
    ] = None
    dates: Annotated[
        list[DateForm] | None,
        typer.Option(
            metavar="FORM",
            help="How days are written besides 2024-05-11: dmy, mdy, ymd, excel, excel-1904. May be repeated.",
        ),
    ] = None


def add_to(app: typer.Typer) -> None:
    """Adds the family's commands."""
    command(app, "import")(import_file)
    command(app, "export")(export_file)


async def import_file(options: ImportOptions) -> Result:
    """Import the rows of a CSV or JSON Lines file.

    Columns fill the fields of the same key or name. Refused rows are written to FILE.errors.csv; then the exit status
    is 2 and all other rows are stored. The same command goes on with an import that was cut off.
    """
    request = Import(
        path=options.file,
        object_key=options.object,
        create=options.create_object,
        match=options.match,
        primary=options.primary,
        dry=options.dry_run,
        reading=Reading(encoding=options.encoding, header=not options.no_header, excel_safe=options.excel_safe),
        conventions=Conventions(
            country=options.country.upper() if options.country else None, dates=tuple(options.dates or ())
        ),
        choices=ColumnChoices(
            skip=tuple(options.skip or ()), rename=tuple(options.rename or ()), types=tuple(options.type or ())
        ),
    )
    settings = settings_of(options)
    async with open_database(settings) as storage:
        location = await choose_location(storage, options.location)
        author = Author(IMPORT, request.path.name, ORIGIN.source)
        call = msgspec.structs.replace(call_in(storage, location, settings), author=author)
        with progress(request.path, "reading", silent=options.json) as report:
            plan = await plan_import(storage, call, request=request, progress=report)
        if not options.json and (options.create_object or options.dry_run):
            console().print(plan_table(plan))
        if not options.dry_run:
            await create_missing(storage, call, plan)
        with progress(request.path, "checking" if plan.dry else "importing", silent=options.json) as report:
            summary = await run_import(storage, call, plan, progress=report, restart=options.restart)
    status = SOME_REFUSED if summary.refused else 0
    return Result(_data(plan, summary), _report(plan, summary), status)


class ExportOptions(Options, frozen=True, kw_only=True):
    """Options of `export`."""

    file: Annotated[Path, typer.Argument(metavar="FILE", help="The .csv or .jsonl file to write.")]
    object: Annotated[str, typer.Option(metavar="KEY", help="Key of the object, such as custom_objects.pet or pet.")]
    location: Annotated[str | None, typer.Option(help="Id of the location; the only one if left out.")] = None
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it exists.")] = False
    excel_safe: Annotated[
        bool, typer.Option("--excel-safe", help="Put an apostrophe before cells that Excel would calculate.")
    ] = False


async def export_file(options: ExportOptions) -> Result:
    """Export the records of an object as a CSV or JSON Lines file, which `import` reads.

    The columns are the keys of the properties. Owners, followers, ids and times are not exported.
    """
    settings = settings_of(options)
    request = Export(
        path=options.file, object_key=options.object, overwrite=options.overwrite, excel_safe=options.excel_safe
    )
    async with open_database(settings) as storage:
        location = await choose_location(storage, options.location)
        call = call_in(storage, location, settings)
        key, count = await export_records(storage, call, request)
    data: dict[str, Json] = {"object": key, "records": count, "file": str(options.file)}
    return Result(data, f"{count:,} records of {key}: {options.file}")


@contextmanager
def progress(path: Path, what: str, *, silent: bool) -> Iterator[Report]:
    """A bar on standard error while the file is read, with the rate and the time left, if a person watches."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), disable=silent or not on_terminal(), transient=True) as bar:
        task = bar.add_task(what, total=path.stat().st_size if path.is_file() else None)
        yield lambda position: bar.update(task, completed=position)


def plan_table(plan: Plan) -> Table:
    """What an import is going to do with each column."""
    table = Table(title=f"{plan.object_key} ({'exists' if plan.exists else 'new'})", title_justify="left")
    for heading in ("column", "property", "type", "", "why"):
        table.add_column(heading, overflow="fold")
    for column in plan.columns:
        marks = [
            mark
            for mark, holds in (
                ("primary", column.key == plan.primary),
                ("match", column.key == plan.match),
                ("new", column.new),
            )
            if holds
        ]
        table.add_row(column.name, column.key, column.data_type.value, ", ".join(marks), _why(column))
    for skipped in plan.skipped:
        table.add_row(skipped.name, "", "", "skipped", skipped.reason)
    return table


def _why(column: Column) -> str:
    if not column.options:
        return column.reason
    labels = [option.label for option in column.options]
    more = f" and {len(labels) - _SHOWN_OPTIONS} more" if len(labels) > _SHOWN_OPTIONS else ""
    return f"{column.reason}: {', '.join(labels[:_SHOWN_OPTIONS])}{more}"


def _data(plan: Plan, summary: FileSummary) -> dict[str, Json]:
    return {
        "object": plan.object_key,
        "dryRun": plan.dry,
        "lines": summary.lines,
        "headerLines": summary.header_lines,
        "rows": summary.rows,
        "created": summary.created,
        "updated": summary.updated,
        "unchanged": summary.unchanged,
        "refused": summary.refused,
        "skipped": summary.skipped,
        "resumed": summary.resumed,
        "errorsFile": str(summary.errors_path) if summary.errors_path else None,
        "warnings": list(plan.sheet.warnings),
        "columns": [
            {
                "name": c.name,
                "key": c.key,
                "dataType": c.data_type.value,
                "new": c.new,
                "primary": c.key == plan.primary,
            }
            for c in plan.columns
        ],
        "skippedColumns": [{"name": skipped.name, "reason": skipped.reason} for skipped in plan.skipped],
    }


def _report(plan: Plan, summary: FileSummary) -> str:
    would = "would be " if plan.dry else ""
    outcomes = ("created", "updated", "unchanged", "refused", "skipped")
    counts = ", ".join(f"{getattr(summary, outcome):,} {would}{outcome}" for outcome in outcomes)
    lines = [f"{summary.lines:,} lines, {summary.rows:,} rows: {counts}"]
    if summary.resumed:
        lines.append(f"{summary.resumed:,} of these rows were done by a run that was cut off")
    lines += [f"warning: {warning}" for warning in plan.sheet.warnings]
    if summary.errors_path:
        lines.append(f"refused rows: {summary.errors_path}")
    return "\n".join(lines)
