"""Writes the rows of a planned import chunk by chunk, and goes on with one that was cut off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from groundlevel.imports.error_file import ErrorFile
from groundlevel.imports.journal import FileSummary, Journal, RefusedHere, Summary
from groundlevel.imports.mapping import (
    Plan,
    converters,
)
from groundlevel.imports.reader import Progress, SheetRow
from groundlevel.imports.resumption import (
    OUTCOMES,
    Chunk,
    Position,
    RefusedRow,
    find_position,
    forget_import,
    import_id_of,
    write_chunk,
)
from groundlevel.kernel.errors import Refusal, StorageUnavailable
from groundlevel.kernel.fields.base import is_empty
from groundlevel.kernel.model import Json
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, perform, writing
from groundlevel.records.bulk import (
    SEVERAL,
    Draft,
    DryRun,
    NewRecords,
    Written,
    check_records,
    create_records,
)
from groundlevel.records.match_keys import MatchKeysAfter, list_match_keys_after

CHUNK = 1_000
"""Rows written in one transaction: enough to make its cost small, few enough to let other writers in between."""

_PAGE = 5_000


async def run_import(  # Parameters: what is imported, where, who watches, and whether it begins again
    storage: Storage,
    call: Call,
    plan: Plan,
    *,
    progress: Progress,
    restart: bool = False,
    journal: Journal | None = None,
) -> FileSummary:
    """Writes the rows of a file, or only checks them. What the plan lacks must have been created, unless it is dry.

    Each chunk of rows is written whole or not at all, and with it how far the import has come: one that was cut off
    goes on behind what it has written, unless it is to `restart`. Refused rows go to `<file>.errors.csv`. Where there
    is a journal, that has the refused rows, and knows how far the import has come.

    Raises SheetError, ImportUnderWay, and StorageUnavailable naming the line up to which rows are stored.
    """
    begun = _Run(storage, call, plan, restart=restart)
    if journal is not None:
        begun = _JournaledRun(storage, call, plan, journal)
    async with begun as run:
        columns = converters(plan)
        for number, row in enumerate(plan.sheet.rows(), 1):
            if number <= run.resumed:
                run.pass_over(row)
                continue
            run.summary.rows += 1
            if row.fault is not None:
                run.refuse(row, row.fault)
                continue
            values = row.values
            if not values:
                run.summary.skipped += 1
                continue
            try:
                found = {
                    key: value if convert is None else convert(value)
                    for index, key, convert in columns
                    # A cell is told at once; a value that is false may be one.
                    if (value := values[index]) != "" and not is_empty(value)
                }
            except Refusal as refusal:
                run.refuse(row, refusal)
                continue
            if not found and row.blank:
                run.summary.skipped += 1
                continue
            if plan.match is not None and plan.match not in found:
                run.refuse(row, run.no_match, plan.match)
                continue
            run.add(row, found)
            if run.is_full:
                await run.write()
                progress(plan.sheet.position)
        await run.finish()
        progress(plan.sheet.size)
    return run.summary


class _Run:
    """An import under way."""

    def __init__(self, storage: Storage, call: Call, plan: Plan, *, restart: bool) -> None:
        self.storage = storage
        self.call = call
        self.plan = plan
        self.summary = FileSummary()
        self.rows_at_once = CHUNK
        self.resumed = 0
        """Rows that have their outcome already."""
        self._restart = restart
        self._id = "" if plan.dry else import_id_of(plan)
        self._stored: str | None = None
        """The position as it is stored."""
        self._lost: dict[int, RefusedRow] = {}
        """The rows, by their lines, that were refused last before the import was cut off."""
        self._rows: list[SheetRow] = []
        self._properties: list[dict[str, Json]] = []
        self._refused: list[tuple[SheetRow, RefusedRow]] = []
        """Refused rows that the file of them does not have yet."""
        self._known: dict[str, str] | None = None
        self._draft = Draft(plan.schema, exists=plan.exists)
        self._stored_line = 0

    async def __aenter__(self) -> _Run:
        await self._find_known()
        await self._find_beginning()
        return self

    async def _find_known(self) -> None:
        """Reads which records there are, where those of the matched field do not say so themselves."""
        match = self.plan.match
        if match is not None and not self.plan.schema.fields[match].unique:
            self._known = {}
            # No record holds a value of a field that is still to be created, or has just been.
            if self.plan.exists and not any(column.key == match and column.new for column in self.plan.columns):
                await self._read_match_keys(match)

    async def _find_beginning(self) -> None:
        """Finds out how far the import has come already."""
        if not self.plan.dry:
            with self._saying_what_is_stored():
                if self._restart:
                    await perform(self.storage, self.call, forget_import, self._id)
                self._stored = await perform(self.storage, self.call, find_position, self._id)
        position = Position() if self._stored is None else msgspec.json.decode(self._stored, type=Position)
        self._errors = ErrorFile(self.plan, size=position.error_bytes)
        self._lost = {row.line: row for row in position.last_refused}
        self._stored_line, self.resumed = position.line, position.rows
        for outcome in OUTCOMES:
            setattr(self.summary, outcome, getattr(position, outcome))
        self.summary.rows = self.summary.resumed = position.rows

    async def __aexit__(self, *_: Any) -> None:
        self._errors.close()
        if self._errors.written:
            self.summary.errors_path = self._errors.path

    @property
    def no_match(self) -> str:
        """Why a row without a value in the matched column is refused."""
        name = next(column.name for column in self.plan.columns if column.key == self.plan.match)
        return f"{name}: the row has no value by which its record could be recognised"

    @property
    def is_full(self) -> bool:
        """Whether as many rows wait as are written at once."""
        return len(self._rows) + len(self._refused) >= self.rows_at_once

    async def _read_match_keys(self, match: str) -> None:
        """Reads which record holds which value, from the whole object."""
        known: dict[str, str] = {}
        after = ""
        while True:
            request = MatchKeysAfter(self.plan.object_key, match, after, _PAGE)
            pairs, after = await perform(self.storage, self.call, list_match_keys_after, request)
            for form, record_id in pairs:
                known[form] = SEVERAL if form in known else record_id
            if not after:
                break
        self._known = known

    def pass_over(self, row: SheetRow) -> None:
        """Leaves a row alone that has its outcome. Raises SheetError."""
        if lost := self._lost.get(row.line):
            self._errors.add(row, lost.field, lost.message)

    def add(self, row: SheetRow, properties: dict[str, Json]) -> None:
        """Adds a row to those that are written next."""
        self._rows.append(row)
        self._properties.append(properties)

    def refuse(self, row: SheetRow, reason: Refusal | str, field: str = "") -> None:
        """Counts a refused row."""
        self.summary.refused += 1
        self._refused.append((row, self._describe(row, reason, field)))

    def _describe(self, row: SheetRow, reason: Refusal | str, field: str = "") -> RefusedRow:
        if isinstance(reason, str):
            return RefusedRow(row.line, field, reason)
        return RefusedRow(row.line, self.plan.schema.short_key(reason.field_key), reason.message)

    async def finish(self) -> None:
        """Writes what is left. The import can be begun anew then. Raises what `write` raises."""
        if self._rows or self._refused:
            await self.write()
        self._count_lines()
        self._errors.sync()
        if self._stored is not None:
            await perform(self.storage, self.call, forget_import, self._id)

    def _count_lines(self) -> None:
        self.summary.lines = self.plan.sheet.lines
        self.summary.header_lines = self.plan.sheet.header_lines

    async def write(self) -> None:
        """Writes the rows that wait, or checks them, and counts the outcomes. Raises StorageUnavailable, SheetError."""
        rows, properties = self._rows, self._properties
        request = NewRecords(self.plan.object_key, properties, self.plan.match, self._known)
        with self._saying_what_is_stored():
            if self.plan.dry:
                written = await perform(self.storage, self.call, check_records, DryRun(request, self._draft))
            else:
                written = await self._write(request)
        self._stored_line = rows[-1].line if rows else self._stored_line
        if self._known is not None:
            self._known.update(written.fresh)
        self.summary.created += written.created
        self.summary.updated += written.updated
        self.summary.unchanged += written.unchanged
        for index, refusal in written.errors:
            self.refuse(rows[index], refusal)
        await self._hand_on(sorted(self._refused, key=lambda each: each[1].line))
        self._rows, self._properties, self._refused = [], [], []

    async def _hand_on(self, refused: Sequence[RefusedHere]) -> None:
        """Hands on the rows that were refused, in the order of their lines."""
        for row, why in refused:
            self._errors.add(row, why.field, why.message)

    @contextmanager
    def _saying_what_is_stored(self) -> Iterator[None]:
        try:
            yield
        except StorageUnavailable as problem:
            stored = "none of the rows are stored by this run"
            if self._stored_line:
                stored = f"the rows up to line {self._stored_line} are stored; the same command goes on behind them"
            raise StorageUnavailable(f"{problem.message}: {stored}", hint=problem.advice) from problem

    async def _write(self, request: NewRecords) -> Written:
        """Writes rows with the position behind them; those refused before are durable in their file by then."""
        after = Position(
            rows=self.summary.rows,
            line=self._rows[-1].line if self._rows else self._stored_line,
            error_bytes=self._errors.sync(),
            last_refused=tuple(refused for _, refused in self._refused),
            **{outcome: getattr(self.summary, outcome) for outcome in OUTCOMES},
        )
        chunk = Chunk(
            self._id, request, [row.line for row in self._rows], self.plan.schema, before=self._stored, after=after
        )
        done = await perform(self.storage, self.call, write_chunk, chunk)
        self._stored = done.stored
        return done.written


class _JournaledRun(_Run):
    """An import under way that a journal follows."""

    def __init__(self, storage: Storage, call: Call, plan: Plan, journal: Journal) -> None:
        super().__init__(storage, call, plan, restart=False)
        self._journal = journal
        self.rows_at_once = journal.rows_at_once
        self.summary = FileSummary(**asdict(journal.begun))
        self.resumed = self.summary.rows

    async def _find_beginning(self) -> None:
        """The journal knows."""

    async def __aexit__(self, *_: Any) -> None:
        """There is no file to be closed."""

    async def finish(self) -> None:
        if self._rows or self._refused:
            await self.write()
        self._count_lines()
        await self._journal.report(self.summary, ())

    async def _hand_on(self, refused: Sequence[RefusedHere]) -> None:
        if self.plan.dry:
            await self._journal.report(self.summary, refused)

    async def _write(self, request: NewRecords) -> Written:
        return await perform(self.storage, self.call, _write_noted, _Noted(request, self, self._journal))

    def outcome(self, written: Written) -> tuple[Summary, list[RefusedHere]]:
        """What everything comes to with a chunk, and the rows of it that were refused."""
        summary = msgspec.structs.replace(
            self.summary,
            created=self.summary.created + written.created,
            updated=self.summary.updated + written.updated,
            unchanged=self.summary.unchanged + written.unchanged,
            refused=self.summary.refused + len(written.errors),
        )
        found = [(self._rows[index], self._describe(self._rows[index], refusal)) for index, refusal in written.errors]
        return summary, sorted((*self._refused, *found), key=lambda each: each[1].line)


class _Noted(Struct, frozen=True):
    """Rows to be written, and the journal that notes their outcome in the same transaction."""

    request: NewRecords
    run: _JournaledRun
    journal: Journal


@writing
async def _write_noted(tx: Transaction, call: Call, noted: _Noted) -> Written:
    written = Written(0, 0, 0, [], {})
    if noted.request.rows:
        written = await create_records(tx, call, noted.request)
    await noted.journal.note(tx, *noted.run.outcome(written))
    return written
