"""The events about contacts (docs/contract.md#webhook-events)."""

from __future__ import annotations

from groundlevel.crm.contacts.members import SHOWN
from groundlevel.crm.custom_values import custom_values
from groundlevel.crm.members import camel, shown_members
from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.events import EventKind, declare_event, is_subscribed, make_event
from groundlevel.kernel.ids import to_short_id
from groundlevel.kernel.model import Json
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.timestamps import iso
from groundlevel.records.rules import RecordView

_SAMPLE: dict[str, Json] = {
    "locationId": "ve9EPM428h8vShlRW1KT",
    "id": "nmFmQEsNgz6AVpgLVUJ0",
    "address1": "3535 1st St N",
    "city": "Dolomite",
    "state": "AL",
    "companyName": "Mark Shoes",
    "country": "DE",
    "source": "xyz form",
    "dateAdded": "2021-11-26T12:41:02.193Z",
    "dateOfBirth": "2000-01-05T00:00:00.000Z",
    "dnd": True,
    "email": "ann@example.com",
    "name": "Ann Lee",
    "firstName": "Ann",
    "lastName": "Lee",
    "phone": "+919509597501",
    "postalCode": "452001",
    "tags": ["vip"],
    "website": "https://ann.example/",
    "attachments": [],
    "assignedTo": "sx6wyHhbFdRXh302LLNR",
    "customFields": [{"id": "BcdmQEsNgz6AVpgLVUJ0", "value": "XYZ Corp"}],
}
_DND_SETTINGS = {"SMS": {"status": "active", "message": "Asked for it", "code": "101"}}
_DND_SAMPLE = {
    name: value
    for member, sample in _SAMPLE.items()
    for name, value in ((member, sample), *([("dndSettings", _DND_SETTINGS)] if member == "dnd" else []))
}
_SCOPE = "contacts.readonly"
CONTACT_CREATE = declare_event("ContactCreate", scope=_SCOPE, doc="A contact is new.", sample=_SAMPLE)
CONTACT_UPDATE = declare_event(
    "ContactUpdate",
    scope=_SCOPE,
    doc="A contact has changed, in more than its tags and its refusal of messages.",
    sample=_SAMPLE,
)
CONTACT_DELETE = declare_event("ContactDelete", scope=_SCOPE, doc="A contact was deleted.", sample=_SAMPLE)
CONTACT_TAG_UPDATE = declare_event("ContactTagUpdate", scope=_SCOPE, doc="A contact has other tags.", sample=_SAMPLE)
CONTACT_DND_UPDATE = declare_event(
    "ContactDndUpdate", scope=_SCOPE, doc="A contact takes other messages, or none any more.", sample=_DND_SAMPLE
)

_OF_DND = frozenset(("dnd", "dnd_settings", "inbound_dnd_settings"))


async def emit_contact_event(tx: Transaction, kind: EventKind, view: RecordView) -> None:
    """Tells of a contact as it is; what is not set is left out."""
    if await is_subscribed(tx, kind):
        contact_id = to_short_id(view.record.id)
        tx.emit(make_event(tx, kind, contact_id, _payload(kind, view, contact_id)))


async def emit_contact_changes(tx: Transaction, before: RecordView, after: RecordView) -> None:
    """Tells what has changed about a contact: an event for its tags, for its refusal of messages, for all else."""
    old, new = decode_object(before.record.properties), decode_object(after.record.properties)
    changed = {key for key in {*old, *new} if old.get(key) != new.get(key)}
    if changed - _OF_DND - {"tags"} or before.record.followers != after.record.followers:
        await emit_contact_event(tx, CONTACT_UPDATE, after)
    if "tags" in changed:
        await emit_contact_event(tx, CONTACT_TAG_UPDATE, after)
    if changed & _OF_DND:
        await emit_contact_event(tx, CONTACT_DND_UPDATE, after)


def _payload(kind: EventKind, view: RecordView, contact_id: str) -> dict[str, Json]:
    stored = view.schema.visible(decode_object(view.record.properties))
    members: dict[str, Json] = {
        "dnd": False,
        "tags": [],
        **{camel(name): value for name, value in shown_members(stored, SHOWN).items()},
        "locationId": view.location.id,
        "id": contact_id,
        "dateAdded": iso(view.record.created_at),
        "attachments": [],
        "customFields": [{"id": field_id, "value": value} for field_id, value in custom_values(view.schema, stored)],
    }
    if born := members.get("dateOfBirth"):
        members["dateOfBirth"] = f"{born}T00:00:00.000Z"
    return {name: members[name] for name in kind.sample if name in members}
