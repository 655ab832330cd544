"""The operations on the notes of contacts (docs/contract.md#notes-and-tasks)."""

from __future__ import annotations

from groundlevel.crm.contacts.routes import READ, WRITE
from groundlevel.crm.contacts.rules import CONTACTS
from groundlevel.crm.notes import rules as notes
from groundlevel.crm.notes.errors import NoteNotFound
from groundlevel.crm.notes.rules import NewNote, NoteChange, NoteKey
from groundlevel.crm.notes.schemas import (
    LiveNoteCreation,
    LiveNoteUpdate,
    NoteCreation,
    NoteReply,
    NotesReply,
    NoteUpdate,
    note_body,
)
from groundlevel.crm.schemas import DoneReply, done_reply
from groundlevel.crm.standard_routes import on_record
from groundlevel.crm.texts import check_filled
from groundlevel.kernel.absence import or_else, or_none
from groundlevel.kernel.errors import LimitExceeded
from groundlevel.kernel.http.locate import FOUND_BY_ID
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Placement, Route
from groundlevel.notes.model import Note
from groundlevel.standard.errors import ContactNotFound

TAG = "Notes"


async def list_notes(request: Request) -> NotesReply:
    """All notes of a contact."""
    found = await on_record(request, CONTACTS, notes.list_notes, request.params[0])
    return NotesReply([note_body(each) for each in found], request.trace_id)


async def create_note(request: Request) -> NoteReply:
    """A new note."""
    body: LiveNoteCreation = request.body
    check_filled(body=body.body)
    new = NewNote(
        request.params[0],
        body.body,
        or_none(body.title),
        or_none(body.color),
        or_else(body.pinned, usual=False),
        or_none(body.user_id),
    )
    return _reply(await on_record(request, CONTACTS, notes.create_note, new), request)


async def get_note(request: Request) -> NoteReply:
    """One note."""
    return _reply(await on_record(request, CONTACTS, notes.get_note, _key(request)), request)


async def update_note(request: Request) -> NoteReply:
    """A change of a note."""
    body: LiveNoteUpdate = request.body
    check_filled(body=body.body)
    change = NoteChange(_key(request), body.body, body.title, body.color, body.pinned, body.user_id)
    return _reply(await on_record(request, CONTACTS, notes.update_note, change), request)


async def delete_note(request: Request) -> DoneReply:
    """Deletes a note."""
    await on_record(request, CONTACTS, notes.delete_note, _key(request))
    return done_reply(request.trace_id)


def _key(request: Request) -> NoteKey:
    return NoteKey(request.params[0], request.params[1])


def _reply(note: Note, request: Request) -> NoteReply:
    return NoteReply(note_body(note), request.trace_id)


_ALL = "/contacts/{contactId}/notes"
_ONE = f"{_ALL}/{{id}}"
_EXAMPLE = {"body": "Prefers to be called in the evening", "userId": "GCs5KuzPqTls7vWclkEV"}

ROUTES = (
    Route(
        method="GET",
        path=_ALL,
        operation_id="get-all-notes",
        tag=TAG,
        summary="List the notes of a contact",
        doc=f"The newest first, all at once. {FOUND_BY_ID}",
        handler=list_notes,
        placement=Placement.FOUND,
        scope=READ,
        reply=NotesReply,
        refusals=(ContactNotFound,),
    ),
    Route(
        method="POST",
        path=_ALL,
        operation_id="create-note",
        tag=TAG,
        summary="Create a note",
        doc=f"A contact can have {notes.MAX_NOTES} notes. {FOUND_BY_ID}",
        handler=create_note,
        placement=Placement.FOUND,
        scope=WRITE,
        status=201,
        body=NoteCreation,
        live_body=LiveNoteCreation,
        reply=NoteReply,
        refusals=(ContactNotFound, LimitExceeded),
        example=_EXAMPLE,
    ),
    Route(
        method="GET",
        path=_ONE,
        operation_id="get-note",
        tag=TAG,
        summary="Get a note",
        doc=FOUND_BY_ID,
        handler=get_note,
        placement=Placement.FOUND,
        scope=READ,
        reply=NoteReply,
        refusals=(ContactNotFound, NoteNotFound),
    ),
    Route(
        method="PUT",
        path=_ONE,
        operation_id="update-note",
        tag=TAG,
        summary="Change a note",
        doc=f"Members left out stay; null and the empty text clear all but the body. {FOUND_BY_ID}",
        handler=update_note,
        placement=Placement.FOUND,
        scope=WRITE,
        body=NoteUpdate,
        live_body=LiveNoteUpdate,
        reply=NoteReply,
        refusals=(ContactNotFound, NoteNotFound),
        example=_EXAMPLE,
    ),
    Route(
        method="DELETE",
        path=_ONE,
        operation_id="delete-note",
        tag=TAG,
        summary="Delete a note",
        doc=FOUND_BY_ID,
        handler=delete_note,
        placement=Placement.FOUND,
        scope=WRITE,
        reply=DoneReply,
        refusals=(ContactNotFound, NoteNotFound),
    ),
)
