"""The operations on webhooks, which the live platform has in the settings of apps alone.

See docs/contract.md#webhook-delivery.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from groundlevel.kernel.absence import or_none
from groundlevel.kernel.errors import LimitExceeded
from groundlevel.kernel.events import event_kind
from groundlevel.kernel.http.bodies import MAX_ITEMS, Body, Filled, LocatedBody, Timestamp
from groundlevel.kernel.http.request import NO_LOCATION, Request
from groundlevel.kernel.http.routing import Parameter, Placement, Route
from groundlevel.kernel.scopes import declare_scopes
from groundlevel.kernel.timestamps import iso
from groundlevel.webhooks import rules as webhooks
from groundlevel.webhooks.errors import UrlForbidden, WebhookNotFound
from groundlevel.webhooks.model import Webhook
from groundlevel.webhooks.policy_store import current_egress_policy
from groundlevel.webhooks.rules import NewWebhook, WebhookChange

TAG = "Webhooks"
READ, WRITE = declare_scopes("webhooks", "webhooks and what was sent to them")

Events = Annotated[
    list[str],
    Meta(
        max_length=MAX_ITEMS,
        description="The types of events to be told of; none of them, or no list, means all.",
    ),
]


class WebhookCreation(LocatedBody, kw_only=True):
    """A new webhook, for the location or, without one, for all locations of the token's company."""

    url: Filled
    events: Events | None | UnsetType = UNSET


class WebhookUpdate(Body, kw_only=True):
    """A change of a webhook; what is left out stays."""

    url: Filled | None | UnsetType = UNSET
    events: Events | None | UnsetType = UNSET


class WebhookBody(Struct, rename="camel"):
    """A webhook."""

    id: str
    url: str
    events: tuple[str, ...]
    company_id: str | None
    location_id: str | None
    created_at: Timestamp


class WebhookReply(Struct, rename="camel"):
    """One webhook."""

    webhook: WebhookBody
    trace_id: str


class WebhooksReply(Struct, rename="camel"):
    """The webhooks in reach, oldest first."""

    webhooks: list[WebhookBody]
    trace_id: str


class RemovedWebhookReply(Struct, rename="camel"):
    """What is left of a webhook."""

    id: str
    success: bool
    trace_id: str


class TestReply(Struct, rename="camel"):
    """The made-up event is on its way; its delivery shows in the log."""

    type: str
    trace_id: str


async def list_webhooks(request: Request) -> WebhooksReply:
    """Those in reach of the token."""
    named = None if request.location is NO_LOCATION else request.location.id
    found = await webhooks.list_webhooks(request.context.storage, request.actor, named)
    return WebhooksReply([_body(webhook) for webhook in found], request.trace_id)


async def add_webhook(request: Request) -> WebhookReply:
    """For a location, or for all of a company."""
    body: WebhookCreation = request.body
    placed = request.location is not NO_LOCATION
    new = NewWebhook(
        url=body.url,
        events=tuple(body.events or ()),
        location=request.location if placed else None,
        company_id=request.actor.company_id,
    )
    networks = await current_egress_policy(request.context.storage, request.context.settings)
    created = await webhooks.create_webhook(request.context.storage, networks, new, author=request.author)
    return _reply(request, created)


async def get_webhook(request: Request) -> WebhookReply:
    """One in reach of the token."""
    return _reply(request, await webhooks.get_webhook(request.context.storage, request.actor, request.key))


async def change_webhook(request: Request) -> WebhookReply:
    """What is left out stays."""
    body: WebhookUpdate = request.body
    events = or_none(body.events)
    change = WebhookChange(request.key, body.url or None, None if events is None else tuple(events))
    networks = await current_egress_policy(request.context.storage, request.context.settings)
    changed = await webhooks.update_webhook(
        request.context.storage, networks, request.actor, change=change, author=request.author
    )
    return _reply(request, changed)


async def remove_webhook(request: Request) -> RemovedWebhookReply:
    """With what was not yet delivered to it."""
    storage = request.context.storage
    removed = await webhooks.delete_webhook(storage, request.actor, request.key, author=request.author)
    return RemovedWebhookReply(removed.id, success=True, trace_id=request.trace_id)


async def send_test(request: Request) -> TestReply:
    """Has a made-up event sent. Raises InvalidShape for a type that there is not."""
    named = request.query.get("type")
    wanted = event_kind(named, member="type").type if named else None
    sent = await webhooks.send_test(request.context.storage, request.actor, request.key, wanted)
    return TestReply(sent, request.trace_id)


def _reply(request: Request, webhook: Webhook) -> WebhookReply:
    return WebhookReply(_body(webhook), request.trace_id)


def _body(webhook: Webhook) -> WebhookBody:
    return WebhookBody(
        id=webhook.id,
        url=webhook.url,
        events=webhook.events,
        company_id=webhook.company_id,
        location_id=webhook.location_id,
        created_at=iso(webhook.created_at),
    )


_REACH = "A location's token reaches the webhooks of its location, a company's those of the company and its locations."

ROUTES = (
    Route(
        method="GET",
        path="/x/webhooks",
        operation_id="list-webhooks",
        tag=TAG,
        summary="List the webhooks",
        doc=_REACH,
        handler=list_webhooks,
        placement=Placement.FOUND,
        scope=READ,
        query=(Parameter("locationId", "Only those of this location."),),
        reply=WebhooksReply,
        extension=True,
    ),
    Route(
        method="POST",
        path="/x/webhooks",
        operation_id="create-webhook",
        tag=TAG,
        summary="Add a webhook",
        doc="For the location that is named or that the token belongs to; otherwise for all locations of the company.",
        handler=add_webhook,
        placement=Placement.FOUND,
        scope=WRITE,
        status=201,
        body=WebhookCreation,
        reply=WebhookReply,
        refusals=(UrlForbidden, LimitExceeded),
        example={"url": "https://example.com/hooks", "events": ["RecordCreate", "RecordUpdate"]},
        extension=True,
    ),
    Route(
        method="GET",
        path="/x/webhooks/{id}",
        operation_id="get-webhook",
        tag=TAG,
        summary="Get a webhook",
        handler=get_webhook,
        placement=Placement.FOUND,
        scope=READ,
        reply=WebhookReply,
        refusals=(WebhookNotFound,),
        extension=True,
    ),
    Route(
        method="PUT",
        path="/x/webhooks/{id}",
        operation_id="update-webhook",
        tag=TAG,
        summary="Change the URL or the events of a webhook",
        handler=change_webhook,
        placement=Placement.FOUND,
        scope=WRITE,
        body=WebhookUpdate,
        reply=WebhookReply,
        refusals=(WebhookNotFound, UrlForbidden),
        example={"events": []},
        extension=True,
    ),
    Route(
        method="DELETE",
        path="/x/webhooks/{id}",
        operation_id="delete-webhook",
        tag=TAG,
        summary="Remove a webhook and what was not yet delivered to it",
        handler=remove_webhook,
        placement=Placement.FOUND,
        scope=WRITE,
        reply=RemovedWebhookReply,
        refusals=(WebhookNotFound,),
        extension=True,
    ),
    Route(
        method="POST",
        path="/x/webhooks/{id}/test",
        operation_id="test-webhook",
        tag=TAG,
        summary="Send a made-up event to a webhook",
        handler=send_test,
        placement=Placement.FOUND,
        scope=WRITE,
        status=201,
        query=(
            Parameter("type", "Of which type; the first that the webhook asked for if left out.", example="INSTALL"),
        ),
        reply=TestReply,
        refusals=(WebhookNotFound,),
        extension=True,
    ),
)
