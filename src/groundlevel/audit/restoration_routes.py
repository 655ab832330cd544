"""The operation that leads all records of an object back to a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator

import msgspec
from msgspec import UNSET, Struct, UnsetType

from groundlevel.audit.audit_routes import read_time
from groundlevel.audit.errors import AuditOff, MomentGone, NotInBin, PlaceTaken, RecordInTheWay, VersionGone
from groundlevel.audit.history_routes import bin_start
from groundlevel.audit.restoration_rules import (
    ChangedQuery,
    Moment,
    MomentQuery,
    RecordMoment,
    find_moment,
    list_changed,
    preview_record,
    restore_record,
)
from groundlevel.audit.routes import TAG
from groundlevel.kernel.errors import InvalidShape, NotSupported, ObjectNotFound, RecordNotFound, Refusal
from groundlevel.kernel.http.bodies import Filled, LocatedBody
from groundlevel.kernel.http.openapi import NDJSON
from groundlevel.kernel.http.params import ANYWHERE
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Placement, Route, Stream
from groundlevel.kernel.usecase import perform
from groundlevel.records.routes import VALUES, WRITE

_CHANGES_AT_ONCE = 200
"""Changes that are looked through in one transaction for records to be led back."""


class Restoration(LocatedBody, kw_only=True):
    """The time to which records are led back. With `dryRun`, nothing is stored."""

    at: Filled
    dry_run: bool | None | UnsetType = UNSET


class RestorationCount(Struct, rename="camel", gc=False):
    """How many records were led back, and how many were not."""

    created: int
    updated: int
    deleted: int
    refused: int


class RestorationLine(Struct, rename="camel", gc=False):
    """What has become of a record: an action, or an error. The last line alone has no id and counts them all."""

    id: str | UnsetType = UNSET
    action: str | UnsetType = UNSET
    error: str | UnsetType = UNSET
    code: str | UnsetType = UNSET
    """Names the error's page, /docs/errors/{code}."""
    hint: str | UnsetType = UNSET
    done: RestorationCount | UnsetType = UNSET


async def restore_as_of(request: Request) -> Stream:
    """Leads the records back, one after the other, the last changed first."""
    body: Restoration = request.body
    at = read_time("at", body.at)
    if at > request.context.storage.ids.now():
        raise InvalidShape(["at must not lie in the future"])
    moment = await perform(request.context.storage, request.call(), find_moment, MomentQuery(request.key, at))
    return Stream(NDJSON, _lines(request, moment, dry=body.dry_run is True))


async def _lines(request: Request, moment: Moment, *, dry: bool) -> AsyncIterator[bytes]:
    encode = msgspec.json.Encoder().encode_lines
    counts: Counter[str] = Counter()
    before: int | None = moment.newest + 1
    while before is not None:
        query = ChangedQuery(moment, before, _CHANGES_AT_ONCE)
        changed = await perform(request.context.storage, request.call(), list_changed, query)
        for record_id in changed.ids:
            line = await _lead_back(request, moment, record_id, dry=dry)
            if line is not None:
                counts[line.action or "refused"] += 1
                yield encode([line])
        before = changed.next
    done = RestorationCount(*(counts[name] for name in RestorationCount.__struct_fields__))
    yield encode([RestorationLine(done=done)])


async def _lead_back(request: Request, moment: Moment, record_id: str, *, dry: bool) -> RestorationLine | None:
    wanted = RecordMoment(moment, record_id, bin_start(request), request.actor.scopes)
    work = preview_record if dry else restore_record
    try:
        action = await perform(request.context.storage, request.call(), work, wanted)
    except Refusal as refusal:
        return RestorationLine(record_id, error=refusal.message, code=refusal.code, hint=refusal.advice or UNSET)
    return None if action is None else RestorationLine(record_id, action)


ROUTES = (
    Route(
        method="POST",
        path="/x/objects/{schemaKey}/records/restore-as-of",
        operation_id="restore-records-as-of",
        tag=TAG,
        summary="Lead all records of an object back to a time",
        doc="Records that were changed since are led back to what they were, those that are new are deleted, and those "
        "that were deleted come back from the bin: each by an operation like any other, under the rules that hold now "
        "and with its event, in a transaction of its own. The reply is NDJSON, a line for each record with its action "
        "or why it is refused, and a last one that counts; without that one the work did not come to its end. Sent "
        "again, it does what is left to do. Relations come back with records that do; others stay as they are. With "
        "`dryRun` nothing is stored; what a value is refused for then shows only when it is done.",
        handler=restore_as_of,
        placement=Placement.EITHER,
        scope=WRITE,
        query=(ANYWHERE,),
        body=Restoration,
        reply=RestorationLine,
        media_type=NDJSON,
        refusals=(
            *VALUES,
            AuditOff,
            NotSupported,
            ObjectNotFound,
            RecordNotFound,
            MomentGone,
            VersionGone,
            NotInBin,
            RecordInTheWay,
            PlaceTaken,
        ),
        example={"locationId": "ve9EPM428h8vShlRW1KT", "at": "2026-01-01T12:00:00Z", "dryRun": True},
        extension=True,
    ),
)
