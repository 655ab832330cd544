"""Reads the log of changes of a location, and shortens it."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from groundlevel.audit.model import AuditRow, Bounds
from groundlevel.kernel.changes import Author
from groundlevel.kernel.storage.connection import Row
from groundlevel.kernel.storage.transaction import Transaction

NEWEST = 2**35
"""Greater than the number of any change."""
NEVER = 2**62
"""Later than any change."""


class Selection(Struct, frozen=True):
    """Which changes: those of a kind, an object and an actor, or of any where that is empty, in some time."""

    kind: str = ""
    object_key: str = ""
    actor: str = ""
    from_time: int = 0
    """In epoch milliseconds."""
    to_time: int = NEVER
    """In epoch milliseconds too."""


async def list_changes(tx: Transaction, after: int, most: int) -> list[AuditRow]:
    """Changes after a number, in order."""
    return [_row_of(row) for row in await tx.connection.rows(tx.sql["list_changes"], tx.loc, after, most)]


async def list_newest_changes(
    tx: Transaction, location: int, selection: Selection, page: tuple[int, int]
) -> list[AuditRow]:
    """Changes of the location with a number, the newest first. `page` is the number before which, and how many at most.

    Location 0 has what belongs to none.
    """
    before, most = page
    wanted = (selection.kind, selection.object_key, selection.actor, selection.from_time, selection.to_time)
    rows = await tx.connection.rows(tx.sql["list_newest_changes"], location, before, most, *wanted)
    return [_row_of(row) for row in rows]


async def list_history(tx: Transaction, subject: str, *, before: int, most: int) -> list[AuditRow]:
    """Changes of one thing before a number, the newest first."""
    return [_row_of(row) for row in await tx.connection.rows(tx.sql["list_history"], tx.loc, subject, before, most)]


async def list_record_changes(tx: Transaction, object_key: str, between: tuple[int, int], most: int) -> list[AuditRow]:
    """Changes of records of an object, after one number and before another, the newest first."""
    rows = await tx.connection.rows(tx.sql["list_record_changes"], tx.loc, object_key, *between, most)
    return [_row_of(row) for row in rows]


async def find_first_change(tx: Transaction, subject: str, after: int) -> AuditRow | None:
    """The first change of one thing after a number; None where there is none."""
    row = await tx.connection.row(tx.sql["find_first_change"], tx.loc, subject, after)
    return None if row is None else _row_of(row)


async def list_later_changes(tx: Transaction, subjects: Collection[str], after: int) -> list[AuditRow]:
    """All changes of some things after a number, those of each the newest first."""
    if tx.dialect.takes_arrays:
        rows = await tx.connection.rows(tx.sql["list_later_changes"], tx.loc, list(subjects), after)
        return [_row_of(row) for row in rows]
    found: list[AuditRow] = []
    for subject in subjects:
        rows = await tx.connection.rows(tx.sql["list_later_changes"], tx.loc, subject, after)
        found += [_row_of(row) for row in rows]
    return found


async def find_bounds(tx: Transaction) -> Bounds:
    """Which changes of the location are kept."""
    row = await tx.connection.row(tx.sql["find_change_bounds"], tx.loc)
    return Bounds(row[0] or 0, row[1] or 0) if row else Bounds(0, 0)


async def list_deleted_records(tx: Transaction, object_key: str, since: int, page: tuple[int, int]) -> list[AuditRow]:
    """The deletions, at or after a time, of records that are not back, the newest first.

    `page` is the number before which, and how many at most; an empty key stands for every object.
    """
    before, most = page
    rows = await tx.connection.rows(tx.sql["list_deleted_records"], tx.loc, before, most, object_key, since)
    return [_row_of(row) for row in rows]


async def lock_returning(tx: Transaction) -> None:
    """Waits until nobody else brings deleted records of the location back, and keeps others waiting."""
    await tx.connection.row(tx.sql["lock_returning"], tx.loc)


async def find_next_audited(tx: Transaction, location: int) -> int | None:
    """The number of the next location, after the one given, of which there are changes; None if there is none."""
    row = await tx.connection.row(tx.sql["find_next_audited"], location)
    return None if row is None else int(row[0])


async def prune_changes(tx: Transaction, location: int, *, before: int, up_to: int, most: int) -> int:
    """Deletes some of the oldest changes of a location; how many.

    Those before a time go, and those up to a number, but never the last one.
    """
    return len(await tx.connection.rows(tx.sql["prune_changes"], location, before, up_to, most))


async def find_newest(tx: Transaction, location: int) -> int:
    """The number of the last change of a location; 0 when there is none."""
    row = await tx.connection.row(tx.sql["find_change_bounds"], location)
    return int(row[1] or 0) if row else 0


def _row_of(row: Row) -> AuditRow:
    number, at, operation, kind, subject, object_key, version, actor_kind, actor, source, trace_id, detail = row
    author = Author(actor_kind, actor, source, trace_id)
    return AuditRow(number, at, operation, kind, subject, object_key, version, author, detail)
