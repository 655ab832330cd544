"""The feed of changes: in pages, by waiting for them, and as a stream of events."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec

from groundlevel.audit.errors import AuditOff, CursorGone
from groundlevel.audit.following import follow_changes, wait_for_changes
from groundlevel.audit.rules import ChangesPage, ChangesQuery, changes_since, newest_cursor
from groundlevel.audit.schemas import ChangesReply
from groundlevel.audit.serializers import change_body
from groundlevel.audit.store import NEWEST
from groundlevel.kernel.changes import declared_kinds
from groundlevel.kernel.errors import InvalidShape
from groundlevel.kernel.errors.wording import choice_error
from groundlevel.kernel.http.params import ANYWHERE, Paging, read_number
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Parameter, Placement, Route, Stream
from groundlevel.kernel.names import canonical_key
from groundlevel.kernel.scopes import declare_scopes
from groundlevel.kernel.usecase import perform

TAG = "Changes"
(READ,) = declare_scopes("groundlevel/audit", "what was changed, by whom, and what it was before", kinds=("readonly",))
PAGING = Paging(usual=100, most=1_000)
MOST_WAIT = 60
"""Seconds that a request may ask to wait."""
WAITED = 0.8
"""The part of the time of a request that it may spend waiting."""
QUIET_SECONDS = 15.0
"""After which a stream without changes says that it is still there."""
NOW = "now"
EVENT_STREAM = "text/event-stream"
_LAST_EVENT = b"last-event-id"

OBJECT = Parameter(
    "object", "Only changes of this object: of its records, fields and folders.", example="custom_objects.pet"
)


async def list_changes(request: Request) -> ChangesReply | Stream:
    """Changes behind a cursor. Raises InvalidShape, AuditOff, CursorGone."""
    storage, call = request.context.storage, request.call()
    query = await _read_query(request)
    if EVENT_STREAM in request.headers.get(b"accept", b"").decode("latin-1").lower():
        # What can be refused is refused before the stream has begun.
        page = await perform(storage, call, changes_since, query)
        return Stream(EVENT_STREAM, _events(request, query, page), ((b"cache-control", b"no-store"),))
    wait = read_number(request, "wait", default=0)
    if wait > MOST_WAIT:
        raise InvalidShape([f"wait must not be greater than {MOST_WAIT}"])
    seconds = min(wait, request.context.settings.request_timeout_seconds * WAITED)
    page = await wait_for_changes(storage, call, query, seconds=seconds)
    return ChangesReply([change_body(each) for each in page.changes], str(page.next), page.complete, request.trace_id)


async def _read_query(request: Request) -> ChangesQuery:
    kinds = frozenset(filter(None, request.query.get("types", "").split(",")))
    known = declared_kinds()
    if not kinds <= known.keys():
        raise InvalidShape([choice_error("each value in types", known)])
    sent = request.headers.get(_LAST_EVENT, b"").decode("latin-1") or request.query.get("since", "")
    since: int | None = None
    if sent == NOW:
        since = await perform(request.context.storage, request.call(), newest_cursor, None)
    elif sent:
        since = read_cursor(sent, "since")
    key = request.query.get("object", "")
    return ChangesQuery(since, kinds, canonical_key(key) if key else "", PAGING.read(request).limit)


def read_cursor(text: str, name: str) -> int:
    """The number that a cursor stands for. Raises InvalidShape for what no reply has shown as one."""
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise InvalidShape([f"{name} must be a cursor that a reply has shown"])
    return int(text)


def read_before(request: Request) -> int:
    """The number before which a page begins, the newest first. Raises InvalidShape."""
    sent = request.query.get("before", "")
    return read_cursor(sent, "before") if sent else NEWEST


async def _events(request: Request, query: ChangesQuery, first: ChangesPage) -> AsyncIterator[bytes]:
    """The changes as events of a stream; a comment when there has been none for a while."""
    yield _written(first)
    query = msgspec.structs.replace(query, since=first.next)
    pages = follow_changes(request.context.storage, request.call(), query, quiet_seconds=QUIET_SECONDS)
    async for page in pages:
        yield _written(page)


def _written(page: ChangesPage) -> bytes:
    encode = msgspec.json.Encoder().encode
    if not page.changes:
        return b": nothing has changed\n\n"
    bodies = [change_body(each) for each in page.changes]
    return b"".join(b"id: %s\nevent: change\ndata: %s\n\n" % (body.cursor.encode(), encode(body)) for body in bodies)


ROUTES = (
    Route(
        method="GET",
        path="/x/changes",
        operation_id="list-changes",
        tag=TAG,
        summary="Follow changes",
        doc="Every change of the location in the order in which it became durable: none is left out, and none can "
        "still appear in front of one that was shown. Ask again with the `next` of the reply as `since`. With `wait` "
        "the reply comes as soon as there is a change, or after so many seconds. With `Accept: text/event-stream` the "
        "changes are a stream of server-sent events, each with its cursor as its id, which goes on for as long as the "
        "client reads. A cursor that is too old is refused with the oldest one that can be followed from.",
        handler=list_changes,
        placement=Placement.EITHER,
        scope=READ,
        query=(
            ANYWHERE,
            Parameter(
                "since",
                "The cursor behind which to begin; `now` for what comes from now on; the oldest kept if left out.",
                example="0",
            ),
            Parameter("types", "Only changes of these kinds, separated by commas.", example="record,relation"),
            OBJECT,
            *PAGING.parameters,
            Parameter(
                "wait", f"Seconds to wait for a change where there is none yet, at most {MOST_WAIT}.", example="30"
            ),
        ),
        reply=ChangesReply,
        refusals=(AuditOff, CursorGone),
        extension=True,
    ),
)
