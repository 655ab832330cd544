"""The operations on the tags of a contact."""

from __future__ import annotations

from groundlevel.crm.contacts.routes import TAG, WRITE
from groundlevel.crm.contacts.rules import CONTACTS
from groundlevel.crm.contacts.schemas import (
    MAX_TAGGED,
    ContactTags,
    TagsReply,
    TagsUpdate,
    TagsUpdateReply,
    contact_body,
)
from groundlevel.crm.contacts.tag_rules import TagChange, TagsOfMany, change_tags, change_tags_of_many
from groundlevel.crm.standard_routes import on_record
from groundlevel.kernel.errors import InvalidShape, InvalidValue
from groundlevel.kernel.http.locate import FOUND_BY_ID
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Placement, Route
from groundlevel.kernel.usecase import perform
from groundlevel.standard.errors import ContactNotFound


async def add_tags(request: Request) -> TagsReply:
    """Adds tags to a contact."""
    body: ContactTags = request.body
    view = await on_record(request, CONTACTS, change_tags, TagChange(request.params[0], add=body.tags))
    return TagsReply(contact_body(view).tags, request.trace_id, tags_added=body.tags)


async def remove_tags(request: Request) -> TagsReply:
    """Takes tags from a contact."""
    body: ContactTags = request.body
    view = await on_record(request, CONTACTS, change_tags, TagChange(request.params[0], remove=body.tags))
    return TagsReply(contact_body(view).tags, request.trace_id, tags_removed=body.tags)


async def update_tags_of_contacts(request: Request) -> TagsUpdateReply:
    """Adds tags to many contacts, or takes tags from them."""
    body: TagsUpdate = request.body
    kind = request.params[0]
    if kind not in ("add", "remove"):
        raise InvalidShape(["type must be one of the following values: add, remove"])
    add, remove = (body.tags, ()) if kind == "add" else ((), body.tags)
    change = TagsOfMany(body.contacts, add, remove, remove_all=body.remove_all_tags is True)
    outcomes = await perform(request.context.storage, request.call(), change_tags_of_many, change)
    errors = sum(each.type == "error" for each in outcomes)
    return TagsUpdateReply(True, errors, outcomes, request.trace_id)


ROUTES = (
    Route(
        method="POST",
        path="/contacts/{contactId}/tags",
        operation_id="add-tags",
        tag=TAG,
        summary="Add tags to a contact",
        doc=FOUND_BY_ID,
        handler=add_tags,
        placement=Placement.FOUND,
        scope=WRITE,
        status=201,
        body=ContactTags,
        reply=TagsReply,
        refusals=(ContactNotFound, InvalidValue),
        example={"tags": ["vip"]},
    ),
    Route(
        method="DELETE",
        path="/contacts/{contactId}/tags",
        operation_id="remove-tags",
        tag=TAG,
        summary="Take tags from a contact",
        doc=f"A tag that the contact does not have is not an error. {FOUND_BY_ID}",
        handler=remove_tags,
        placement=Placement.FOUND,
        scope=WRITE,
        body=ContactTags,
        reply=TagsReply,
        refusals=(ContactNotFound,),
        example={"tags": ["vip"]},
    ),
    Route(
        method="POST",
        path="/contacts/bulk/tags/update/{type}",
        operation_id="update-tags-of-contacts",
        tag=TAG,
        summary="Add tags to many contacts, or take tags from them",
        doc=(
            f"The type is `add` or `remove`; at most {MAX_TAGGED} contacts. The reply says of each contact what became "
            "of it: one that is refused does not stop the others."
        ),
        handler=update_tags_of_contacts,
        placement=Placement.BODY,
        scope=WRITE,
        status=201,
        body=TagsUpdate,
        reply=TagsUpdateReply,
        example={"locationId": "ve9EPM428h8vShlRW1KT", "contacts": ["ocQHyuzHvysMo5N5VsXc"], "tags": ["vip"]},
    ),
)
