"""Stores to which campaigns and workflows contacts belong; nothing runs here."""

from __future__ import annotations

from msgspec import Struct

from groundlevel.crm.contacts import store
from groundlevel.crm.contacts.rules import CONTACTS
from groundlevel.crm.contacts.store import MemberOf
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, writing


class Membership(Struct, frozen=True):
    """A contact, and what it belongs to."""

    contact_id: str
    kind: MemberOf
    target_id: str | None
    """None for all of the kind."""


@writing
async def join(tx: Transaction, call: Call, request: Membership) -> None:
    """Stores a membership; to have it already is no fault. Raises ContactNotFound."""
    view = await CONTACTS.lock(tx, call, request.contact_id)
    assert request.target_id is not None, "a contact joins one thing at a time"
    await store.insert_membership(tx, view.record.id, request.kind, request.target_id)


@writing
async def leave(tx: Transaction, call: Call, request: Membership) -> None:
    """Deletes a membership; not to have it is no fault. Raises ContactNotFound."""
    view = await CONTACTS.lock(tx, call, request.contact_id)
    await store.delete_membership(tx, view.record.id, request.kind, request.target_id)
