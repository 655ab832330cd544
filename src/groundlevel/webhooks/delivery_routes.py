"""The operations on deliveries to webhooks, and on the keys that sign them.

See docs/contract.md#webhook-signatures, #webhook-delivery.
"""

from __future__ import annotations

from msgspec import Struct

from groundlevel.kernel.errors import InvalidShape
from groundlevel.kernel.errors.wording import choice_error
from groundlevel.kernel.http.bodies import Timestamp
from groundlevel.kernel.http.params import LOCATION, Paging, read_number
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Admission, Parameter, Placement, Route
from groundlevel.kernel.timestamps import iso
from groundlevel.kernel.usecase import perform
from groundlevel.signing.model import SigningKey
from groundlevel.signing.rules import ED25519, RSA, list_active_keys, raw_public_key
from groundlevel.webhooks import rules as webhooks
from groundlevel.webhooks.delivery_store import ATTEMPTS_SHOWN
from groundlevel.webhooks.errors import DeliveryNotFound, WebhookNotFound
from groundlevel.webhooks.model import Attempt
from groundlevel.webhooks.routes import READ, TAG, WRITE
from groundlevel.webhooks.rules import NEWEST, Logged, LogQuery, SubjectQuery

STATES = ("pending", "waiting", "delivered", "dead")
_PAGING = Paging(usual=20, most=100)


class AttemptBody(Struct, rename="camel"):
    """One attempt. `status` is null when nothing was answered; then `error` says why."""

    number: int
    at: Timestamp
    status: int | None
    latency_ms: int
    response: str
    error: str | None


class DeliveryBody(Struct, rename="camel"):
    """One event on its way to a webhook. `id` is the webhookId that its receiver sees."""

    id: str
    number: int
    webhook: str
    type: str
    subject: str
    state: str
    attempts: list[AttemptBody]
    due_at: Timestamp | None
    created_at: Timestamp
    finished_at: Timestamp | None


class DeliveryReply(Struct, rename="camel"):
    """One delivery."""

    delivery: DeliveryBody
    trace_id: str


class DeliveriesReply(Struct, rename="camel"):
    """A page of the log, newest first. `next` is the `before` of the next page, null at the end."""

    deliveries: list[DeliveryBody]
    next: int | None
    trace_id: str


class KeyBody(Struct, rename="camel"):
    """A public key. `raw` is the same in base64 without its envelope, for Ed25519."""

    id: str
    header: str
    algorithm: str
    pem: str
    raw: str | None
    created_at: Timestamp


class KeysReply(Struct, rename="camel"):
    """All keys that are good, the newest of each kind first: that one signs."""

    keys: list[KeyBody]
    trace_id: str


async def list_deliveries(request: Request) -> DeliveriesReply:
    """The newest first. Raises InvalidShape for a query that is not understood."""
    query = request.query
    state = query.get("state") or None
    if state is not None and state not in STATES:
        raise InvalidShape([choice_error("state", STATES)])
    limit = _PAGING.read(request).limit
    before = read_number(request, "before", default=NEWEST, least=1)
    wanted = LogQuery(request.key, state, before, limit)
    logged = await webhooks.list_deliveries(request.context.storage, request.actor, wanted)
    return _page(logged, limit, request)


async def list_deliveries_of_subject(request: Request) -> DeliveriesReply:
    """The newest first. Raises InvalidShape for a query that is not understood."""
    subject = request.query.get("subject") or ""
    if not subject:
        raise InvalidShape(["subject should not be empty"])
    limit = _PAGING.read(request).limit
    before = read_number(request, "before", default=NEWEST, least=1)
    wanted = SubjectQuery(subject, before, limit)
    logged = await perform(request.context.storage, request.call(), webhooks.list_deliveries_of_subject, wanted)
    return _page(logged, limit, request)


async def replay_delivery(request: Request) -> DeliveryReply:
    """Under the same webhookId."""
    logged = await webhooks.replay_delivery(request.context.storage, request.actor, request.key)
    return DeliveryReply(_delivery(logged), request.trace_id)


async def get_keys(request: Request) -> KeysReply:
    """The newest of each kind first."""
    storage = request.context.storage
    kinds = ((ED25519, "x-ghl-signature", "Ed25519"), (RSA, "x-wh-signature", "RSA-SHA256"))
    keys = [
        _key(key, header, algorithm)
        for purpose, header, algorithm in kinds
        for key in await list_active_keys(storage, purpose)
    ]
    return KeysReply(keys, request.trace_id)


def _page(logged: list[Logged], limit: int, request: Request) -> DeliveriesReply:
    following = logged[-1].delivery.seq if len(logged) == limit else None
    return DeliveriesReply([_delivery(each) for each in logged], following, request.trace_id)


def _delivery(logged: Logged) -> DeliveryBody:
    delivery = logged.delivery
    return DeliveryBody(
        id=delivery.id,
        number=delivery.seq,
        webhook=delivery.webhook_id,
        type=delivery.type,
        subject=delivery.subject,
        state=delivery.state,
        attempts=[_attempt(attempt) for attempt in logged.attempts],
        due_at=iso(delivery.due_at) if delivery.state == "pending" else None,
        created_at=iso(delivery.created_at),
        finished_at=None if delivery.finished_at is None else iso(delivery.finished_at),
    )


def _attempt(attempt: Attempt) -> AttemptBody:
    at = iso(attempt.at)
    return AttemptBody(attempt.number, at, attempt.status, attempt.latency_ms, attempt.head, attempt.error)


def _key(key: SigningKey, header: str, algorithm: str) -> KeyBody:
    raw = raw_public_key(key) if key.purpose == ED25519 else None
    return KeyBody(key.id, header, algorithm, key.public_pem, raw, iso(key.created_at))


ROUTES = (
    Route(
        method="GET",
        path="/x/webhooks/{id}/deliveries",
        operation_id="list-webhook-deliveries",
        tag=TAG,
        summary="What was sent to a webhook, and what came of it",
        doc=f"The log is kept for 30 days. Of each delivery the last {ATTEMPTS_SHOWN} attempts are shown.",
        handler=list_deliveries,
        placement=Placement.FOUND,
        scope=READ,
        query=(
            Parameter("state", f"Only deliveries in this state: {', '.join(STATES)}.", example="dead"),
            *_PAGING.parameters,
            Parameter("before", "Only what has a smaller number: the `next` of the page before."),
        ),
        reply=DeliveriesReply,
        refusals=(WebhookNotFound,),
        extension=True,
    ),
    Route(
        method="GET",
        path="/x/webhooks/deliveries",
        operation_id="list-deliveries-of-subject",
        tag=TAG,
        summary="What was sent of one record, and what came of it",
        doc="To the webhooks of the location itself, not to those of its company or of apps, for as long as their logs "
        "are kept. The subject of an event is the id of "
        "the record that it is about, or of the object, association or relation.",
        handler=list_deliveries_of_subject,
        placement=Placement.QUERY,
        scope=READ,
        query=(
            LOCATION,
            Parameter("subject", "The id of what the events are about.", required=True),
            *_PAGING.parameters,
            Parameter("before", "Only what has a smaller number: the `next` of the page before."),
        ),
        reply=DeliveriesReply,
        extension=True,
    ),
    Route(
        method="POST",
        path="/x/webhooks/deliveries/{id}/replay",
        operation_id="replay-webhook-delivery",
        tag=TAG,
        summary="Send a finished delivery again, under the same webhookId",
        handler=replay_delivery,
        placement=Placement.FOUND,
        scope=WRITE,
        reply=DeliveryReply,
        refusals=(DeliveryNotFound,),
        extension=True,
    ),
    Route(
        method="GET",
        path="/.well-known/groundlevel/webhook-keys",
        operation_id="list-webhook-keys",
        tag=TAG,
        summary="The public keys by which webhooks are verified",
        handler=get_keys,
        placement=Placement.NOWHERE,
        admission=Admission.NONE,
        reply=KeysReply,
        extension=True,
    ),
)
