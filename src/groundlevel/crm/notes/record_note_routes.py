"""The operations on notes of any records, also those that are not supported (docs/contract.md#notes-of-records)."""

from __future__ import annotations

from groundlevel.crm.notes import record_note_rules as notes
from groundlevel.crm.notes.errors import LastNoteRelation, NoteNotFound
from groundlevel.crm.notes.record_note_rules import (
    NewRecordNote,
    NoteSearch,
    RecordNoteChange,
    RelationChange,
)
from groundlevel.crm.notes.record_note_schemas import (
    FoundNotesReply,
    LiveNoteRelationChange,
    LiveRecordNoteCreation,
    LiveRecordNoteUpdate,
    NoteRelationChange,
    NoteSearchBody,
    RecordNoteCreation,
    RecordNoteReply,
    RecordNoteUpdate,
    found_notes_reply,
    record_note_body,
)
from groundlevel.crm.notes.routes import TAG
from groundlevel.crm.texts import check_filled
from groundlevel.kernel.absence import or_else, or_none
from groundlevel.kernel.errors import InvalidShape, LimitExceeded, NotSupported
from groundlevel.kernel.errors.wording import integer_errors
from groundlevel.kernel.http.params import LOCATION
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Placement, Route
from groundlevel.kernel.http.unsupported import unsupported_route
from groundlevel.kernel.model import MAX_SAFE_INTEGER
from groundlevel.kernel.scopes import declare_scopes
from groundlevel.kernel.usecase import perform
from groundlevel.notes.model import RelatedNote
from groundlevel.records.errors import UnknownReference

READ, WRITE = declare_scopes("notes", "notes of records")
USUAL_LIMIT, MAX_LIMIT = 25, 500


async def create_note(request: Request) -> RecordNoteReply:
    """A new note."""
    body: RecordNoteCreation | LiveRecordNoteCreation = request.body
    check_filled(body=body.body)
    new = NewRecordNote(body.body, [each.named() for each in body.relations], or_none(body.user_id))
    return _reply(request, await perform(request.context.storage, request.call(), notes.create_record_note, new))


async def get_note(request: Request) -> RecordNoteReply:
    """One note."""
    wanted = request.params[0]
    return _reply(request, await perform(request.context.storage, request.call(), notes.get_record_note, wanted))


async def update_note(request: Request) -> RecordNoteReply:
    """A change of what a note says."""
    body: LiveRecordNoteUpdate = request.body
    check_filled(body=body.body)
    change = RecordNoteChange(request.params[0], body.body, body.title, body.color, body.pinned)
    return _reply(request, await perform(request.context.storage, request.call(), notes.update_record_note, change))


async def change_relations(request: Request) -> RecordNoteReply:
    """A change of what a note is related to."""
    body: LiveNoteRelationChange = request.body
    change = RelationChange(request.params[0], [each.named() for each in body.relations], added=body.type == "add")
    return _reply(request, await perform(request.context.storage, request.call(), notes.change_note_relations, change))


async def delete_note(request: Request) -> RecordNoteReply:
    """Deletes a note; what it was."""
    wanted = request.params[0]
    return _reply(request, await perform(request.context.storage, request.call(), notes.delete_record_note, wanted))


async def search(request: Request) -> FoundNotesReply:
    """A page of the notes found."""
    body: NoteSearchBody = request.body
    limit, skip = or_else(body.limit, USUAL_LIMIT), or_else(body.skip, 0)
    faults = integer_errors("limit", limit, least=1, most=MAX_LIMIT)
    faults += integer_errors("skip", skip, least=0, most=MAX_SAFE_INTEGER)
    if faults:
        raise InvalidShape(faults)
    if or_none(body.sources):
        raise NotSupported("Notes cannot be searched by their sources", hint="Leave sources out: notes here have none.")
    relations = or_none(body.relations)
    wanted = NoteSearch(
        # An empty list asks about none in particular.
        [each if isinstance(each, str) else each.named() for each in relations] if relations else None,
        or_none(body.created_by_user_id),
        or_none(body.query),
        or_else(body.sort_order, "desc") == "desc",
        int(skip),
        int(limit),
        or_else(body.count, usual=False),
    )
    found = await perform(request.context.storage, request.call(), notes.search_notes, wanted)
    return found_notes_reply(found, request.trace_id)


def _reply(request: Request, related: RelatedNote) -> RecordNoteReply:
    return RecordNoteReply(record_note_body(related), request.trace_id)


_ALL = "/notes/"
_ONE = "/notes/{id}"
_RELATED = {"objectKey": "custom_objects.pet", "recordId": "632c34b4c9b7da3358ac9891"}

ROUTES = (
    Route(
        method="POST",
        path=_ALL,
        operation_id="create-record-note",
        tag=TAG,
        summary="Create a note of records",
        doc=f"At most {notes.MAX_RELATIONS} records: contacts, opportunities, businesses, and those of custom objects.",
        handler=create_note,
        placement=Placement.QUERY,
        scope=WRITE,
        query=(LOCATION,),
        status=201,
        body=RecordNoteCreation,
        live_body=LiveRecordNoteCreation,
        reply=RecordNoteReply,
        refusals=(UnknownReference, LimitExceeded),
        example={"body": "Was at the vet", "relations": [_RELATED], "userId": "GCs5KuzPqTls7vWclkEV"},
    ),
    Route(
        method="POST",
        path="/notes/search",
        operation_id="search-notes",
        tag=TAG,
        summary="Search the notes of a location",
        doc="Those of any records, the newest first. `query` is found in title and body, whatever case and accents.",
        handler=search,
        placement=Placement.BODY,
        scope=READ,
        body=NoteSearchBody,
        reply=FoundNotesReply,
        refusals=(NotSupported,),
        example={"locationId": "ve9EPM428h8vShlRW1KT", "relations": [_RELATED["recordId"]], "limit": 10},
    ),
    Route(
        method="GET",
        path=_ONE,
        operation_id="get-record-note",
        tag=TAG,
        summary="Get a note with its relations",
        handler=get_note,
        placement=Placement.QUERY,
        scope=READ,
        query=(LOCATION,),
        reply=RecordNoteReply,
        refusals=(NoteNotFound,),
    ),
    Route(
        method="PUT",
        path=_ONE,
        operation_id="update-record-note",
        tag=TAG,
        summary="Change what a note says",
        doc="Members left out stay; null and the empty text clear title and color.",
        handler=update_note,
        placement=Placement.QUERY,
        scope=WRITE,
        query=(LOCATION,),
        body=RecordNoteUpdate,
        live_body=LiveRecordNoteUpdate,
        reply=RecordNoteReply,
        refusals=(NoteNotFound,),
        example={"title": "Vet", "color": "#FFAA00", "pinned": True},
    ),
    Route(
        method="PUT",
        path=f"{_ONE}/relations",
        operation_id="update-note-relations",
        tag=TAG,
        summary="Relate a note to records, or no longer",
        doc="What is so already has no effect. A note stays related to at least one record.",
        handler=change_relations,
        placement=Placement.QUERY,
        scope=WRITE,
        query=(LOCATION,),
        body=NoteRelationChange,
        live_body=LiveNoteRelationChange,
        reply=RecordNoteReply,
        refusals=(NoteNotFound, UnknownReference, LimitExceeded, LastNoteRelation),
        example={"type": "add", "relations": [_RELATED]},
    ),
    Route(
        method="DELETE",
        path=_ONE,
        operation_id="delete-record-note",
        tag=TAG,
        summary="Delete a note of records",
        doc="It goes from all its records, and the reply shows it for the last time.",
        handler=delete_note,
        placement=Placement.QUERY,
        scope=WRITE,
        query=(LOCATION,),
        reply=RecordNoteReply,
        refusals=(NoteNotFound,),
    ),
    unsupported_route(f"PATCH {_ONE}/attachments", "update-note-attachments", missing="Attachments of notes"),
    unsupported_route(f"POST {_ONE}/restore", "restore-note", missing="Restorations of deleted notes"),
)
