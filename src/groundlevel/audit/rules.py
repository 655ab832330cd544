"""The feed of changes: all of them in order, from a cursor on, and what is logged of them (decision 0069)."""

from __future__ import annotations

from msgspec import Struct

from groundlevel.audit import store
from groundlevel.audit.describing import describe_changes
from groundlevel.audit.errors import AuditOff, CursorGone
from groundlevel.audit.model import AuditRow, Bounds, ChangeView
from groundlevel.audit.store import Selection
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, scanning

AT_ONCE = 500
"""Changes that are read together."""
NO_LOCATION = 0
MOST_EXAMINED = 5_000
"""Changes that one page looks through for those that were asked for."""


class ChangesQuery(Struct, frozen=True):
    """Which changes to show."""

    since: int | None = None
    """The number behind which they begin; None for the first that is kept."""
    kinds: frozenset[str] = frozenset()
    """Those of these kinds; of every kind if empty."""
    object_key: str = ""
    """Those of this object alone; of everything if empty."""
    limit: int = 100


class ChangesPage(Struct, frozen=True):
    """Changes in their order, and where to go on."""

    changes: list[ChangeView]
    next: int
    """The cursor behind all that was looked at."""
    complete: bool
    """Whether that is all that there is."""


class AuditQuery(Struct, frozen=True):
    """Which changes to show, the newest first."""

    selection: Selection = Selection()
    before: int = store.NEWEST
    """Those with a smaller number."""
    limit: int = 100


@scanning
async def changes_since(tx: Transaction, call: Call, query: ChangesQuery) -> ChangesPage:
    """Changes behind a cursor, in the order in which they were committed: none is missing, and none can still appear in
    front of one that was shown.

    A page may have fewer changes than there are, or none, where few are of those asked for. Raises AuditOff and
    CursorGone.
    """
    check_audited(tx)
    bounds = await store.find_bounds(tx)
    position = _start_of(query, bounds)
    found: list[AuditRow] = []
    examined = 0
    while examined < MOST_EXAMINED:
        most = min(AT_ONCE, MOST_EXAMINED - examined)
        rows = await store.list_changes(tx, position, most)
        for row in rows:
            if len(found) == query.limit:
                break
            position = row.number
            if _is_asked_for(query, row):
                found.append(row)
        examined += len(rows)
        if len(found) == query.limit or len(rows) < most:
            break
    return ChangesPage(await describe_changes(tx, found), position, position >= bounds.newest)


@scanning
async def newest_cursor(tx: Transaction, call: Call, request: None) -> int:
    """The cursor behind all changes that there are: a checkpoint. Raises AuditOff."""
    check_audited(tx)
    return (await store.find_bounds(tx)).newest


@scanning
async def list_audit(tx: Transaction, call: Call, query: AuditQuery) -> list[ChangeView]:
    """Changes of the location, the newest first. Raises AuditOff."""
    check_audited(tx)
    rows = await store.list_newest_changes(tx, tx.loc, query.selection, (query.before, query.limit))
    return await describe_changes(tx, rows)


async def list_unlocated(tx: Transaction, query: AuditQuery) -> list[ChangeView]:
    """Changes of what belongs to no location, the newest first. Raises AuditOff."""
    check_audited(tx)
    rows = await store.list_newest_changes(tx, NO_LOCATION, query.selection, (query.before, query.limit))
    return await describe_changes(tx, rows)


def check_audited(tx: Transaction) -> None:
    """Raises AuditOff where changes are not logged."""
    if not tx.log.is_on:
        raise AuditOff


def _start_of(query: ChangesQuery, bounds: Bounds) -> int:
    """The number behind which to begin. Raises CursorGone."""
    if query.since is None:
        return bounds.start
    if not bounds.start <= query.since <= bounds.newest:
        raise CursorGone(query.since, oldest=bounds.start, newest=bounds.newest)
    return query.since


def _is_asked_for(query: ChangesQuery, row: AuditRow) -> bool:
    return (not query.kinds or row.kind in query.kinds) and query.object_key in ("", row.object_key)
