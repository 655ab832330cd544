"""The bodies and replies of the operations on contacts, and how one becomes the other.

See docs/contract.md#sales-operations.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

from groundlevel.crm.contacts.members import SHOWN
from groundlevel.crm.contacts.rules import ContactView
from groundlevel.crm.custom_values import custom_values
from groundlevel.crm.members import shown_members
from groundlevel.crm.schemas import CustomFields
from groundlevel.kernel.absence import or_unset
from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.http.bodies import Body, Filled, Flag, LocatedBody, SearchBody, Text, Timestamp
from groundlevel.kernel.model import Json
from groundlevel.kernel.timestamps import iso
from groundlevel.records.rules import RecordView

MAX_LINKED = 1_000
"""Most contacts whose business is changed at once."""
Settings: TypeAlias = dict[str, Json] | None | UnsetType


class LiveContactUpdate(Body, kw_only=True):
    """A change of a contact: members left out stay, null and the empty text clear, tags replace all there are."""

    name: Text = UNSET
    first_name: Text = UNSET
    last_name: Text = UNSET
    email: Text = UNSET
    phone: Text = UNSET
    company_name: Text = UNSET
    address1: Text = UNSET
    city: Text = UNSET
    state: Text = UNSET
    postal_code: Text = UNSET
    country: Text = UNSET
    website: Text = UNSET
    timezone: Text = UNSET
    source: Text = UNSET
    type: Text = UNSET
    gender: Text = UNSET
    date_of_birth: Text = UNSET
    assigned_to: Text = UNSET
    dnd: Flag = UNSET
    dnd_settings: Settings = UNSET
    inbound_dnd_settings: Settings = UNSET
    tags: list[Filled] | None | UnsetType = UNSET
    custom_fields: CustomFields = UNSET


class ContactUpdate(LiveContactUpdate, kw_only=True):
    """A change of a contact, which may name the location."""

    location_id: Filled | None | UnsetType = UNSET


class ContactCreation(ContactUpdate, kw_only=True):
    """A new contact."""


class ContactUpsert(ContactCreation, kw_only=True):
    """A contact to be recognised by its email or phone and changed, or to be created."""

    create_new_if_duplicate_allowed: Flag = UNSET
    """Without effect: duplicates are never allowed here."""


class ContactSearch(SearchBody, kw_only=True):
    """A search among contacts. `searchAfter` goes on from a contact; the page does not count then."""

    page_limit: int | float


class ContactTags(Body, kw_only=True):
    """Tags to add to a contact, or to take from it."""

    tags: list[Filled]


class BusinessLink(LocatedBody, kw_only=True):
    """Contacts, and the business they belong to from now on; null for none."""

    ids: Annotated[list[Filled], Meta(min_length=1, max_length=MAX_LINKED)]
    business_id: Filled | None


class CustomValueBody(Struct):
    """The value of an added field."""

    id: str
    value: Json


class ContactBody(Struct, rename="camel", kw_only=True):
    """A contact; what was never set is absent."""

    id: str
    location_id: str
    date_added: Timestamp
    date_updated: Timestamp
    tags: list[str]
    custom_fields: list[CustomValueBody]
    dnd: bool
    name: str | UnsetType = UNSET
    first_name: str | UnsetType = UNSET
    last_name: str | UnsetType = UNSET
    first_name_lower_case: str | UnsetType = UNSET
    last_name_lower_case: str | UnsetType = UNSET
    full_name_lower_case: str | UnsetType = UNSET
    contact_name: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    email_lower_case: str | UnsetType = UNSET
    phone: str | UnsetType = UNSET
    company_name: str | UnsetType = UNSET
    address1: str | UnsetType = UNSET
    city: str | UnsetType = UNSET
    state: str | UnsetType = UNSET
    postal_code: str | UnsetType = UNSET
    country: str | UnsetType = UNSET
    website: str | UnsetType = UNSET
    timezone: str | UnsetType = UNSET
    source: str | UnsetType = UNSET
    type: str | UnsetType = UNSET
    gender: str | UnsetType = UNSET
    date_of_birth: str | UnsetType = UNSET
    assigned_to: str | UnsetType = UNSET
    dnd_settings: dict[str, Json] | UnsetType = UNSET
    inbound_dnd_settings: dict[str, Json] | UnsetType = UNSET
    business_id: str | UnsetType = UNSET
    """The business the contact is related to."""
    search_after: list[Json] | UnsetType = UNSET


class ContactReply(Struct, rename="camel"):
    """One contact."""

    contact: ContactBody
    trace_id: str


class ChangedContactReply(Struct, rename="camel"):
    """A contact that was changed. The misspelt member is the contract (docs/contract.md#decision-23)."""

    succeded: bool
    succeeded: bool
    contact: ContactBody
    trace_id: str


class UpsertedContactReply(Struct, rename="camel"):
    """A contact, and whether it is new."""

    new: bool
    contact: ContactBody
    trace_id: str


class ContactsReply(Struct, rename="camel"):
    """A page of contacts; each carries the cursor behind it as `searchAfter`."""

    contacts: list[ContactBody]
    total: int
    trace_id: str


class ContactsMeta(Struct, rename="camel"):
    """Where a page of contacts ends: what `startAfter` and `startAfterId` of the next one are."""

    total: int
    start_after: int | UnsetType = UNSET
    start_after_id: str | UnsetType = UNSET
    next_page_url: str | UnsetType = UNSET
    """Absent behind the last page."""


class ListedContactsReply(Struct, rename="camel"):
    """A page of a list of contacts, and how many there are in all."""

    contacts: list[ContactBody]
    count: int
    meta: ContactsMeta
    trace_id: str


class TagsReply(Struct, rename="camel"):
    """The tags that a contact has now."""

    tags: list[str]
    trace_id: str
    tags_added: list[str] | UnsetType = UNSET
    tags_removed: list[str] | UnsetType = UNSET


class LinkedReply(Struct, rename="camel"):
    """The contacts whose business is another one now."""

    success: Literal[True]
    ids: list[str]
    trace_id: str


def custom_bodies(view: RecordView, stored: dict[str, Json]) -> list[CustomValueBody]:
    """The wire form of the added fields of a record, given its visible properties."""
    return [CustomValueBody(field_id, value) for field_id, value in custom_values(view.schema, stored)]


def contact_body(contact: ContactView) -> ContactBody:
    """The wire form of a contact."""
    view = contact.record
    stored = view.schema.visible(decode_object(view.record.properties))
    shown = {"dnd": False, "tags": [], **shown_members(stored, SHOWN)}
    return ContactBody(
        id=contact.id,
        location_id=view.location.id,
        date_added=iso(view.record.created_at),
        date_updated=iso(view.record.updated_at),
        custom_fields=custom_bodies(view, stored),
        contact_name=stored.get("name", UNSET),
        business_id=or_unset(contact.business_id),
        **shown,
    )
