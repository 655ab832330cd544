"""Creates and changes contacts: the records of the standard object `contact` (docs/contract.md#sales-operations)."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from groundlevel.associations import relation_store
from groundlevel.associations import store as associations_store
from groundlevel.associations.related import related_records
from groundlevel.associations.relation_rules import relate, unrelate
from groundlevel.crm.contacts import store
from groundlevel.crm.contacts.events import (
    CONTACT_CREATE,
    CONTACT_DELETE,
    emit_contact_changes,
    emit_contact_event,
)
from groundlevel.crm.contacts.members import LOWER_CASE, MEMBERS, NAMES
from groundlevel.crm.custom_values import CustomValue, custom_properties
from groundlevel.crm.errors import DuplicateContact
from groundlevel.crm.followers import follower_change
from groundlevel.crm.members import written_properties
from groundlevel.crm.opportunities.contact_values import follow_contact
from groundlevel.crm.opportunities.rules import remove_opportunities_of
from groundlevel.crm.phones import international_phone
from groundlevel.crm.standard_object import StandardObject
from groundlevel.crm.tasks.removal import remove_tasks_of
from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.errors import InvalidShape, UniqueConflict
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.ids import to_short_id
from groundlevel.kernel.model import Json
from groundlevel.kernel.storage.connection import RunAgainError
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, reading, writing
from groundlevel.notes.removal import remove_notes_of_contact
from groundlevel.records.rules import (
    NewValues,
    RecordView,
    check_version,
    fetch_referenced_record,
    insert_record,
    replace_values,
)
from groundlevel.standard.objects import BUSINESS, BUSINESSES_CONTACTS, CONTACT

RECOGNISED_BY = ("email", "phone")
"""The properties of which no two contacts of a location have the same, the one that counts first in front."""

_RECOGNITION = "An upsert recognises a contact by its email or phone; POST /contacts/ makes one that has neither."
_NAMES = ("first_name", "last_name")


class ContactView(Struct, frozen=True, gc=False):
    """A contact with the id of the business it belongs to."""

    record: RecordView
    business_id: str | None = None

    @property
    def id(self) -> str:
        """The public id."""
        return to_short_id(self.record.record.id)


async def with_businesses(tx: Transaction, views: Sequence[RecordView]) -> list[ContactView]:
    """Contacts, each with the business it is related to."""
    if not views:
        return []
    related = await related_records(tx, views[0].schema, [view.record.id for view in views])
    businesses = {
        contact_id: other.record_id
        for contact_id, others in related.items()
        for other in others
        if other.association_id == BUSINESSES_CONTACTS
    }
    return [ContactView(view, businesses.get(view.record.id)) for view in views]


async def _before_delete(tx: Transaction, view: RecordView) -> None:
    """Deletes the opportunities whose primary contact it is, as the live platform does, with notes, tasks and
    memberships, and tells of the contact."""
    for remove in (remove_opportunities_of, remove_notes_of_contact, remove_tasks_of):
        await remove(tx, view.record.id)
    await store.delete_memberships_of_contact(tx, view.record.id)
    await emit_contact_event(tx, CONTACT_DELETE, view)


CONTACTS = StandardObject(CONTACT, show=with_businesses, names=NAMES, before_delete=(_before_delete,))
change_followers = follower_change(CONTACTS, emit_contact_changes)


class NewContact(Struct, frozen=True):
    """The contact to be created: values by field key as sent, and those of added fields."""

    properties: dict[str, Json]
    custom: Sequence[CustomValue] = ()


class ContactChange(Struct, frozen=True):
    """A change of a contact: absent properties stay, null and the empty text clear, tags are replaced."""

    id: str
    properties: dict[str, Json]
    custom: Sequence[CustomValue] = ()
    versions: frozenset[int] | None = None
    """The versions in which it may be; None for any."""


class BusinessChange(Struct, frozen=True):
    """Contacts, and the business they belong to from now on; None for none."""

    ids: Sequence[str]
    business_id: str | None


class Sought(Struct, frozen=True):
    """By what a contact is looked for; None for what does not count."""

    email: str | None
    phone: str | None


class Upserted(Struct, frozen=True):
    """A contact that was created, or recognised and changed."""

    contact: ContactView
    new: bool


@writing
async def create_contact(tx: Transaction, call: Call, request: NewContact) -> ContactView:
    """A new contact; of its properties none is required. Raises DuplicateContact, UnknownProperty, InvalidValue,
    UniqueConflict."""
    schema = await tx.schema(CONTACT)
    return ContactView(await _insert(tx, call, schema, _new_values(call, schema, request)))


@writing
async def update_contact(tx: Transaction, call: Call, request: ContactChange) -> ContactView:
    """A change. Raises what create_contact raises, and ContactNotFound."""
    view = await CONTACTS.lock(tx, call, request.id)
    check_version(view.record, request.versions)
    before = decode_object(view.record.properties)
    return await apply_contact_change(tx, call, view, _stored_values(call, view.schema, request, before))


@writing
async def upsert_contact(tx: Transaction, call: Call, request: NewContact) -> Upserted:
    """Changes the contact that is recognised by its email or else by its phone, or creates one.

    When the email recognises one contact and the phone another, the phone is left out (contacts.json, upsert-contact).
    Raises what create_contact raises.
    """
    try:
        return await _upsert(tx, call, request)
    except DuplicateContact as refusal:
        # No contact had the email or the phone a moment ago: another upsert of the same was faster, and is found now.
        raise RunAgainError(refusal) from refusal


async def _upsert(tx: Transaction, call: Call, request: NewContact) -> Upserted:
    schema = await tx.schema(CONTACT)
    new = _new_values(call, schema, request)
    if not any(key in new for key in RECOGNISED_BY):
        raise InvalidShape(["email or phone should not be empty"], hint=_RECOGNITION)
    holders = await _find_holders(tx, schema, new)
    record_id = next(iter(holders.values()), None)
    record = None if record_id is None else await tx.records.lock(schema, record_id)
    if record is None:
        return Upserted(ContactView(await _insert(tx, call, schema, new)), new=True)
    taken = {key for key, holder in holders.items() if holder != record.id}
    before = decode_object(record.properties)
    values = _stored_values(call, schema, request, before)
    sent = {key: value for key, value in values.items() if key not in taken}
    return Upserted(await apply_contact_change(tx, call, RecordView(record, schema, call.location), sent), new=False)


@reading
async def find_duplicate(tx: Transaction, call: Call, wanted: Sought) -> ContactView | None:
    """The contact that has the email address, or else the phone number. Raises InvalidValue."""
    schema = await tx.schema(CONTACT)
    sent = {"email": wanted.email, "phone": wanted.phone}
    sent = international_phone(schema, sent, {}, call.location)
    holders = await _find_holders(tx, schema, schema.validate_new(sent, strict=False, complete=False))
    record_id = next(iter(holders.values()), None)
    record = None if record_id is None else await tx.records.find(schema, record_id)
    return None if record is None else await CONTACTS.complete(tx, RecordView(record, schema, call.location))


@writing
async def change_business(tx: Transaction, call: Call, request: BusinessChange) -> None:
    """Relates contacts to a business instead of the one they belong to, or to none. Raises UnknownReference,
    CardinalityExceeded."""
    contacts, businesses = await tx.schema(CONTACT), await tx.schema(BUSINESS)
    business = None
    if request.business_id is not None:
        business = await fetch_referenced_record(tx, businesses, request.business_id, member="businessId")
    members = [await fetch_referenced_record(tx, contacts, shown, member="ids") for shown in dict.fromkeys(request.ids)]
    association = await associations_store.find_association(tx, BUSINESSES_CONTACTS)
    assert association is not None, "every location has the system associations"
    for contact in members:
        relations, _ = await relation_store.list_relations(tx, contact.id, (association.number,), limit=1)
        if business is not None and any(relation.first_id == business.id for relation in relations):
            continue
        for relation in relations:
            await unrelate(tx, association, relation)
        if business is not None:
            await relate(tx, association, (business.id, contact.id), limited=call.limited)


# --- what use cases share ----------------------------------------------------------------------------------------


def _stored_values(
    call: Call, schema: CompiledObject, request: NewContact | ContactChange, before: dict[str, Json]
) -> dict[str, Json]:
    """The properties of a request in the form that the fields take, given the stored ones until now."""
    sent = _with_names(written_properties(request.properties, MEMBERS))
    sent = international_phone(schema, sent, before, call.location)
    return {**sent, **custom_properties(schema, request.custom)}


def _with_names(sent: dict[str, Json]) -> dict[str, Json]:
    """What was sent, with the first and the last name of a full name that was sent without them."""
    name = sent.get("name")
    if "name" not in sent or any(key in sent for key in _NAMES):
        return sent
    first, _, last = name.strip().partition(" ") if isinstance(name, str) else ("", "", "")
    return {**sent, "first_name": first or None, "last_name": last.strip() or None}


def _complete_names(stored: dict[str, Json], sent: dict[str, Json]) -> dict[str, Json]:
    """The stored properties with those that follow from others: the full name, unless it was sent, and lower case."""
    whole = dict(stored)
    if "name" not in sent and any(key in sent for key in _NAMES):
        whole["name"] = " ".join(str(stored[key]) for key in _NAMES if key in stored)
    for key, source in LOWER_CASE.items():
        whole[key] = str(whole.get(source, "")).lower()
    return {key: value for key, value in whole.items() if value != "" or key not in (*LOWER_CASE, "name")}


def _new_values(call: Call, schema: CompiledObject, request: NewContact) -> dict[str, Json]:
    sent = _stored_values(call, schema, request, {})
    return _complete_names(schema.validate_new(sent, strict=False, complete=False), sent)


async def _insert(tx: Transaction, call: Call, schema: CompiledObject, stored: dict[str, Json]) -> RecordView:
    try:
        view = await insert_record(tx, call, schema, NewValues(stored))
    except UniqueConflict as conflict:
        raise await _duplicate_error(tx, schema, stored, conflict) from conflict
    await store.insert_tags(tx, stored.get("tags") or ())
    await emit_contact_event(tx, CONTACT_CREATE, view)
    return view


async def apply_contact_change(tx: Transaction, call: Call, view: RecordView, sent: dict[str, Json]) -> ContactView:
    """Stores a change of a locked contact, and emits its events; a change of nothing does neither."""
    schema, before = view.schema, decode_object(view.record.properties)
    after = _complete_names(schema.validate_change(before, sent, strict=False, complete=False), sent)
    if after == before:
        return await CONTACTS.complete(tx, view)
    changed = await store_contact_change(tx, call, view, after)
    held = before.get("tags") or ()
    await store.insert_tags(tx, [tag for tag in after.get("tags") or () if tag not in held])
    return await CONTACTS.complete(tx, changed)


async def store_contact_change(tx: Transaction, call: Call, view: RecordView, after: dict[str, Json]) -> RecordView:
    """Stores other properties of a locked contact, as they are stored, and emits its events.

    Raises DuplicateContact, UniqueConflict.
    """
    before = decode_object(view.record.properties)
    try:
        changed = await replace_values(tx, call, view, NewValues(after, before=before))
    except UniqueConflict as conflict:
        raise await _duplicate_error(tx, view.schema, after, conflict) from conflict
    await emit_contact_changes(tx, view, changed)
    await follow_contact(tx, changed.record, before)
    return changed


async def follow_returned_contact(tx: Transaction, view: RecordView) -> None:
    """What follows when a deleted contact is back: its tags, and the event of a new one."""
    await store.insert_tags(tx, decode_object(view.record.properties).get("tags") or ())
    await emit_contact_event(tx, CONTACT_CREATE, view)


async def _find_holders(tx: Transaction, schema: CompiledObject, stored: dict[str, Json]) -> dict[str, str]:
    """The ids of the contacts that have the email or the phone, by the property, in the order in which they count."""
    values = schema.unique_values(stored)
    holders = {}
    for key in RECOGNISED_BY:
        number = schema.fields[key].number
        if number in values:
            holder = await tx.records.find_holder(schema, number, values[number])
            if holder is not None:
                holders[key] = holder
    return holders


async def _duplicate_error(
    tx: Transaction, schema: CompiledObject, stored: dict[str, Json], conflict: UniqueConflict
) -> DuplicateContact | UniqueConflict:
    """The refusal of a contact whose email or phone another one has; of another unique value, the conflict itself."""
    key = schema.short_key(conflict.field_key)
    holder = (await _find_holders(tx, schema, stored)).get(key)
    if holder is None:
        return conflict
    return DuplicateContact(to_short_id(holder), key)
