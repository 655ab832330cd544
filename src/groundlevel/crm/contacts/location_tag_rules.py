"""The tags of a location: those that its contacts have had, and those that were made for them."""

from __future__ import annotations

from msgspec import Struct

from groundlevel.crm.contacts import store
from groundlevel.crm.contacts.rules import CONTACTS, store_contact_change
from groundlevel.crm.contacts.store import Tag
from groundlevel.crm.contacts.tags import fold_tag
from groundlevel.crm.errors import TagNotFound
from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.errors import DuplicateKey, InvalidValue
from groundlevel.kernel.query.parse import SearchRequest
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, perform, reading, writing
from groundlevel.standard.errors import ContactNotFound

CHUNK = 100
"""Contacts a transaction when a tag is renamed or deleted; other writers wait for one chunk at most."""


class _Replacement(Struct, frozen=True):
    """Contacts, the tag that they lose and the one that they get for it; None for none."""

    ids: list[str]
    old: str
    new: str | None


@reading
async def list_tags(tx: Transaction, call: Call, request: None) -> list[Tag]:
    """All of the location, by name."""
    return await store.list_tags(tx)


@reading
async def get_tag(tx: Transaction, call: Call, tag_id: str) -> Tag:
    """The tag. Raises TagNotFound."""
    tag = await store.find_tag(tx, tag_id)
    if tag is None:
        raise TagNotFound(tag_id)
    return tag


@writing
async def create_tag(tx: Transaction, call: Call, name: str) -> Tag:
    """A new tag. Raises InvalidValue for a blank name, DuplicateKey."""
    name = _checked(name)
    if await store.find_tag_by_name(tx, name) is not None:
        raise DuplicateKey(f"The tag {name} already exists")
    await store.insert_tags(tx, [name])
    tag = await store.find_tag_by_name(tx, name)
    assert tag is not None, "it has just been stored"
    return tag


async def rename_tag(storage: Storage, call: Call, tag_id: str, *, name: str) -> Tag:
    """Another name for a tag, also on the contacts that have it (decision 0041).

    Contacts come first, a chunk at a time: what is broken off goes on when it is asked for again.
    Raises TagNotFound, InvalidValue, DuplicateKey.
    """
    tag, after = await perform(storage, call, get_tag, tag_id), Tag(tag_id, _checked(name))
    if after.name == tag.name:
        return tag
    await perform(storage, call, _check_free, after)
    await _replace_on_contacts(storage, call, tag.name, after.name)
    await perform(storage, call, _rename, after)
    return after


async def delete_tag(storage: Storage, call: Call, tag_id: str) -> None:
    """Deletes a tag, first from the contacts that have it (decision 0041). Raises TagNotFound."""
    tag = await perform(storage, call, get_tag, tag_id)
    await _replace_on_contacts(storage, call, tag.name, None)
    await perform(storage, call, _delete, tag_id)


def _checked(name: str) -> str:
    folded = str(fold_tag(name))
    if not folded:
        raise InvalidValue("name: a tag needs a name", hint="Give a name that is not blank.")
    return folded


@reading
async def _check_free(tx: Transaction, call: Call, wanted: Tag) -> None:
    holder = await store.find_tag_by_name(tx, wanted.name)
    if holder is not None and holder.id != wanted.id:
        raise DuplicateKey(f"The tag {wanted.name} already exists")


@writing
async def _rename(tx: Transaction, call: Call, tag: Tag) -> None:
    await _check_free(tx, call, tag)
    await store.rename_tag(tx, tag)


@writing
async def _delete(tx: Transaction, call: Call, tag_id: str) -> None:
    await store.delete_tag(tx, tag_id)


async def _replace_on_contacts(storage: Storage, call: Call, old: str, new: str | None) -> None:
    having = SearchRequest(filters=[{"field": "tags", "operator": "eq", "value": old}], page_limit=CHUNK)
    while ids := [contact.id for contact in (await perform(storage, call, CONTACTS.search, having)).views]:
        await perform(storage, call, _replace, _Replacement(ids, old, new))


@writing
async def _replace(tx: Transaction, call: Call, wanted: _Replacement) -> None:
    for shown in wanted.ids:
        try:
            view = await CONTACTS.lock(tx, call, shown)
        except ContactNotFound:
            # Deleted since it was found.
            continue
        stored = decode_object(view.record.properties)
        tags = [wanted.new if tag == wanted.old else tag for tag in stored.get("tags") or []]
        after = {**stored, "tags": list(dict.fromkeys(tag for tag in tags if tag is not None))}
        if not after["tags"]:
            del after["tags"]
        await store_contact_change(tx, call, view, after)
