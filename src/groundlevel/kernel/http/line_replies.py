"""Answers a body of lines with a line for each of them: what has become of it, or why it was refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType

from groundlevel.kernel.errors import (
    BodyTooLarge,
    DuplicateMember,
    IdempotencyUnsupported,
    InvalidShape,
    MalformedJson,
    NestingTooDeep,
    Refusal,
    TimedOut,
)
from groundlevel.kernel.http.decode import LineDecoder
from groundlevel.kernel.http.openapi import NDJSON
from groundlevel.kernel.http.params import read_number
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Parameter, Stream
from groundlevel.kernel.http.streaming import read_chunks
from groundlevel.kernel.rows import Outcome, Written

S = TypeVar("S", bound=Struct)
T = TypeVar("T")

USUAL_ROWS: Final = 250
"""Rows of a chunk: enough to make a commit's share of each small, few enough to let other requests in between."""
MOST_ROWS: Final = 1_000
CHUNK: Final = Parameter("chunk", f"Rows written in one transaction: {USUAL_ROWS} if left out, at most {MOST_ROWS}.")
LINE_REFUSALS = (
    MalformedJson,
    DuplicateMember,
    NestingTooDeep,
    BodyTooLarge,
    IdempotencyUnsupported,
)
"""What a line, or the request, may be refused with besides what its rows are."""
LINES_DOC: Final = (
    "The body is NDJSON, a row in each line; so is the reply, a result for each row in the order of the rows. Both "
    "stream: a chunk of rows is stored, answered, and forgotten before the next is read, so a body may have any size. "
    "A line may be as large as the body of another request. A client that goes away leaves whole chunks."
)


class RowResult(Struct, rename="camel", gc=False):
    """What has become of a row: an action with the id of what it was done to, or an error."""

    row: int
    """The number of the line, from 1; blank lines count and have no result."""
    action: str | UnsetType = UNSET
    id: str | UnsetType = UNSET
    error: str | UnsetType = UNSET
    code: str | UnsetType = UNSET
    """Names the error's page, /docs/errors/{code}."""
    hint: str | UnsetType = UNSET
    field_key: str | UnsetType = UNSET


class LineWork(Struct, Generic[S, T], frozen=True):
    """What is done with the lines of a body."""

    decoder: LineDecoder[S]
    read_row: Callable[[S], T]
    """What a line asks for. Raises Refusal."""
    write_rows: Callable[[Sequence[T | Refusal]], Awaitable[Sequence[Outcome]]]
    """Does it for a chunk of rows, and says what has become of each; a Refusal is that of all."""


def stream_results(request: Request, work: LineWork[S, T]) -> Stream:
    """The reply of an operation on lines. Raises InvalidShape for a chunk that is too large."""
    most = read_number(request, "chunk", default=USUAL_ROWS, least=1)
    if most > MOST_ROWS:
        raise InvalidShape([f"chunk must not be greater than {MOST_ROWS}"])
    return Stream(NDJSON, _results(request, work, most))


async def _results(request: Request, work: LineWork[S, T], most: int) -> AsyncIterator[bytes]:
    encode = msgspec.json.Encoder().encode_lines
    seconds = request.context.settings.request_timeout_seconds
    async for lines in read_chunks(request, most):
        rows: list[T | Refusal] = []
        for _, line in lines:
            try:
                if isinstance(line, Refusal):
                    raise line
                rows.append(work.read_row(work.decoder.decode(line)))
            except Refusal as refusal:
                rows.append(refusal)
        outcomes: Sequence[Outcome]
        try:
            async with asyncio.timeout(seconds):
                outcomes = await work.write_rows(rows)
        except TimeoutError:
            outcomes = _all_refused(rows, TimedOut(f"The chunk took longer than {seconds:g} seconds and was given up"))
        except Refusal as refusal:
            outcomes = _all_refused(rows, refusal)
        yield encode([_result(number, outcome) for (number, _), outcome in zip(lines, outcomes, strict=True)])


def _all_refused(rows: Sequence[T | Refusal], refusal: Refusal) -> list[Outcome]:
    return [row if isinstance(row, Refusal) else refusal for row in rows]


def _result(number: int, outcome: Outcome) -> RowResult:
    if isinstance(outcome, Written):
        return RowResult(number, outcome.action, outcome.id)
    return RowResult(
        number,
        error=outcome.message,
        code=outcome.code,
        hint=outcome.advice or UNSET,
        field_key=outcome.field_key or UNSET,
    )
