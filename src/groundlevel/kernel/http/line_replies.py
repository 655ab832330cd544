"""Answers a body of lines with a line for each of them: what has become of it, or why it was refused."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Final, Generic, TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType

from groundlevel.kernel.errors import (
    BodyTooLarge,
    DuplicateMember,
    InvalidShape,
    MalformedJson,
    NestingTooDeep,
    Refusal,
    TimedOut,
)
from groundlevel.kernel.http.decode import LineDecoder
from groundlevel.kernel.http.idempotency import HEADER, answer_once, request_key
from groundlevel.kernel.http.openapi import NDJSON
from groundlevel.kernel.http.params import read_number
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Parameter, Stream
from groundlevel.kernel.http.streaming import Line, read_chunks
from groundlevel.kernel.rows import Outcome, Written
from groundlevel.kernel.storage.idempotency import RequestKey, StoredReply

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
)
"""What a line, or the request, may be refused with besides what its rows are."""
LINES_DOC: Final = (
    "The body is NDJSON, a row in each line; so is the reply, a result for each row in the order of the rows. Both "
    "stream: a chunk of rows is stored, answered, and forgotten before the next is read, so a body may have any size. "
    "A line may be as large as the body of another request. A client that goes away leaves whole chunks. With an "
    "`Idempotency-Key` each chunk is written once: sent again, it has the results that it had, and the next go on."
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


def _no_reasons(_refusal: Refusal) -> Mapping[int, Refusal]:
    return {}


class LineWork(Struct, Generic[S, T], frozen=True):
    """What is done with the lines of a body."""

    decoder: LineDecoder[S]
    read_row: Callable[[S], T]
    """What a line asks for. Raises Refusal."""
    write_rows: Callable[[Sequence[T | Refusal]], Awaitable[Sequence[Outcome]]]
    """Does it for a chunk of rows, in one transaction of the request's storage, and says what has become of each.

    Raises Refusal when nothing was written."""
    reasons_of: Callable[[Refusal], Mapping[int, Refusal]] = _no_reasons
    """The reasons that single rows have of their own, by their place, where a chunk is refused."""


def stream_results(request: Request, work: LineWork[S, T]) -> Stream:
    """The reply of an operation on lines. Raises InvalidShape for a chunk that is too large, IdempotencyKeyInvalid."""
    most = read_number(request, "chunk", default=USUAL_ROWS, least=1)
    if most > MOST_ROWS:
        raise InvalidShape([f"chunk must not be greater than {MOST_ROWS}"])
    return Stream(NDJSON, _results(request, work, most, keyed=_chunk_key(request, 0, ()) is not None))


def _chunk_key(request: Request, number: int, lines: Sequence[Line]) -> RequestKey | None:
    """The key of one chunk of a request, None for a request without one. Raises IdempotencyKeyInvalid."""
    sent = request.headers.get(HEADER, b"")
    if not sent:
        return None
    body = b"\n".join(b"%d %b" % (at, b"" if isinstance(line, Refusal) else line) for at, line in lines)
    target = f"{request.scope['method']} {request.scope['path']}"
    key = request_key(request, sent, (target, request.scope["query_string"], body))
    # A line break, which no key that is sent can have.
    return RequestKey(key.holder, f"{key.key}\n{number}", key.digest)


async def _results(request: Request, work: LineWork[S, T], most: int, *, keyed: bool) -> AsyncIterator[bytes]:
    encode = msgspec.json.Encoder().encode_lines
    seconds = request.context.settings.request_timeout_seconds
    number = 0
    async for lines in read_chunks(request, most):
        rows: list[T | Refusal] = []
        for _, line in lines:
            try:
                if isinstance(line, Refusal):
                    raise line
                rows.append(work.read_row(work.decoder.decode(line)))
            except Refusal as refusal:
                rows.append(refusal)

        async def write(lines: Sequence[Line] = lines, rows: Sequence[T | Refusal] = rows) -> bytes:
            return encode(_row_results(lines, await work.write_rows(rows)))

        try:
            async with asyncio.timeout(seconds):
                key = _chunk_key(request, number, lines) if keyed else None
                content = await (write() if key is None else _write_once(request, key, write))
        except TimeoutError:
            late = TimedOut(f"The chunk took longer than {seconds:g} seconds and was given up")
            content = encode(_row_results(lines, _all_refused(rows, late, {})))
        except Refusal as refusal:
            content = encode(_row_results(lines, _all_refused(rows, refusal, work.reasons_of(refusal))))
        number += 1
        yield content


async def _write_once(request: Request, key: RequestKey, write: Callable[[], Awaitable[bytes]]) -> bytes:
    """The results of a chunk: those stored under its key, else what writing it gives, stored in its transaction."""

    async def answer(_request: Request) -> StoredReply:
        return StoredReply(200, zlib.compress(await write(), 1))

    stored, _ = await answer_once(request, key, answer)
    return zlib.decompress(stored.content)


def _all_refused(rows: Sequence[T | Refusal], refusal: Refusal, reasons: Mapping[int, Refusal]) -> list[Outcome]:
    return [row if isinstance(row, Refusal) else reasons.get(place, refusal) for place, row in enumerate(rows)]


def _row_results(lines: Sequence[Line], outcomes: Sequence[Outcome]) -> list[RowResult]:
    return [_result(number, outcome) for (number, _), outcome in zip(lines, outcomes, strict=True)]


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
