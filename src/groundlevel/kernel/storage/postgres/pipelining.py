"""Gathers the statements of a transaction whose answers nobody waits for, so that PostgreSQL gets them in one message.

A round trip costs more than most statements: decision 13.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from groundlevel.kernel.storage.connection import Connection, Row
from groundlevel.kernel.storage.records import NewRow
from groundlevel.kernel.storage.statements import statements

Statement: TypeAlias = tuple[str, tuple[object, ...]]
"""One to run, and its arguments."""
ObjectVersion: TypeAlias = tuple[int, int]
"""An object's number and the schema version that records were made for."""
Adding: TypeAlias = Callable[[ObjectVersion, Sequence[NewRow]], Iterable[Statement]]
"""Makes the statements that add records of an object at once."""

LITERALS = {"standard_conforming_strings": "on"}
"""What a connection must be set to for `spelled`: texts hold what stands between their quotes, backslashes too."""
MAX_STATEMENT = 64
"""Most elements of an array, and rows of `run_many`, that are spelled. Longer ones are cheaper as the driver's own."""
MAX_BYTES = 1 << 18
"""Most characters of the arguments of a spelled statement."""
MAX_STATEMENTS = 64
"""Most statements of a message."""
_NAMES = {sql: name for name, sql in statements("postgres").items()}
_CLAIM = statements("postgres")["claim_unique"]


class PipeliningConnection(Connection):
    """The connection of a transaction that writes, for one use case or for several that share it.

    What has to be answered is asked at once, behind everything gathered before it; the rest goes with COMMIT. A
    statement may therefore fail later than where it was run, but always before anything is kept.

    New records are held back a little longer, so that those of several use cases are added with one statement. Nobody
    can ask for them before: their ids are not yet known to anyone. Any question that might still see them, all but
    claims of unique values, adds them first.
    """

    def __init__(self, inner: Connection, begin: str, prepared: dict[str, bool]) -> None:
        self._inner = inner
        self._waiting = [begin]
        self._prepared = prepared
        """The statements of the connection that have been prepared by name; False for one whose preparing failed."""
        self.begun = False
        """Whether anything has been sent."""
        self._held: list[tuple[Adding, ObjectVersion, Sequence[NewRow]]] = []
        self.changed = False
        """Whether the use case at hand has changed anything that outlives its refusal."""

    async def rows(self, sql: str, *args: object) -> list[Row]:
        await self._before(sql)
        return await self._inner.rows(sql, *args)

    async def row(self, sql: str, *args: object) -> Row | None:
        await self._before(sql)
        return await self._inner.row(sql, *args)

    async def run(self, sql: str, *args: object) -> None:
        self.changed = True
        await self.settle()
        await self._gather(sql, args)

    async def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        self.changed = True
        await self.settle()
        listed = list(rows)
        if len(listed) <= MAX_STATEMENT:
            for row in listed:
                await self._gather(sql, row)
            return
        await self._send()
        await self._inner.run_many(sql, listed)

    async def script(self, sql: str) -> None:
        self.changed = True
        await self.settle()
        await self._send()
        await self._inner.script(sql)

    def buffer(self, adding: Adding, object_version: ObjectVersion, rows: Sequence[NewRow]) -> None:
        """Has records added when it is time."""
        self.changed = True
        self._held.append((adding, object_version, rows))

    async def settle(self) -> None:
        """Gathers the adding of the records held back, an object at a time. Raises StaleSchemaError if that is sent."""
        if not self._held:
            return
        groups: dict[ObjectVersion, list[NewRow]] = {}
        for _, object_version, rows in self._held:
            groups.setdefault(object_version, []).extend(rows)
        adding = self._held[0][0]
        self._held.clear()
        for object_version, rows in groups.items():
            for sql, args in adding(object_version, rows):
                await self._gather(sql, args)

    async def commit(self, news: str | None) -> None:
        """Sends what was gathered, the news for other processes (a statement) and COMMIT, unless nothing was done.

        Raises StaleSchemaError.
        """
        if news is not None:
            self._waiting.append(news)
        if self.begun or len(self._waiting) > 1:
            self._waiting.append("COMMIT")
            await self._send()

    async def _before(self, sql: str) -> None:
        if sql != _CLAIM:
            await self.settle()
        await self._send()
        if not sql.startswith("SELECT"):
            self.changed = True

    async def _gather(self, sql: str, args: Sequence[object]) -> None:
        name = _NAMES.get(sql)
        text = None if name is None or self._prepared.get(name) is False else encode_literals(args)
        if name is None or text is None:
            await self._send()
            await self._inner.run(sql, *args)
            return
        if name not in self._prepared:
            self._prepared[name] = False
            await self._inner.script(f"PREPARE {name} AS {sql}")
            self._prepared[name] = True
        self._waiting.append(f"EXECUTE {name}{text}")
        if len(self._waiting) >= MAX_STATEMENTS:
            await self._send()

    async def _send(self) -> None:
        if self._waiting:
            message = "; ".join(self._waiting)
            self._waiting.clear()
            self.begun = True
            await self._inner.script(message)


def encode_literals(args: Sequence[object]) -> str | None:
    """Arguments as EXECUTE takes them; None where they are better left to the driver: long ones, and odd ones.

    Each is a literal that PostgreSQL reads as whatever the statement expects there. A quote inside is doubled.
    """
    texts = []
    size = 0
    for arg in args:
        if arg is None:
            texts.append("NULL")
            continue
        if isinstance(arg, list):
            text = "{" + ",".join(map(_element, arg)) + "}" if len(arg) <= MAX_STATEMENT else None
        else:
            text = _scalar(arg)
        if text is None or "\0" in text:
            return None
        size += len(text)
        if size > MAX_BYTES:
            return None
        texts.append("'" + text.replace("'", "''") + "'")
    return f" ({', '.join(texts)})" if texts else ""


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
        # An odd value has the driver take the whole: no spelled text holds a NUL.
        return "NULL" if value is None else "\0"
    return text if isinstance(value, int | float) else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
