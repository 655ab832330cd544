"""Reads, checks and writes the files of imports in the background; what a crash cuts off, it carries on."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import io
import re
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from weakref import WeakKeyDictionary

import msgspec

from groundlevel.access import store as access_store
from groundlevel.imports import job_store as store
from groundlevel.imports.cells import Conventions, DateForm
from groundlevel.imports.error_file import RefusedTable
from groundlevel.imports.job_model import Complaint, FoundColumn, ImportJob, Outcome, State, Step
from groundlevel.imports.job_rules import parts_of
from groundlevel.imports.job_store import Lease, Part
from groundlevel.imports.journal import Journal, RefusedHere, Summary
from groundlevel.imports.mapping import ColumnChoices, Plan
from groundlevel.imports.reader import Reading
from groundlevel.imports.rules import Import, create_missing, plan_import
from groundlevel.imports.runs import run_import
from groundlevel.kernel.changes import IMPORT, Author
from groundlevel.kernel.errors import InputError, Refusal
from groundlevel.kernel.model import Json, Location
from groundlevel.kernel.observe import logger
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call

LOOK_SECONDS = 5.0
"""How often it is looked for what another process was asked for, or has left."""
LEASE_MS = 60_000
"""After how long without a sign of life an import is taken over."""
SIGN_SECONDS = LEASE_MS / 4000
"""How often the process that has an import gives a sign of life: some may be lost before the import is."""
ROWS_AT_ONCE = 250
"""Rows of a transaction: few enough to let the requests of others in between."""
_SHOWN = 100
"""Refused rows whose reason is shown with the import itself; the table has them all."""
_SAMPLES, _SAMPLE = 3, 60
"""Values that are shown of a column, and characters of each."""
_OPTION = re.compile(r"--([a-z][a-z-]*)")
_MEMBERS = {"create-object": "createMissing", "no-header": "header=false", "rename": "key", "skip": "key null"}
"""What messages of the importer call options, where the API calls them otherwise."""
_log = logger("imports")
_asked: WeakKeyDictionary[Storage, asyncio.Event] = WeakKeyDictionary()


class _LeaseLostError(Exception):
    """The import was deleted, or another process has taken it."""


def wake(storage: Storage) -> None:
    """Lets this process look for work at once."""
    _event_of(storage).set()


async def keep_importing(storage: Storage, settings: Settings) -> None:
    """Does what is asked for, until cancelled."""
    asked = _event_of(storage)
    while True:
        asked.clear()
        await carry_out_imports(storage, settings)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await asked.wait()


async def carry_out_imports(storage: Storage, settings: Settings) -> None:
    """Does all that waits, one import after the other."""
    while due := await storage.read(None, store.list_due_imports):
        for location_id, import_id in due:

            async def find(tx: Transaction, wanted: str = location_id) -> Location | None:
                return await access_store.find_location(tx, wanted)

            location = await storage.read(None, find)
            if location is not None:
                await _carry_out(storage, settings, location, import_id)


async def _carry_out(storage: Storage, settings: Settings, location: Location, import_id: str) -> None:
    lease = Lease(import_id, storage.ids.uuid(), storage.ids.now() + LEASE_MS)

    async def take(tx: Transaction) -> ImportJob | None:
        return await store.find_import(tx, import_id) if await store.take_import(tx, lease) else None

    job = await storage.write(location, take)
    if job is None:
        return
    call = Call(
        location,
        job.origin,
        storage.ids,
        strict=settings.profile == "live",
        limited=settings.limits == "live",
        author=Author(IMPORT, job.name, job.origin.source),
    )
    work = _Work(storage, call, job, lease)
    try:
        async with work.held():
            await work.do()
    except _LeaseLostError:
        _log.info("import stopped", importId=import_id)
    except (InputError, Refusal) as problem:
        await work.fail(problem)
    except Exception:
        _log.exception("import failed", importId=import_id)
        await work.fail(InputError("The import failed; the log of the server says why"))


class _Work(Journal):
    """One step of one import, held by this process."""

    rows_at_once = ROWS_AT_ONCE

    def __init__(self, storage: Storage, call: Call, job: ImportJob, lease: Lease) -> None:
        self.storage = storage
        self.call = call
        self.job = job
        self.outcome = job.outcome
        self.begun = job.outcome.summary
        self._lease = lease
        self._began = time.monotonic()
        self._before = job.outcome.milliseconds
        self._table: RefusedTable | None = None
        self._position = 0
        self._path = Path(job.name)

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Gives a sign of life now and again; whether the import is still there is seen with the next chunk."""
        beat = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            beat.cancel()
            await asyncio.gather(beat, return_exceptions=True)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(SIGN_SECONDS)
            try:
                await self._sign_of_life()
            except Refusal as refusal:
                # The next one may reach the database again; until then the lease lasts.
                _log.warning("sign of life refused", importId=self.job.id, problem=refusal.message)

    async def do(self) -> None:
        """Does the step. Raises InputError, Refusal, _LeaseLostError."""
        with tempfile.TemporaryDirectory(prefix="groundlevel-import-") as directory:
            self._path = Path(directory) / self.job.name
            with self._path.open("wb") as file:
                async for part in parts_of(self.storage, self.call, self.job, Part.FILE):
                    file.write(part)
            await self._do(self._path)

    async def _do(self, path: Path) -> None:
        job, choices = self.job, self.job.choices
        dry = job.step is not Step.WRITE
        request = _import_of(job, path, create=choices.create or job.step is Step.READ, dry=dry)
        plan = await plan_import(self.storage, self.call, request=request, progress=self._progress)
        self._table = RefusedTable(plan)
        self._change(warnings=tuple(plan.sheet.warnings), exists=plan.exists)
        if job.step is Step.READ:
            self._change(columns=await asyncio.to_thread(_columns_of, plan))
        else:
            if not dry:
                await create_missing(self.storage, self.call, plan)
            await run_import(self.storage, self.call, plan, progress=self._progress, journal=self)
        self._change(position=job.bytes)
        await self._finish(State.DONE)

    async def note(self, tx: Transaction, summary: Summary, refused: Sequence[RefusedHere]) -> None:
        outcome = await self._keep(tx, summary, refused)
        if not await store.note_import(tx, self._renewed(), outcome):
            raise _LeaseLostError

    async def report(self, summary: Summary, refused: Sequence[RefusedHere]) -> None:
        async def work(tx: Transaction) -> Outcome:
            outcome = await self._keep(tx, summary, refused)
            if not await store.note_import(tx, self._renewed(), outcome):
                raise _LeaseLostError
            return outcome

        self.outcome = await self.storage.write(self.call.location, work)

    async def _keep(self, tx: Transaction, summary: Summary, refused: Sequence[RefusedHere]) -> Outcome:
        """Keeps rows that were refused, and what that makes of the outcome; nothing of this object changes."""
        found = await store.find_import(tx, self.job.id)
        before = self.outcome if found is None else found.outcome
        parts, complaints = before.refused_parts, list(before.complaints)
        if refused:
            assert self._table is not None  # there is a plan before there are rows
            text = io.StringIO(newline="")
            sheet = csv.writer(text)
            if not parts:
                sheet.writerow(self._table.header)
            sheet.writerows(self._table.cells(row, why.field, why.message) for row, why in refused)
            parts += 1
            await store.insert_part(tx, self.job.id, Part.REFUSED, number=parts, content=text.getvalue().encode())
            complaints += [Complaint(why.line, why.field, why.message) for _, why in refused]
        return msgspec.structs.replace(
            self.outcome,
            summary=summary,
            position=self._position,
            complaints=tuple(complaints[:_SHOWN]),
            refused_parts=parts,
            milliseconds=self._before + round((time.monotonic() - self._began) * 1000),
        )

    async def fail(self, problem: InputError | Refusal) -> None:
        """Notes why the step failed."""
        message = problem.message if isinstance(problem, Refusal) else str(problem)
        # Here the file lies in a directory of this process, and what a command calls an option is a member of a body.
        message = message.replace(str(self._path), self.job.name)
        words = [_as_members(text) for text in (message, problem.advice or "")]
        with contextlib.suppress(_LeaseLostError):
            await self._finish(State.FAILED, problem=words[0], hint=words[1])

    async def _finish(self, state: State, **members: str) -> None:
        async def work(tx: Transaction) -> bool:
            found = await store.find_import(tx, self.job.id)
            if found is None:
                return False
            # What the chunks have noted stands in the database alone.
            outcome = msgspec.structs.replace(
                found.outcome,
                columns=self.outcome.columns,
                warnings=self.outcome.warnings,
                exists=self.outcome.exists,
                **members,
                position=self.outcome.position,
                milliseconds=self._before + round((time.monotonic() - self._began) * 1000),
            )
            if state is State.DONE and self.job.step is Step.WRITE:
                await store.delete_parts(tx, self.job.id, Part.FILE)
            return await store.finish_import(tx, self._lease, outcome, state)

        if not await self.storage.write(self.call.location, work):
            raise _LeaseLostError

    async def _sign_of_life(self) -> None:
        async def work(tx: Transaction) -> None:
            found = await store.find_import(tx, self.job.id)
            if found is not None:
                await store.note_import(tx, self._renewed(), found.outcome)

        await self.storage.write(self.call.location, work)

    def _renewed(self) -> Lease:
        return msgspec.structs.replace(self._lease, until=self.storage.ids.now() + LEASE_MS)

    def _progress(self, position: int) -> None:
        self._position = position

    def _change(self, **members: object) -> None:
        self.outcome = msgspec.structs.replace(self.outcome, **members)


def _import_of(job: ImportJob, path: Path, *, create: bool, dry: bool) -> Import:
    """What the importer is asked for."""
    choices = job.choices
    left_out = tuple(column.name for column in choices.columns if column.key is None)
    return Import(
        path=path,
        object_key=job.object_key,
        create=create,
        match=choices.match,
        dry=dry,
        reading=Reading(encoding=choices.encoding, header=choices.header),
        conventions=Conventions(country=choices.country, dates=tuple(DateForm(form) for form in choices.dates)),
        choices=ColumnChoices(
            skip=left_out,
            rename=tuple(f"{column.name}={column.key}" for column in choices.columns if column.key is not None),
            types=tuple(f"{column.name}={column.data_type}" for column in choices.columns if column.data_type),
        ),
    )


def _columns_of(plan: Plan) -> tuple[FoundColumn, ...]:
    """Every column of the file in its order, with a few of its values."""
    samples: list[list[str]] = [[] for _ in plan.sheet.columns]
    for row in islice(plan.sheet.rows(), 200):
        for index, value in enumerate(row.values[: len(samples)] if row.fault is None else ()):
            text = _text_of(value)
            if text and len(samples[index]) < _SAMPLES and text not in samples[index]:
                samples[index].append(text)
    filled = {column.index: column for column in plan.columns}
    reasons = {skipped.name: skipped.reason for skipped in plan.skipped}
    found = []
    for index, name in enumerate(plan.sheet.columns):
        shown = tuple(samples[index])
        column = filled.get(index)
        if column is None:
            found.append(FoundColumn(name, "", "", False, False, reasons.get(name, ""), shown))
            continue
        primary, kind = column.key == plan.primary, column.data_type.value
        found.append(FoundColumn(name, column.key, kind, column.new, primary, column.reason, shown))
    return tuple(found)


def _as_members(text: str) -> str:
    return _OPTION.sub(lambda found: _MEMBERS.get(found[1], found[1]), text)


def _text_of(value: Json) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= _SAMPLE else text[: _SAMPLE - 1] + "…"


def _event_of(storage: Storage) -> asyncio.Event:
    return _asked.setdefault(storage, asyncio.Event())
