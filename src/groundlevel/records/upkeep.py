"""Does the long work that requests leave to the background.

Search texts are rebuilt; records and relations of what was deleted are removed. What is left is in the database, so
that a restart carries on with it, and any process may (decision 0028).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from enum import StrEnum
from typing import Any

from msgspec import Struct

from groundlevel.access import store as access_store
from groundlevel.associations import store as associations_store
from groundlevel.associations.relation_rules import purge_relations
from groundlevel.kernel.errors import ObjectNotFound
from groundlevel.kernel.model import Origin
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, UseCase, perform
from groundlevel.records.purging import purge_records
from groundlevel.schema import store as schema_store
from groundlevel.schema.reindexing import reindex_chunk, reindexed_percent

LOOK_SECONDS = 5.0
"""How often it is looked for work that another process has left."""
REST = 1.0
"""Half of the time belongs to others, who then wait for a slice now and again and never for two."""


class Kind(StrEnum):
    """What has to be done."""

    REINDEX = "reindex"
    PURGE_RECORDS = "purge records"
    PURGE_RELATIONS = "purge relations"


class Job(Struct, frozen=True, rename="camel"):
    """One piece of work that is left, large or small."""

    kind: Kind
    location_id: str
    subject: str | int
    """The key of the object whose texts are rebuilt; the number of what was deleted."""


class Progress(Struct, frozen=True):
    """A job, and how far it has come."""

    job: Job
    percent: int | None
    """None where it is not known how much there was."""


_SLICES: dict[Kind, UseCase[Any, bool]] = {
    Kind.REINDEX: reindex_chunk,
    Kind.PURGE_RECORDS: purge_records,
    Kind.PURGE_RELATIONS: purge_relations,
}
"""What does a slice of each kind; whether there may be more is seen from the jobs that are left."""


async def list_jobs(tx: Transaction) -> list[Job]:
    """All work that is left, in every location."""
    return [
        *(Job(Kind.REINDEX, *each) for each in await schema_store.list_unfinished_reindexing(tx)),
        *(Job(Kind.PURGE_RECORDS, *each) for each in await schema_store.list_deleted_objects(tx)),
        *(Job(Kind.PURGE_RELATIONS, *each) for each in await associations_store.list_deleted_associations(tx)),
    ]


async def list_progress(storage: Storage) -> list[Progress]:
    """All work that is left, with how far it has come."""
    return [Progress(job, await _percent_of(storage, job)) for job in await storage.read(None, list_jobs)]


async def count_jobs(storage: Storage) -> dict[str, float]:
    """How many jobs of each kind are left, as gauges for /metrics."""
    jobs = await storage.read(None, list_jobs)
    return {f"jobs_{kind.value.replace(' ', '_')}": sum(job.kind is kind for job in jobs) for kind in Kind}


async def carry_out(storage: Storage, *, rest: float = 0.0) -> None:
    """Does all that is left, a slice of each job in turn, so that a small one need not wait for a large one.

    After each slice it rests for `rest` times as long as that took. A job that fails is left where it stands, and what
    it raised is raised when the others are done.
    """
    failed: dict[Job, Exception] = {}
    while jobs := [job for job in await storage.read(None, list_jobs) if job not in failed]:
        for job in jobs:
            began = time.monotonic()
            try:
                await _do_slice(storage, job)
            except Exception as error:
                error.add_note(f"in long work: {job.kind.value} of {job.subject} in {job.location_id}")
                failed[job] = error
            await asyncio.sleep(rest * (time.monotonic() - began))
    if failed:
        raise next(iter(failed.values()))


async def keep_up(storage: Storage) -> None:
    """Does what is left and what requests add to it, until cancelled."""
    while True:
        storage.long_work.clear()
        await carry_out(storage, rest=REST)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await storage.long_work.wait()


async def _call_for(storage: Storage, job: Job) -> Call | None:
    """None when the location, and with it the job, was deleted since the jobs were listed."""
    location = await storage.read(None, lambda tx: access_store.find_location(tx, job.location_id))
    return None if location is None else Call(location, Origin("", "", ""), storage.ids)


async def _percent_of(storage: Storage, job: Job) -> int | None:
    if job.kind is not Kind.REINDEX:
        return None
    call = await _call_for(storage, job)
    with contextlib.suppress(ObjectNotFound):
        return None if call is None else await perform(storage, call, reindexed_percent, str(job.subject))
    return None


async def _do_slice(storage: Storage, job: Job) -> None:
    call = await _call_for(storage, job)
    # An object that was deleted since the jobs were listed is another job by now.
    with contextlib.suppress(ObjectNotFound):
        if call is not None:
            await perform(storage, call, _SLICES[job.kind], job.subject)
