"""Copies a database to another engine, or to another server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import msgspec
import typer

from groundlevel.kernel.command import Options, Result, command, on_terminal, settings_of
from groundlevel.transfer.errors import TransferError
from groundlevel.transfer.rules import transfer_database


class TransferOptions(Options, frozen=True, kw_only=True):
    """Options of `migrate-database`."""

    source: Annotated[str, typer.Argument(metavar="SRC", help="The database to copy: sqlite:///PATH or postgresql://…")]
    target: Annotated[str, typer.Argument(metavar="DST", help="An empty database, or a new file, of either engine.")]


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    command(app, "migrate-database")(migrate_database)


async def migrate_database(options: TransferOptions) -> Result:
    """Copy everything in a database into an empty one, and verify it: SQLite to PostgreSQL, back, or to the same.

    Stop the servers first: what is written while it runs stays behind. Nothing is committed until all of it agrees.
    """
    if options.database is not None:
        raise TransferError("there are two databases here", "Name both as arguments and leave --database out.")
    source = settings_of(options, {"database": options.source})
    target = settings_of(options, {"database": options.target})
    with _shown(quiet=options.json) as progress:
        copied = await transfer_database(source, target, progress=progress)
    return Result(
        msgspec.to_builtins(copied),
        f"copied and compared {copied.records} records of {copied.objects} objects and "
        f"{sum(copied.rows.values())} other rows; checksum {copied.checksum}",
    )


@contextmanager
def _shown(*, quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """A bar with the rate and the time left, for who watches."""
    if quiet or not on_terminal():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("records", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
