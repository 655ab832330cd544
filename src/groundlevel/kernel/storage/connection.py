"""What a transaction runs its statements on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Coroutine, Iterable, Sequence
from itertools import accumulate, islice
from operator import itemgetter
from typing import Any, TypeVar

from groundlevel.kernel.errors import LimitExceeded, Refusal
from groundlevel.kernel.storage.statements import Statement

T = TypeVar("T")
Row = Sequence[Any]
MAX_PAGE_TEXT = 8_388_608
"""Most characters of stored properties in one page of records; a single record may have more (decision 0045)."""
USUAL_PAGE = 20
"""Rows of a page up to which an engine reads them in one step."""
_text_of = itemgetter(-1)


ATTEMPTS = 5
"""How often work is run at most, where it meets what another transaction has committed in the meantime."""


class RunAgainError(Exception):
    """The work met what another transaction has committed in the meantime. The engine runs it again from the start."""

    def __init__(self, refusal: Refusal | None = None) -> None:
        self.refusal = refusal
        """What the work is refused with when running it again does not help."""
        super().__init__()


class StaleSchemaError(RunAgainError):
    """The cached schema is older than the database's. The engine forgets it and runs the work again."""


class AwaitedElsewhereError(RuntimeError):
    """The work of a transaction awaited something other than its transaction."""


class Connection(ABC):
    """One connection to a database, inside a transaction. Statements use $1, $2, … on every engine."""

    @abstractmethod
    async def rows(self, statement: Statement, *args: object) -> list[Row]:
        """All rows of a query, or of a statement with RETURNING."""

    async def rows_by_id(self, statement: Statement, ids: Sequence[bytes], *args: object) -> list[Row]:
        """All rows of a query about the things with these ids, which are its first argument and its first column.

        The rows of one thing come in their order. An engine may answer several such questions with one statement.
        """
        return await self.rows(statement, ids, *args)

    async def page(self, statement: Statement, *args: object, limit: int) -> list[Row]:
        """As `rows`, of up to `limit` records whose last column is the text of their properties.

        Raises LimitExceeded when that comes to more than MAX_PAGE_TEXT; an engine then reads little more than that.
        """
        return weigh(await self.rows(statement, *args), limit)

    @abstractmethod
    async def row(self, statement: Statement, *args: object) -> Row | None:
        """The first row, or None."""

    @abstractmethod
    async def run(self, statement: Statement, *args: object) -> None:
        """Runs a statement for its effect."""

    @abstractmethod
    async def run_many(self, statement: Statement, rows: Iterable[Sequence[object]]) -> None:
        """Runs a statement once for each row of arguments."""

    @abstractmethod
    async def script(self, sql: str) -> None:
        """Runs several statements without arguments."""


def weigh(rows: Iterable[Row], limit: int) -> list[Row]:
    """The rows of a page of up to `limit` records. Raises LimitExceeded when they are too much together.

    A usual page is read in one step, and no row more once there is too much.
    """
    unread = iter(rows)
    page = list(islice(unread, USUAL_PAGE))
    size = sum(map(len, map(_text_of, page)))
    while size <= MAX_PAGE_TEXT and (row := next(unread, None)) is not None:
        size += len(row[-1])
        page.append(row)
    if size > MAX_PAGE_TEXT and len(page) > 1:
        fitting = sum(each <= MAX_PAGE_TEXT for each in accumulate(len(row[-1]) for row in page))
        raise LimitExceeded(
            f"The page of {limit} records holds more than {MAX_PAGE_TEXT:,} characters of properties",
            hint=f"Ask for at most {max(1, fitting)} records a page; these have long values.",
        )
    return page


def run_sync(work: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine that never really waits to its end.

    Raises AwaitedElsewhereError if it awaits anything but its transaction: such work could hold a lock across a
    network call.
    """
    try:
        work.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    work.close()
    raise AwaitedElsewhereError("the work of a transaction awaited something other than its transaction")
