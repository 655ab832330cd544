"""Says what has changed since an image was taken, from the log of changes."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from groundlevel.access.rules import list_locations
from groundlevel.audit import store
from groundlevel.audit.model import ChangeView
from groundlevel.audit.rules import ChangesQuery, changes_since
from groundlevel.kernel.model import Origin
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, perform

_AT_ONCE = 500


class Moment(Struct, frozen=True):
    """Where an image was taken."""

    cursors: Mapping[int, int]
    """The number of the last change of each location that had any."""
    past: frozenset[str]
    """The images from which what was stored then had come, and this one."""


async def read_cursors(cursors: dict[int, int], tx: Transaction) -> None:
    """Notes the number of the last change of each location."""
    last = 0
    while (location := await store.find_next_audited(tx, last)) is not None:
        cursors[location] = await store.find_newest(tx, location)
        last = location


async def changes_since_moment(
    storage: Storage, moment: Moment, location_id: str | None
) -> list[tuple[str, ChangeView]]:
    """All changes since then with the ids of their locations, or those of one location. Raises AuditOff, CursorGone."""
    found: list[tuple[str, ChangeView]] = []
    for location in await list_locations(storage):
        if location_id not in (None, location.id):
            continue
        call = Call(location, Origin("", "", ""), storage.ids)
        since = moment.cursors.get(location.number, 0)
        while True:
            page = await perform(storage, call, changes_since, ChangesQuery(since, limit=_AT_ONCE))
            found += [(location.id, view) for view in page.changes]
            if page.complete:
                break
            since = page.next
    return found
