"""The bodies and replies of the operations on contacts, and how one becomes the other.

See docs/contract.md#sales-operations.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

from groundlevel.crm.contacts.members import SHOWN
from groundlevel.crm.contacts.rules import ContactView
from groundlevel.crm.contacts.tag_rules import TagOutcome
from groundlevel.crm.custom_values import custom_values
from groundlevel.crm.members import shown_members
from groundlevel.crm.schemas import CustomFields
from groundlevel.kernel.absence import or_unset
from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.http.bodies import Body, Filled, Flag, LocatedBody, Names, SearchBody, Text, Timestamp
from groundlevel.kernel.model import Json
from groundlevel.kernel.timestamps import iso
from groundlevel.records.rules import RecordView

MAX_TAGGED = 500
"""Most contacts whose tags are changed at once: a transaction of some tenths of a second."""
MAX_TAGS = 200
"""Most tags that one request gives or takes."""
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
    tags: Names | None | UnsetType = UNSET
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

    tags: Annotated[list[Filled], Meta(max_length=MAX_TAGS)]


class TagsUpdate(LocatedBody, kw_only=True):
    """Tags that contacts get or lose."""

    contacts: Annotated[list[Filled], Meta(min_length=1, max_length=MAX_TAGGED)]
    tags: Annotated[list[Filled], Meta(max_length=MAX_TAGS)]
    remove_all_tags: Flag = UNSET
    """Whether the contacts lose all the tags that they have, before others are added."""


class BusinessLink(LocatedBody, kw_only=True):
    """Contacts, and the business they belong to from now on; null for none."""

    ids: Annotated[list[Filled], Meta(min_length=1, max_length=MAX_LINKED)]
    business_id: Filled | None


class CustomValueBody(Struct):
    """The value of an added field."""

    id: str
    value: Json


class ContactBody(Struct, rename="camel", kw_only=True):
    """A contact; what was never set is absent, or null in a list."""

    id: str
    location_id: str
    date_added: Timestamp
    date_updated: Timestamp
    tags: list[str]
    followers: Sequence[str]
    custom_fields: list[CustomValueBody]
    dnd: bool
    name: str | None | UnsetType = UNSET
    first_name: str | None | UnsetType = UNSET
    last_name: str | None | UnsetType = UNSET
    first_name_raw: str | None | UnsetType = UNSET
    """As it was written; lists alone show it."""
    last_name_raw: str | None | UnsetType = UNSET
    first_name_lower_case: str | UnsetType = UNSET
    last_name_lower_case: str | UnsetType = UNSET
    full_name_lower_case: str | UnsetType = UNSET
    contact_name: str | None | UnsetType = UNSET
    email: str | None | UnsetType = UNSET
    email_lower_case: str | UnsetType = UNSET
    phone: str | None | UnsetType = UNSET
    company_name: str | None | UnsetType = UNSET
    address1: str | None | UnsetType = UNSET
    city: str | None | UnsetType = UNSET
    state: str | None | UnsetType = UNSET
    postal_code: str | None | UnsetType = UNSET
    country: str | None | UnsetType = UNSET
    website: str | None | UnsetType = UNSET
    timezone: str | None | UnsetType = UNSET
    source: str | None | UnsetType = UNSET
    type: str | None | UnsetType = UNSET
    gender: str | UnsetType = UNSET
    date_of_birth: str | None | UnsetType = UNSET
    assigned_to: str | None | UnsetType = UNSET
    dnd_settings: dict[str, Json] | UnsetType = UNSET
    inbound_dnd_settings: dict[str, Json] | UnsetType = UNSET
    business_id: str | None | UnsetType = UNSET
    """The business the contact is related to."""
    additional_emails: list[str] | UnsetType = UNSET
    """None: a contact has one address here."""
    attributions: list[dict[str, Json]] | UnsetType = UNSET
    """None: nothing is known here of where visitors came from."""
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
    """A contact, and whether it is new. Clients take a reply without the misspelt member for an error."""

    succeded: bool
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
    current_page: int
    next_page: int | None
    """Null on the last page."""
    prev_page: int | None
    """Null on the first page."""
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


class TagsUpdateReply(Struct, rename="camel"):
    """What became of each contact, and how many were refused. The misspelt member is the contract."""

    succeded: bool
    error_count: int
    responses: list[TagOutcome]
    trace_id: str


class FoundContactReply(Struct, rename="camel"):
    """The contact that was looked for; null for none."""

    contact: ContactBody | None
    trace_id: str


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
        followers=view.record.followers,
        custom_fields=custom_bodies(view, stored),
        contact_name=stored.get("name", UNSET),
        business_id=or_unset(contact.business_id),
        **shown,
    )


_NULL_IN_LISTS = (
    "name", "first_name", "last_name", "contact_name", "email", "phone", "company_name", "address1", "city", "state",
    "postal_code", "country", "website", "timezone", "source", "type", "date_of_birth", "assigned_to", "business_id",
)  # fmt: skip


def listed_contact(contact: ContactView, *, lower_case: bool) -> ContactBody:
    """The wire form of a contact in a list: null for what is not set, and the names as they were written beside the
    usual ones, which are in lower case there where `lower_case` asks for it."""
    body = contact_body(contact)
    body.first_name_raw, body.last_name_raw = body.first_name, body.last_name
    if lower_case:
        body.first_name, body.last_name = body.first_name_lower_case, body.last_name_lower_case
        body.contact_name = body.full_name_lower_case
    for member in (*_NULL_IN_LISTS, "first_name_raw", "last_name_raw"):
        if getattr(body, member) is UNSET:
            setattr(body, member, None)
    body.additional_emails, body.attributions = [], []
    return body
