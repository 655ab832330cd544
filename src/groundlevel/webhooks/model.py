"""Webhooks, deliveries and attempts as frozen values."""

from __future__ import annotations

from msgspec import Struct


class Webhook(Struct, frozen=True, gc=False):
    """Where events are delivered to: for an app wherever it is installed, or for a location or company."""

    id: str
    app_id: str | None
    company_id: str | None
    location_id: str | None
    url: str
    events: tuple[str, ...]
    """The types asked for; empty for all."""
    listens_until: int | None
    """Until when a command that delivers it by itself has promised to be there; None for what workers deliver."""
    created_at: int


class Delivery(Struct, frozen=True, gc=False):
    """One event on its way to one webhook."""

    id: str
    """The webhookId, the same at every attempt."""
    location: int
    """The number of the location, 0 for none; never leaves the database."""
    seq: int
    webhook_id: str
    type: str
    subject: str
    payload: str
    state: str
    """pending; waiting, behind an earlier one of the same subject; delivered; dead."""
    attempts: int
    """Since it was made, or last replayed."""
    due_at: int
    created_at: int
    finished_at: int | None


class Attempt(Struct, frozen=True, gc=False):
    """One try to deliver, and its outcome."""

    delivery_id: str
    number: int
    at: int
    status: int | None
    """The HTTP status of the answer; None without one."""
    latency_ms: int
    head: str
    """The first characters of the answer's body."""
    error: str | None
