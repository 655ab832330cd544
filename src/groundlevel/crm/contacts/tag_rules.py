"""Adds tags to contacts and takes them away, one contact or many."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET, Struct, UnsetType

from groundlevel.crm.contacts.rules import CONTACTS, ContactView, apply_contact_change
from groundlevel.crm.contacts.tags import fold_tags
from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.errors import Refusal
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, writing


class TagChange(Struct, frozen=True):
    """Tags that a contact gets and loses; to lose one that it does not have is not an error."""

    id: str
    add: Sequence[str] = ()
    remove: Sequence[str] = ()
    remove_all: bool = False
    """Whether it loses every tag that it has before it gets others."""


class TagsOfMany(Struct, frozen=True):
    """The same change of the tags of many contacts."""

    ids: Sequence[str]
    add: Sequence[str]
    remove: Sequence[str]
    remove_all: bool


class TagOutcome(Struct, rename="camel", omit_defaults=True):
    """What became of one contact: its tags as they were, and what was changed; or why nothing was."""

    contact_id: str
    message: str
    type: str
    old_tags: Sequence[str] | UnsetType = UNSET
    tags_added: Sequence[str] | UnsetType = UNSET
    tags_removed: Sequence[str] | UnsetType = UNSET


@writing
async def change_tags(tx: Transaction, call: Call, request: TagChange) -> ContactView:
    """Adds and removes tags. Raises ContactNotFound, InvalidValue."""
    _, view = await _change(tx, call, request)
    return view


@writing
async def change_tags_of_many(tx: Transaction, call: Call, request: TagsOfMany) -> list[TagOutcome]:
    """Changes the tags of each contact, once for each; one that is refused does not stop the others."""
    outcomes = []
    for contact_id in request.ids:
        change = TagChange(contact_id, request.add, request.remove, request.remove_all)
        try:
            before, view = await _change(tx, call, change)
        except Refusal as refusal:
            outcomes.append(TagOutcome(contact_id, refusal.message, "error"))
            continue
        after = _tags(view)
        gained, lost = [tag for tag in after if tag not in before], [tag for tag in before if tag not in after]
        outcomes.append(TagOutcome(contact_id, "Tags updated", "success", before, gained, lost))
    return outcomes


async def _change(tx: Transaction, call: Call, request: TagChange) -> tuple[list[str], ContactView]:
    """The tags until now, and the contact after the change."""
    view = await CONTACTS.lock(tx, call, request.id)
    before: list[str] = decode_object(view.record.properties).get("tags") or []
    gone = before if request.remove_all else fold_tags(request.remove)
    tags = [tag for tag in before if tag not in gone] + fold_tags(request.add)
    if not request.remove_all:
        tags = [tag for tag in tags if tag not in gone]
    return before, await apply_contact_change(tx, call, view, {"tags": tags})


def _tags(view: ContactView) -> list[str]:
    return decode_object(view.record.record.properties).get("tags") or []
