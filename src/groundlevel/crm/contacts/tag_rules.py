"""Adds tags to contacts and takes them away."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from groundlevel.crm.contacts.rules import CONTACTS, ContactView, apply_contact_change
from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, writing


class TagChange(Struct, frozen=True):
    """Tags that a contact gets and loses; to lose one that it does not have is not an error."""

    id: str
    add: Sequence[str] = ()
    remove: Sequence[str] = ()


@writing
async def change_tags(tx: Transaction, call: Call, request: TagChange) -> ContactView:
    """Adds and removes tags. Raises ContactNotFound, InvalidValue."""
    view = await CONTACTS.lock(tx, call, request.id)
    before: list[str] = decode_object(view.record.properties).get("tags") or []
    tags = [tag for tag in [*before, *request.add] if tag not in request.remove]
    return await apply_contact_change(tx, call, view, {"tags": tags})
