"""Imports through the API: a file is kept, read, checked and written in the background, step by step."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence

import msgspec
from msgspec import Struct

from groundlevel.imports import job_store as store
from groundlevel.imports.cells import DateForm
from groundlevel.imports.errors import ImportBusy, ImportNotFound, ImportNotReady
from groundlevel.imports.files import KINDS
from groundlevel.imports.job_model import Choices, ImportJob, Outcome, State, Step
from groundlevel.imports.job_store import Part
from groundlevel.imports.mapping import TYPES_TO_CHOOSE
from groundlevel.kernel.errors import BadRequest, InvalidShape
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, perform, reading, writing

KEPT_MS = 7 * 86_400_000
"""How long an import is kept that nobody touches."""
PART_BYTES = 262_144
"""Bytes of one piece of a file."""
_LONGEST_NAME = 200


class NewImport(Struct, frozen=True):
    """A file to be imported."""

    object_key: str
    name: str
    choices: Choices


class Start(Struct, frozen=True):
    """A step to be done with a file that was read."""

    import_id: str
    step: Step
    choices: Choices


class _Piece(Struct, frozen=True):
    import_id: str
    number: int
    content: bytes


async def upload_file(storage: Storage, call: Call, new: NewImport, parts: AsyncIterator[bytes]) -> ImportJob:
    """Keeps a file, which then waits to be read. What was kept of one that does not arrive whole is deleted.

    Raises InvalidShape for a name that is none of a file of rows, and what `parts` raises.
    """
    job = await perform(storage, call, insert_import, new)
    size = number = 0
    held = bytearray()
    try:
        async for part in parts:
            held += part
            while len(held) >= PART_BYTES:
                number, size = number + 1, size + PART_BYTES
                await perform(storage, call, _insert_piece, _Piece(job.id, number, bytes(held[:PART_BYTES])))
                del held[:PART_BYTES]
        if held:
            await perform(storage, call, _insert_piece, _Piece(job.id, number + 1, bytes(held)))
    except BaseException:
        await perform(storage, call, delete_import, job.id)
        raise
    arrived = msgspec.structs.replace(job, bytes=size + len(held), state=State.WAITING)
    return await perform(storage, call, _queue, arrived)


@writing
async def insert_import(tx: Transaction, call: Call, new: NewImport) -> ImportJob:
    """A new import whose file is on its way; what nobody has touched for KEPT_MS is deleted. Raises InvalidShape."""
    name = new.name.replace("\\", "/").rpartition("/")[2].strip()[-_LONGEST_NAME:]
    suffix = f".{name.rpartition('.')[2].lower()}"
    if suffix not in KINDS or not name.rpartition(".")[0] or not name.isprintable():
        raise InvalidShape([f"name must end in one of {', '.join(KINDS)}"])
    now = call.ids.now()
    await store.delete_old_imports(tx, now - KEPT_MS)
    job = ImportJob(
        id=call.ids.uuid(),
        object_key=new.object_key,
        name=name,
        bytes=0,
        step=Step.READ,
        state=State.ARRIVING,
        choices=new.choices,
        outcome=Outcome(),
        origin=call.origin,
        created_at=now,
        changed_at=now,
    )
    await store.insert_import(tx, job)
    return job


@writing
async def _insert_piece(tx: Transaction, call: Call, piece: _Piece) -> None:
    await store.insert_part(tx, piece.import_id, Part.FILE, number=piece.number, content=piece.content)


@writing
async def _queue(tx: Transaction, call: Call, job: ImportJob) -> ImportJob:
    if not await store.queue_import(tx, job):
        raise ImportBusy
    return job


@writing
async def start_step(tx: Transaction, call: Call, start: Start) -> ImportJob:
    """Asks for a file to be checked or written. Raises ImportNotFound, ImportNotReady, ImportBusy, BadRequest."""
    job = await get_import(tx, call, start.import_id)
    _check_choices(job, start.choices)
    written = job.outcome.summary.rows
    if job.step is Step.WRITE and (job.state is not State.FAILED or (written and start.step is not Step.WRITE)):
        raise ImportNotReady("The rows of this file are written already")
    if not job.outcome.columns or (job.step is Step.READ and job.state is not State.DONE):
        raise ImportNotReady
    choices = msgspec.structs.replace(start.choices, encoding=job.choices.encoding, header=job.choices.header)
    carries_on = job.step is start.step is Step.WRITE
    if not carries_on:
        await store.delete_parts(tx, job.id, Part.REFUSED)
    before = job.outcome
    outcome = Outcome(columns=before.columns, exists=before.exists, warnings=before.warnings)
    queued = msgspec.structs.replace(
        job,
        step=start.step,
        state=State.WAITING,
        choices=choices,
        outcome=msgspec.structs.replace(before, problem="", hint="") if carries_on else outcome,
    )
    return await _queue(tx, call, queued)


def _check_choices(job: ImportJob, choices: Choices) -> None:
    """Raises BadRequest."""
    names = [column.name for column in choices.columns]
    known = {column.name for column in job.outcome.columns}
    if unknown := sorted(set(names) - known):
        raise BadRequest(f"The file has no column {unknown[0][:100]}", hint=f"The columns: {', '.join(sorted(known))}.")
    if len(set(names)) < len(names):
        raise BadRequest("A column is named twice", hint="Name each column once.")
    filled = [column.key for column in choices.columns if column.key is not None]
    if twice := sorted({key for key in filled if filled.count(key) > 1}):
        raise BadRequest(f"Two columns fill {twice[0]}", hint="Leave out all but one of them: key null.")
    for column in choices.columns:
        if column.data_type is not None and column.data_type not in TYPES_TO_CHOOSE:
            raise BadRequest(
                f"{column.name[:100]}: a new field cannot be {column.data_type[:40]}",
                hint=f"One of {', '.join(TYPES_TO_CHOOSE)}.",
            )
    known_forms = [form.value for form in DateForm]
    if any(form not in known_forms for form in choices.dates):
        raise BadRequest("dates: there is no such form", hint=f"Some of {', '.join(known_forms)}.")


@reading
async def get_import(tx: Transaction, call: Call, import_id: str) -> ImportJob:
    """An import. Raises ImportNotFound."""
    found = await store.find_import(tx, import_id)
    if found is None:
        raise ImportNotFound(import_id)
    return found


@reading
async def list_imports(tx: Transaction, call: Call, request: None) -> Sequence[ImportJob]:
    """The last imports, the newest first."""
    return await store.list_imports(tx)


@writing
async def delete_import(tx: Transaction, call: Call, import_id: str) -> None:
    """Deletes an import with its file; what its rows have written stays. One that is at work stops with the chunk that
    it is at. Raises ImportNotFound."""
    if not await store.delete_import(tx, import_id):
        raise ImportNotFound(import_id)


async def parts_of(storage: Storage, call: Call, job: ImportJob, kind: Part) -> AsyncIterator[bytes]:
    """What is kept of an import, piece by piece."""
    for number in itertools.count(1):
        part = await perform(storage, call, _find_piece, (job.id, kind, number))
        if part is None:
            return
        yield part


@reading
async def _find_piece(tx: Transaction, call: Call, wanted: tuple[str, Part, int]) -> bytes | None:
    return await store.find_part(tx, *wanted)
