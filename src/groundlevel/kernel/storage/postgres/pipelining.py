"""Pipelines statements of a transaction whose results are not waited for: PostgreSQL gets them in one message.

A round trip costs more than most statements: decision 13.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from groundlevel.kernel.storage.connection import Connection, Row
from groundlevel.kernel.storage.records import NewRow
from groundlevel.kernel.storage.statements import Statement

BoundStatement: TypeAlias = tuple[Statement, tuple[object, ...]]
"""A statement and its arguments."""
ObjectVersion: TypeAlias = tuple[int, int]
"""An object's number and the schema version that records were made for."""
Insert: TypeAlias = Callable[[ObjectVersion, Sequence[NewRow]], Iterable[BoundStatement]]
"""Makes the statements that insert records of an object at once."""

LITERALS = {"standard_conforming_strings": "on"}
"""What a connection must be set to for `encode_literals`: a backslash in a text is a backslash."""
PREPARED: WeakKeyDictionary[Any, dict[str, bool]] = WeakKeyDictionary()
"""What each connection of the driver has prepared by name; False for what could not be."""
MAX_ARRAY = 64
"""Most elements of an array, and rows of `run_many`, that are sent as literals. The driver sends more at less cost."""
MAX_BYTES = 1 << 18
"""Most characters of the arguments of a statement that are sent as literals."""
MAX_STATEMENTS = 64
"""Most statements of a message."""


class PipeliningConnection(Connection):
    """The connection of a transaction that writes, for one use case or for several that share it.

    A statement with a result is sent at once, after everything pipelined before it; the rest goes with COMMIT. A
    statement may therefore fail later than where it was run, but always before anything is durable.

    Inserts of records are buffered a little longer, so that those of several use cases become one statement. No
    client can ask for the records before: it does not know their ids. Any statement that might see or change them
    flushes them first.
    """

    def __init__(self, inner: Connection, begin: str, prepared: dict[str, bool] | None) -> None:
        self._inner = inner
        self._pending = [begin]
        self._prepared = prepared
        """The statements of the connection that have been prepared by name; False for one that could not be. None where
        no name lasts: then each statement is sent by itself."""
        self.begun = False
        """Whether anything has been sent."""
        self._inserts: list[tuple[Insert, ObjectVersion, Sequence[NewRow]]] = []
        self.changed_objects: set[int] = set()
        """The objects of which records were updated; noted last, so that no writer waits for another's."""
        self.changed = False
        """Whether the current use case has changed anything that outlives its refusal."""

    async def rows(self, statement: Statement, *args: object) -> list[Row]:
        await self._prepare_for(statement)
        await self._send()
        return await self._inner.rows(statement, *args)

    async def row(self, statement: Statement, *args: object) -> Row | None:
        await self._prepare_for(statement)
        await self._send()
        return await self._inner.row(statement, *args)

    async def run(self, statement: Statement, *args: object) -> None:
        await self._prepare_for(statement)
        await self._append(statement, args)

    async def run_many(self, statement: Statement, rows: Iterable[Sequence[object]]) -> None:
        await self._prepare_for(statement)
        listed = list(rows)
        if len(listed) <= MAX_ARRAY:
            for row in listed:
                await self._append(statement, row)
            return
        await self._send()
        await self._inner.run_many(statement, listed)

    async def script(self, sql: str) -> None:
        self.changed = True
        await self.flush_inserts()
        await self._send()
        await self._inner.script(sql)

    def buffer_insert(self, insert: Insert, object_version: ObjectVersion, rows: Sequence[NewRow]) -> None:
        """Inserts records with the next statement that might see them, or with COMMIT."""
        self.changed = True
        self._inserts.append((insert, object_version, rows))

    async def flush_inserts(self) -> None:
        """Pipelines the inserts that were buffered, one for each object. Raises StaleSchemaError if they are sent."""
        if not self._inserts:
            return
        groups: dict[ObjectVersion, list[NewRow]] = {}
        for _, object_version, rows in self._inserts:
            groups.setdefault(object_version, []).extend(rows)
        insert = self._inserts[0][0]
        self._inserts.clear()
        for object_version, rows in groups.items():
            for statement, args in insert(object_version, rows):
                await self._append(statement, args)

    async def commit(self, notices: Sequence[str]) -> None:
        """Sends what was pipelined, the notices for other processes (statements) and COMMIT, unless nothing was done.

        Raises StaleSchemaError.
        """
        self._pending.extend(notices)
        if self.begun or len(self._pending) > 1:
            self._pending.append("COMMIT")
            await self._send()

    async def _prepare_for(self, statement: Statement) -> None:
        if not statement.overtakes:
            await self.flush_inserts()
        if statement.writes:
            self.changed = True

    async def _append(self, statement: Statement, args: Sequence[object]) -> None:
        name = statement.name
        prepared = self._prepared
        text = None if prepared is None or not name or prepared.get(name) is False else encode_literals(args)
        if prepared is None or text is None:
            await self._send()
            await self._inner.run(statement, *args)
            return
        if name not in prepared:
            prepared[name] = False
            await self._inner.script(f"PREPARE {name} AS {statement.sql}")
            prepared[name] = True
        self._pending.append(f"EXECUTE {name}{text}")
        if len(self._pending) >= MAX_STATEMENTS:
            await self._send()

    async def _send(self) -> None:
        if self._pending:
            message = "; ".join(self._pending)
            self._pending.clear()
            self.begun = True
            await self._inner.script(message)


def encode_literals(args: Sequence[object]) -> str | None:
    """Arguments as EXECUTE takes them; None where the driver does better: long arrays, and values of other types.

    Each is a literal that PostgreSQL reads as whatever the statement expects there. A quote inside is doubled.
    """
    texts = []
    size = 0
    for arg in args:
        if arg is None:
            texts.append("NULL")
            continue
        if isinstance(arg, list):
            text = "{" + ",".join(map(_element, arg)) + "}" if len(arg) <= MAX_ARRAY else None
        else:
            text = _scalar(arg)
        if text is None or "\0" in text:
            return None
        size += len(text)
        if size > MAX_BYTES:
            return None
        texts.append(quote(text))
    return f" ({', '.join(texts)})" if texts else ""


def quote(text: str) -> str:
    """The text as a literal, on a connection that is set to LITERALS."""
    return "'" + text.replace("'", "''") + "'"


def _scalar(value: object) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    return repr(value) if isinstance(value, int | float) else None


def _element(value: object) -> str:
    """An element of an array; texts stand in double quotes, with backslashes before what is special there."""
    text = _scalar(value)
    if text is None:
        # Leaves the whole to the driver: no literal holds a NUL.
        return "NULL" if value is None else "\0"
    return text if isinstance(value, int | float) else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
