"""What opportunities keep of their primary contact, so that searches find them by it (decision 0043)."""

from __future__ import annotations

import msgspec

from groundlevel.associations import relation_store
from groundlevel.associations import store as associations_store
from groundlevel.kernel.codec import decode_object, encode_text
from groundlevel.kernel.ids import to_short_id
from groundlevel.kernel.model import MAX_SAFE_INTEGER, Association, Json, Record
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.records.rules import store_change
from groundlevel.standard.objects import OPPORTUNITIES_CONTACTS, OPPORTUNITY

_SOURCES = {
    "contactName": "name",
    "contactEmail": "email",
    "contactPhone": "phone",
    "businessName": "company_name",
    "contactCountry": "country",
    "tags": "tags",
}
"""What an opportunity keeps, and the property of the contact that it is."""


def with_contact_values(stored: dict[str, Json], contact: dict[str, Json]) -> dict[str, Json]:
    """The stored properties of an opportunity with what it keeps of a contact, given by its stored properties.

    The email address is in lower case, so that it is compared without regard to case.
    """
    own = {key: value for key, value in stored.items() if key not in _SOURCES}
    kept = {key: contact[source] for key, source in _SOURCES.items() if contact.get(source)}
    if "contactEmail" in kept:
        kept["contactEmail"] = kept["contactEmail"].lower()
    return {**own, **kept}


async def follow_contact(tx: Transaction, contact: Record, before: dict[str, Json]) -> None:
    """Stores what the opportunities of a changed contact keep of it; `before` are its stored properties until now.

    Nothing of an opportunity has changed by that, so no event is emitted and its timestamps stay.
    """
    after = decode_object(contact.properties)
    if all(before.get(source) == after.get(source) for source in _SOURCES.values()):
        return
    schema = await tx.schema(OPPORTUNITY)
    for opportunity in await lock_opportunities_of(tx, contact.id):
        stored = decode_object(opportunity.properties)
        kept = with_contact_values(stored, after)
        record = msgspec.structs.replace(opportunity, properties=encode_text(kept))
        await store_change(tx, schema, (opportunity, record), (stored, kept))


async def lock_opportunities_of(tx: Transaction, contact_id: str) -> list[Record]:
    """The opportunities whose primary contact it is, locked, the oldest first."""
    association = await contact_association(tx)
    relations, _ = await relation_store.list_relations(tx, contact_id, (association.number,), limit=MAX_SAFE_INTEGER)
    schema, shown = await tx.schema(OPPORTUNITY), to_short_id(contact_id)
    found = []
    for opportunity_id in sorted(relation.first_id for relation in relations):
        record = await tx.records.lock(schema, opportunity_id)
        if record is not None and decode_object(record.properties)["contact_id"] == shown:
            found.append(record)
    return found


async def contact_association(tx: Transaction) -> Association:
    """The association of opportunities with contacts."""
    association = await associations_store.find_association(tx, OPPORTUNITIES_CONTACTS)
    assert association is not None, "every location has the system associations"
    return association
