"""The operations on the history of records and on the bin."""

from __future__ import annotations

from groundlevel.audit.bin_rules import BinKey, BinQuery, list_deleted, restore_deleted
from groundlevel.audit.errors import (
    AuditOff,
    NotInBin,
    PlaceTaken,
    RecordInTheWay,
    VersionGone,
    VersionNotFound,
)
from groundlevel.audit.history_rules import HistoryQuery, VersionKey, list_history, restore_version
from groundlevel.audit.model import ChangeView
from groundlevel.audit.routes import OBJECT, READ, TAG, read_before
from groundlevel.audit.schemas import BinBody, BinReply, ChangeListReply, VersionRestoration
from groundlevel.audit.serializers import actor_body, change_list_reply, shown_id
from groundlevel.kernel.errors import InvalidUpdate, ObjectNotFound, RecordNotFound, ScopeMissing
from groundlevel.kernel.http.bodies import NoBody
from groundlevel.kernel.http.locate import FOUND_BY_ID, find_across_locations
from groundlevel.kernel.http.params import ANYWHERE, Paging
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Parameter, Placement, Route
from groundlevel.kernel.names import canonical_key
from groundlevel.kernel.timestamps import iso
from groundlevel.kernel.usecase import perform
from groundlevel.records.entity_tags import matching_versions, name_state
from groundlevel.records.errors import RecordChanged, UnknownReference
from groundlevel.records.routes import VALUES, WRITE
from groundlevel.records.rules import RecordView
from groundlevel.records.schemas import RecordReply
from groundlevel.records.serializers import record_body

_PAGING = Paging(usual=50, most=500)
_BEFORE = Parameter("before", "The `next` of the page before.")
_DAY_MS = 86_400_000


async def get_history(request: Request) -> ChangeListReply:
    """The newest change first."""
    limit = _PAGING.read(request).limit
    query = HistoryQuery(request.key, request.params[1], read_before(request), limit)
    found = await find_across_locations(request, list_history, query, object_key=request.key)
    return change_list_reply(found, limit, request.trace_id)


async def restore_record(request: Request) -> RecordReply:
    """Leads a record back to a version."""
    body: VersionRestoration = request.body
    wanted = VersionKey(request.key, request.params[1], body.version, matching_versions(request.if_match))
    return _reply(request, await find_across_locations(request, restore_version, wanted, object_key=request.key))


async def get_bin(request: Request) -> BinReply:
    """The last deleted first."""
    limit = _PAGING.read(request).limit
    key = request.query.get("object", "")
    query = BinQuery(bin_start(request), canonical_key(key) if key else "", read_before(request), limit)
    page = await perform(request.context.storage, request.call(), list_deleted, query)
    days = request.context.settings.bin_days
    bodies = [_bin_body(view, days) for view in page.deletions]
    return BinReply(bodies, None if page.next is None else str(page.next), request.trace_id)


async def restore_from_bin(request: Request) -> RecordReply:
    """Brings a deleted record back."""
    wanted = BinKey(request.key, bin_start(request), request.actor.scopes)
    return _reply(request, await perform(request.context.storage, request.call(), restore_deleted, wanted))


def bin_start(request: Request) -> int:
    """The time before which what was deleted cannot come back."""
    return request.context.storage.ids.now() - request.context.settings.bin_days * _DAY_MS


def _bin_body(view: ChangeView, days: int) -> BinBody:
    row = view.row
    return BinBody(
        str(row.number),
        shown_id(row),
        row.object_key,
        row.version,
        iso(row.at),
        actor_body(row.author),
        iso(row.at + days * _DAY_MS),
        view.before or {},
    )


def _reply(request: Request, view: RecordView) -> RecordReply:
    name_state(request, view)
    return RecordReply(record_body(view, strict=request.context.strict), request.trace_id)


ROUTES = (
    Route(
        method="GET",
        path="/x/objects/{schemaKey}/records/{id}/history",
        operation_id="get-record-history",
        tag=TAG,
        summary="The history of a record",
        doc=f"{FOUND_BY_ID} Every change that is still logged, the newest first, with what was different, who made it "
        "and by which request; also of contacts and opportunities, and of a record that is gone.",
        handler=get_history,
        placement=Placement.FOUND,
        scope=READ,
        query=(ANYWHERE, *_PAGING.parameters, _BEFORE),
        reply=ChangeListReply,
        refusals=(AuditOff, ObjectNotFound, RecordNotFound),
        extension=True,
    ),
    Route(
        method="POST",
        path="/x/objects/{schemaKey}/records/{id}/restore",
        operation_id="restore-record-version",
        tag=TAG,
        summary="Lead a record back to a version",
        doc=f"{FOUND_BY_ID} An update like any other, under the rules that hold now and with its event, after which "
        "the record holds what it held in that version. With `If-Match`, a record that was changed since is refused.",
        handler=restore_record,
        placement=Placement.FOUND,
        scope=WRITE,
        query=(ANYWHERE,),
        body=VersionRestoration,
        reply=RecordReply,
        refusals=(*VALUES, AuditOff, RecordNotFound, RecordChanged, InvalidUpdate, VersionNotFound, VersionGone),
        example={"version": 1},
        extension=True,
    ),
    Route(
        method="GET",
        path="/x/bin",
        operation_id="list-bin",
        tag=TAG,
        summary="Deleted records that can be brought back",
        doc="Those of the last `bin_days` days, of every object that there is, the last deleted first.",
        handler=get_bin,
        placement=Placement.EITHER,
        scope=READ,
        query=(ANYWHERE, OBJECT, *_PAGING.parameters, _BEFORE),
        reply=BinReply,
        refusals=(AuditOff,),
        extension=True,
    ),
    Route(
        method="POST",
        path="/x/bin/{id}/restore",
        operation_id="restore-deleted-record",
        tag=TAG,
        summary="Bring a deleted record back",
        doc="Under its id and with its date of creation, with what it held of the fields that there are, and with "
        "those of its relations whose other record is there. Its values are checked as those of a new record; where "
        "another record has a unique one by now, the refusal names it. Contacts ask for `contacts.write` besides, "
        "opportunities for `opportunities.write`, and for their contact. The event is that of a new record.",
        handler=restore_from_bin,
        placement=Placement.EITHER,
        scope=WRITE,
        query=(ANYWHERE,),
        live_body=NoBody,
        reply=RecordReply,
        refusals=(
            *VALUES,
            AuditOff,
            NotInBin,
            RecordInTheWay,
            PlaceTaken,
            UnknownReference,
            ScopeMissing,
        ),
        extension=True,
    ),
)
