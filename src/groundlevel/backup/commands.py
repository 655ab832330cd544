"""Makes and restores backups."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from groundlevel.backup.rules import back_up, restore
from groundlevel.kernel.command import Options, Result, command, on_terminal, settings_of


class BackupOptions(Options, frozen=True, kw_only=True):
    """Options of `backup`."""

    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write, which must not exist.")]


class RestoreOptions(Options, frozen=True, kw_only=True):
    """Options of `restore`."""

    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `groundlevel backup` wrote.")]
    into: Annotated[
        str | None,
        typer.Option(help="sqlite:///PATH to restore to, if not to the database of --database.", show_default=False),
    ] = None
    replace: Annotated[
        bool, typer.Option("--replace", help="Take the place of a database that is not empty, and keep that beside.")
    ] = False


def add_to(app: typer.Typer) -> None:
    """Adds the family's commands."""
    command(app, "backup")(make_backup)
    command(app, "restore")(restore_backup)


async def make_backup(options: BackupOptions) -> Result:
    """Write a backup of a SQLite database to a file, while the server goes on.

    The file is a compressed tar archive with the database and a manifest. For PostgreSQL, use pg_dump.
    """
    with _shown(quiet=options.json) as progress:
        manifest = await back_up(settings_of(options), options.file, progress=progress)
    size = options.file.stat().st_size
    records = manifest.contents.rows.get("records", 0)
    return Result(
        {"file": str(options.file), "fileBytes": size, **msgspec.to_builtins(manifest)},
        f"{options.file}: {records} records, {manifest.bytes} bytes in {size}, "
        f"schema version {manifest.contents.schema_version}",
    )


async def restore_backup(options: RestoreOptions) -> Result:
    """Put a backup in the place of the database, after everything in it was examined as by `groundlevel doctor`.

    Stop the server first. A database that is there is kept beside it under another name.
    """
    settings = settings_of(options, {"database": options.into or options.database})
    restored = await restore(settings, options.file, replace=options.replace)
    manifest = restored.manifest
    records = manifest.contents.rows.get("records", 0)
    lines = [f"restored the backup of {manifest.created_at}, made by groundlevel {manifest.program}: {records} records"]
    if restored.kept is not None:
        lines.append(f"the database that was there is now {restored.kept}")
    data = {"kept": str(restored.kept) if restored.kept else None, **msgspec.to_builtins(manifest)}
    return Result(data, "\n".join(lines))


@contextmanager
def _shown(*, quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """A progress bar for who watches."""
    if quiet or not on_terminal():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("copying", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
