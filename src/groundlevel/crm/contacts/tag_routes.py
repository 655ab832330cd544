"""The operations on the tags of a contact."""

from __future__ import annotations

from groundlevel.crm.contacts.routes import TAG, WRITE
from groundlevel.crm.contacts.rules import CONTACTS
from groundlevel.crm.contacts.schemas import ContactTags, TagsReply, contact_body
from groundlevel.crm.contacts.tag_rules import TagChange, change_tags
from groundlevel.crm.standard_routes import on_record
from groundlevel.kernel.errors import InvalidValue
from groundlevel.kernel.http.locate import FOUND_BY_ID
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Placement, Route
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
)
