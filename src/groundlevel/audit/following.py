"""Waits for changes: until there are some, or for all that come."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import msgspec

from groundlevel.audit.rules import ChangesPage, ChangesQuery, changes_since
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.usecase import Call, perform

LOOK_SECONDS = 1.0
"""How often it is looked for changes that another process has committed; those of this one are told at once."""


async def wait_for_changes(storage: Storage, call: Call, query: ChangesQuery, *, seconds: float) -> ChangesPage:
    """Changes behind a cursor, as soon as there are some; an empty page when there are none for so long, or when the
    server stops. Raises AuditOff, CursorGone."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    signal = storage.change_signal
    with signal.listen(call.location.number) as woken:
        while True:
            woken.clear()
            page = await perform(storage, call, changes_since, query)
            left = until - loop.time()
            if page.changes or (page.complete and left <= 0) or signal.stopped:
                return page
            query = msgspec.structs.replace(query, since=page.next)
            if page.complete:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(min(left, LOOK_SECONDS)):
                        await woken.wait()


async def follow_changes(
    storage: Storage, call: Call, query: ChangesQuery, *, quiet_seconds: float
) -> AsyncIterator[ChangesPage]:
    """All changes behind a cursor and all that come, until the server stops; an empty page after so long without any.

    Raises AuditOff, CursorGone.
    """
    while not storage.change_signal.stopped:
        page = await wait_for_changes(storage, call, query, seconds=quiet_seconds)
        yield page
        query = msgspec.structs.replace(query, since=page.next)
