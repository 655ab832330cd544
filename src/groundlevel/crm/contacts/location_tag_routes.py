"""The operations on the tags of a location."""

from __future__ import annotations

from msgspec import Struct

from groundlevel.crm.contacts import location_tag_rules as tags
from groundlevel.crm.contacts.store import Tag
from groundlevel.crm.errors import TagNotFound
from groundlevel.crm.schemas import DoneReply, done_reply
from groundlevel.kernel.errors import DuplicateKey, InvalidValue
from groundlevel.kernel.http.bodies import Body, Filled
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Placement, Route
from groundlevel.kernel.scopes import declare_scopes
from groundlevel.kernel.usecase import perform

TAG = "Tags"
READ, WRITE = declare_scopes("locations/tags", "tags")


class TagWrite(Body, kw_only=True):
    """The name of a tag, which is kept in lower case."""

    name: Filled


class TagBody(Struct, rename="camel"):
    """A tag."""

    id: str
    name: str
    location_id: str


class TagReply(Struct, rename="camel"):
    """One tag."""

    tag: TagBody
    trace_id: str


class LocationTagsReply(Struct, rename="camel"):
    """The tags of a location."""

    tags: list[TagBody]
    trace_id: str


async def list_tags(request: Request) -> LocationTagsReply:
    """All of the location, by name."""
    found = await perform(request.context.storage, request.call(), tags.list_tags, None)
    return LocationTagsReply([_body(each, request) for each in found], request.trace_id)


async def create_tag(request: Request) -> TagReply:
    """A new tag, which no contact has yet."""
    body: TagWrite = request.body
    return _reply(await perform(request.context.storage, request.call(), tags.create_tag, body.name), request)


async def get_tag(request: Request) -> TagReply:
    """One tag."""
    return _reply(await perform(request.context.storage, request.call(), tags.get_tag, request.params[1]), request)


async def rename_tag(request: Request) -> TagReply:
    """Another name, also on the contacts that have the tag."""
    body: TagWrite = request.body
    return _reply(
        await tags.rename_tag(request.context.storage, request.call(), request.params[1], name=body.name), request
    )


async def delete_tag(request: Request) -> DoneReply:
    """Deletes a tag, also from the contacts that have it."""
    await tags.delete_tag(request.context.storage, request.call(), request.params[1])
    return done_reply(request.trace_id)


def _reply(tag: Tag, request: Request) -> TagReply:
    return TagReply(_body(tag, request), request.trace_id)


def _body(tag: Tag, request: Request) -> TagBody:
    return TagBody(tag.id, tag.name, request.location.id)


_ALL = "/locations/{locationId}/tags"
_ONE = f"{_ALL}/{{tagId}}"
_EXAMPLE = {"name": "vip"}

ROUTES = (
    Route(
        method="GET",
        path=_ALL,
        operation_id="get-location-tags",
        tag=TAG,
        summary="List the tags of a location",
        doc="Those that its contacts have had, and those that were made here.",
        handler=list_tags,
        placement=Placement.PATH,
        scope=READ,
        reply=LocationTagsReply,
    ),
    Route(
        method="POST",
        path=_ALL,
        operation_id="create-tag",
        tag=TAG,
        summary="Create a tag",
        handler=create_tag,
        placement=Placement.PATH,
        scope=WRITE,
        body=TagWrite,
        reply=TagReply,
        refusals=(DuplicateKey, InvalidValue),
        example=_EXAMPLE,
    ),
    Route(
        method="GET",
        path=_ONE,
        operation_id="get-tag-by-id",
        tag=TAG,
        summary="Get a tag",
        handler=get_tag,
        placement=Placement.PATH,
        scope=READ,
        reply=TagReply,
        refusals=(TagNotFound,),
    ),
    Route(
        method="PUT",
        path=_ONE,
        operation_id="update-tag",
        tag=TAG,
        summary="Rename a tag",
        doc="The contacts that have it get the new name.",
        handler=rename_tag,
        placement=Placement.PATH,
        scope=WRITE,
        body=TagWrite,
        reply=TagReply,
        refusals=(TagNotFound, DuplicateKey, InvalidValue),
        example=_EXAMPLE,
    ),
    Route(
        method="DELETE",
        path=_ONE,
        operation_id="delete-tag",
        tag=TAG,
        summary="Delete a tag",
        doc="The contacts that have it lose it.",
        handler=delete_tag,
        placement=Placement.PATH,
        scope=WRITE,
        reply=DoneReply,
        refusals=(TagNotFound,),
    ),
)
