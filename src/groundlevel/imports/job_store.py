"""Stores imports through the API, their files and the tables of their refused rows."""

from __future__ import annotations

from enum import StrEnum

import msgspec
from msgspec import Struct

from groundlevel.imports.job_model import Choices, ImportJob, Outcome, State, Step
from groundlevel.kernel.codec import encode_text
from groundlevel.kernel.model import Origin
from groundlevel.kernel.storage.connection import Row
from groundlevel.kernel.storage.transaction import Transaction

LISTED = 100
"""Imports that a list shows."""
_decode_choices = msgspec.json.Decoder(Choices).decode
_decode_outcome = msgspec.json.Decoder(Outcome).decode


class Part(StrEnum):
    """What is kept in pieces."""

    FILE = "file"
    REFUSED = "refused"


class Lease(Struct, frozen=True):
    """Who works at an import, and until when without a sign of life."""

    import_id: str
    holder: str
    until: int


async def insert_import(tx: Transaction, job: ImportJob) -> None:
    """Stores a new import."""
    await tx.connection.run(
        tx.sql["insert_import_job"],
        tx.loc,
        job.id,
        job.object_key,
        job.name,
        job.step.value,
        job.state.value,
        encode_text(job.choices),
        encode_text(job.outcome),
        job.origin.channel,
        job.origin.source,
        job.origin.source_id,
        job.created_at,
    )


async def find_import(tx: Transaction, import_id: str) -> ImportJob | None:
    """An import of the location, or None."""
    row = await tx.connection.row(tx.sql["find_import_job"], tx.loc, import_id)
    return None if row is None else _job_of(row)


async def list_imports(tx: Transaction) -> list[ImportJob]:
    """The imports of the location, the newest first, up to LISTED."""
    return [_job_of(row) for row in await tx.connection.rows(tx.sql["list_import_jobs"], tx.loc, LISTED)]


async def queue_import(tx: Transaction, job: ImportJob) -> bool:
    """Stores what is to be done next; False while somebody is at work."""
    row = await tx.connection.row(
        tx.sql["queue_import_job"],
        tx.loc,
        job.id,
        job.step.value,
        job.state.value,
        encode_text(job.choices),
        encode_text(job.outcome),
        job.bytes,
        tx.ids.now(),
        State.RUNNING.value,
    )
    return row is not None


async def list_due_imports(tx: Transaction) -> list[tuple[str, str]]:
    """Location id and id of every import at which somebody has to work, the longest waiting first."""
    states = (State.WAITING.value, State.RUNNING.value)
    rows = await tx.connection.rows(tx.sql["list_due_import_jobs"], *states, tx.ids.now())
    return [(row[0], row[1]) for row in rows]


async def take_import(tx: Transaction, lease: Lease) -> bool:
    """Takes an import that waits, or whose worker is gone; False when somebody else was faster."""
    row = await tx.connection.row(
        tx.sql["take_import_job"],
        tx.loc,
        lease.import_id,
        State.RUNNING.value,
        lease.holder,
        lease.until,
        tx.ids.now(),
        State.WAITING.value,
    )
    return row is not None


async def note_import(tx: Transaction, lease: Lease, outcome: Outcome) -> bool:
    """Notes how far an import is; False when it is no longer held: cancelled, deleted or taken by another."""
    row = await tx.connection.row(
        tx.sql["note_import_job"],
        tx.loc,
        lease.import_id,
        State.RUNNING.value,
        lease.holder,
        lease.until,
        encode_text(outcome),
        tx.ids.now(),
    )
    return row is not None


async def finish_import(tx: Transaction, lease: Lease, outcome: Outcome, state: State) -> bool:
    """Notes the end of a step; False as in `note_import`."""
    row = await tx.connection.row(
        tx.sql["finish_import_job"],
        tx.loc,
        lease.import_id,
        State.RUNNING.value,
        lease.holder,
        state.value,
        encode_text(outcome),
        tx.ids.now(),
    )
    return row is not None


async def delete_import(tx: Transaction, import_id: str) -> bool:
    """Deletes an import with its file; whether there was one."""
    for kind in Part:
        await delete_parts(tx, import_id, kind)
    return await tx.connection.row(tx.sql["delete_import_job"], tx.loc, import_id) is not None


async def delete_old_imports(tx: Transaction, before: int) -> None:
    """Deletes what has not changed since then."""
    for (import_id,) in await tx.connection.rows(tx.sql["list_old_import_jobs"], tx.loc, before):
        await delete_import(tx, import_id)


async def insert_part(tx: Transaction, import_id: str, kind: Part, *, number: int, content: bytes) -> None:
    """Stores one piece; the first has number 1."""
    await tx.connection.run(tx.sql["insert_import_part"], tx.loc, import_id, kind.value, number, content)


async def find_part(tx: Transaction, import_id: str, kind: Part, number: int) -> bytes | None:
    """One piece, or None behind the last."""
    row = await tx.connection.row(tx.sql["find_import_part"], tx.loc, import_id, kind.value, number)
    return None if row is None else bytes(row[0])


async def delete_parts(tx: Transaction, import_id: str, kind: Part) -> None:
    """Deletes all pieces of a kind."""
    await tx.connection.run(tx.sql["delete_import_parts"], tx.loc, import_id, kind.value)


def _job_of(row: Row) -> ImportJob:
    return ImportJob(
        id=row[0],
        object_key=row[1],
        name=row[2],
        bytes=row[3],
        step=Step(row[4]),
        state=State(row[5]),
        choices=_decode_choices(row[6]),
        outcome=_decode_outcome(row[7]),
        origin=Origin(row[8], row[9], row[10]),
        created_at=row[11],
        changed_at=row[12],
    )
