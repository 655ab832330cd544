"""The operations that write many records in one request, or one that a field recognises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import UNSET, UnsetType

from groundlevel.kernel.absence import or_none
from groundlevel.kernel.errors import InvalidShape, MatchNotUnique, RecordNotFound, Refusal
from groundlevel.kernel.http.bodies import Body, Filled, Timestamp
from groundlevel.kernel.http.decode import LineDecoder
from groundlevel.kernel.http.line_replies import (
    CHUNK,
    LINE_REFUSALS,
    LINES_DOC,
    LineWork,
    RowResult,
    stream_results,
)
from groundlevel.kernel.http.openapi import NDJSON
from groundlevel.kernel.http.params import ANYWHERE, read_choice
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Parameter, Placement, Route, Stream
from groundlevel.kernel.model import Json
from groundlevel.kernel.rows import Outcome
from groundlevel.kernel.usecase import perform
from groundlevel.records.bulk import RowChange
from groundlevel.records.bulk_rules import BulkMode, MatchQuery, RowsChange, resolve_match, upsert_record, write_rows
from groundlevel.records.entity_tags import name_state
from groundlevel.records.errors import ChunkRefused, MatchValueMissing
from groundlevel.records.routes import TAG, VALUES, WRITE, owners_of, people_of
from groundlevel.records.schemas import People, RecordCreation, RecordReply
from groundlevel.records.serializers import record_body

_ATOMIC = ("row", "chunk")


class RecordLine(Body, kw_only=True):
    """What a row says of a record. An export writes lines like these; of those members, the times count for nothing."""

    id: Filled | None | UnsetType = UNSET
    """The record to update or delete, where no field is matched."""
    properties: dict[str, Json] | None | UnsetType = UNSET
    owners: People = UNSET
    followers: People = UNSET
    created_at: Timestamp | None | UnsetType = UNSET
    updated_at: Timestamp | None | UnsetType = UNSET


class RecordUpsert(RecordCreation, kw_only=True):
    """A record to be created, unless there is one with the same value of the matched field: then it is changed."""

    match: Filled


class UpsertedRecordReply(RecordReply):
    """The record as it is now."""

    new: bool


async def upsert(request: Request) -> UpsertedRecordReply:
    """Updates the record that holds the value of a unique field, or creates one."""
    body: RecordUpsert = request.body
    row = RowChange(body.properties or {}, None, owners_of(body), people_of(body.followers))
    change = RowsChange(request.key, BulkMode.UPSERT, [row], body.match)
    view, new = await perform(request.context.storage, request.call(), upsert_record, change)
    request.status = 201 if new else 200
    name_state(request, view)
    return UpsertedRecordReply(record_body(view, strict=request.context.strict), request.trace_id, new)


async def write_records(request: Request) -> Stream:
    """Writes the records of a body of lines."""
    mode = BulkMode(read_choice(request, "mode", tuple(each.value for each in BulkMode), default=BulkMode.CREATE.value))
    whole = read_choice(request, "atomic", _ATOMIC, default="row") == "chunk"
    named = request.query.get("match") or None
    if mode is BulkMode.UPSERT and named is None:
        raise InvalidShape(["match should not be empty"], hint="Name the unique field that tells records apart.")
    if mode is BulkMode.CREATE and named is not None:
        raise InvalidShape(["match should not exist with mode=create"], hint="mode=upsert creates what is not there.")
    call = request.call()
    match = await perform(request.context.storage, call, resolve_match, MatchQuery(request.key, named))

    def read_row(line: RecordLine) -> RowChange:
        record_id = or_none(line.id)
        if record_id is None and match is None and mode is not BulkMode.CREATE:
            raise InvalidShape(["id should not be empty"], hint="Send the id of the record, or name a field by match.")
        if record_id is not None and (match is not None or mode is BulkMode.CREATE):
            raise InvalidShape(["property id should not exist"], hint="An update or deletion without match takes it.")
        return RowChange(line.properties or {}, record_id, people_of(line.owners), people_of(line.followers))

    async def write(rows: Sequence[RowChange | Refusal]) -> Sequence[Outcome]:
        change = RowsChange(request.key, mode, rows, match, whole)
        return await perform(request.context.storage, call, write_rows, change)

    return stream_results(request, LineWork(LineDecoder(RecordLine), read_row, write, _reasons_of))


def _reasons_of(refusal: Refusal) -> Mapping[int, Refusal]:
    return refusal.refused if isinstance(refusal, ChunkRefused) else {}


ROUTES = (
    Route(
        method="POST",
        path="/x/objects/{schemaKey}/records/bulk",
        operation_id="write-object-records",
        tag=TAG,
        summary="Write many records",
        doc=f"{LINES_DOC} With `atomic=row`, a row that is refused harms no other; with `atomic=chunk`, the rows of a "
        "chunk are written together or not at all.",
        handler=write_records,
        placement=Placement.EITHER,
        scope=WRITE,
        query=(
            ANYWHERE,
            Parameter("mode", "What rows do: create (if left out), update, upsert or delete.", example="upsert"),
            Parameter("match", "The unique field by which records are recognised, not by their ids.", example="chip"),
            Parameter("atomic", "What is written whole or not at all: row (if left out) or chunk."),
            CHUNK,
        ),
        lines=RecordLine,
        reply=RowResult,
        media_type=NDJSON,
        refusals=(*VALUES, *LINE_REFUSALS, RecordNotFound, MatchNotUnique, MatchValueMissing, ChunkRefused),
        example={"properties": {"name": "Rex", "chip": "985112345678903"}},
        extension=True,
    ),
    Route(
        method="POST",
        path="/x/objects/{schemaKey}/records/upsert",
        operation_id="upsert-object-record",
        tag=TAG,
        summary="Create a record unless a field recognises it",
        doc="`match` names a unique field. The record that holds the value sent of it is changed, and the answer is "
        "200; where there is none, one is created, and the answer is 201. However many clients send one value at once, "
        "one record is created.",
        handler=upsert,
        placement=Placement.EITHER,
        scope=WRITE,
        other_status=201,
        body=RecordUpsert,
        reply=UpsertedRecordReply,
        refusals=(*VALUES, MatchNotUnique, MatchValueMissing),
        example={
            "locationId": "ve9EPM428h8vShlRW1KT",
            "match": "chip",
            "properties": {"name": "Rex", "chip": "985112345678903"},
        },
        extension=True,
    ),
)
