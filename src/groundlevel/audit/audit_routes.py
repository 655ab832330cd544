"""The operation that shows who changed what, the newest first, in pages or all of it in lines."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime

import msgspec

from groundlevel.audit.errors import AuditOff
from groundlevel.audit.model import ChangeView
from groundlevel.audit.routes import OBJECT, PAGING, READ, TAG, read_before
from groundlevel.audit.rules import AuditQuery, list_audit
from groundlevel.audit.schemas import ChangeListReply
from groundlevel.audit.serializers import change_body, change_list_reply
from groundlevel.audit.store import NEVER, Selection
from groundlevel.kernel.changes import declared_kinds
from groundlevel.kernel.errors import InvalidShape
from groundlevel.kernel.errors.wording import choice_error
from groundlevel.kernel.http.openapi import NDJSON
from groundlevel.kernel.http.params import ANYWHERE, read_choice
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Parameter, Placement, Route, Stream
from groundlevel.kernel.names import canonical_key
from groundlevel.kernel.usecase import perform

_AT_ONCE = 500
"""Changes of a reply in lines that are read together."""
_FORMATS = ("json", "ndjson")
_AS_FILE = (b"content-disposition", b'attachment; filename="audit.ndjson"')


async def get_audit(request: Request) -> ChangeListReply | Stream:
    """A page of changes, or with the format ndjson all that are asked for. Raises InvalidShape, AuditOff."""
    query = AuditQuery(read_selection(request.query), read_before(request), PAGING.read(request).limit)
    as_lines = read_choice(request, "format", _FORMATS, default="json") == "ndjson"
    if as_lines:
        query = msgspec.structs.replace(query, limit=_AT_ONCE)
    # Also of lines the first page is read here, so that a refusal is none of a reply that has begun.
    found = await perform(request.context.storage, request.call(), list_audit, query)
    if as_lines:
        return Stream(NDJSON, _lines(request, query, found), (_AS_FILE,))
    return change_list_reply(found, query.limit, request.trace_id)


def read_selection(sent: Mapping[str, str]) -> Selection:
    """Which changes are asked for, by the names of the parameters. Raises InvalidShape."""
    kind, known = sent.get("kind", ""), declared_kinds()
    if kind and kind not in known:
        raise InvalidShape([choice_error("kind", known)])
    key = sent.get("object", "")
    return Selection(
        kind,
        canonical_key(key) if key else "",
        sent.get("actor", ""),
        read_time("from", text) if (text := sent.get("from")) else 0,
        read_time("to", text) if (text := sent.get("to")) else NEVER,
    )


def read_time(name: str, text: str) -> int:
    """A timestamp in epoch milliseconds, from a text of ISO 8601; a day alone is its beginning in UTC.

    Raises InvalidShape, in which the member or parameter has the name.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidShape([f"{name} must be a timestamp such as 2024-07-11T09:35:39Z"]) from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


async def _lines(request: Request, query: AuditQuery, found: list[ChangeView]) -> AsyncIterator[bytes]:
    """The changes, a line for each."""
    encode = msgspec.json.Encoder().encode_lines
    while True:
        yield encode([change_body(each) for each in found])
        if len(found) < query.limit:
            return
        query = msgspec.structs.replace(query, before=found[-1].row.number)
        found = await perform(request.context.storage, request.call(), list_audit, query)


ROUTES = (
    Route(
        method="GET",
        path="/x/audit",
        operation_id="list-audit",
        tag=TAG,
        summary="Who changed what",
        doc="The changes of the location, the newest first, narrowed by any of the parameters. With `format=ndjson` "
        "all of them in one reply, a change in each line, sent while they are read.",
        handler=get_audit,
        placement=Placement.EITHER,
        scope=READ,
        query=(
            ANYWHERE,
            Parameter("actor", "Only what this one has done: the id of a token, an app, an operator."),
            OBJECT,
            Parameter("kind", "Only changes of this kind.", example="record"),
            Parameter("from", "Only what happened at this time or later.", example="2026-01-01T00:00:00Z"),
            Parameter("to", "Only what happened up to this time."),
            *PAGING.parameters,
            Parameter("before", "The `next` of the page before."),
            Parameter("format", "json (if left out) for a page, ndjson for everything."),
        ),
        reply=ChangeListReply,
        refusals=(AuditOff,),
        extension=True,
    ),
)
