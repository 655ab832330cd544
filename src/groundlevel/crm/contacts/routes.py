"""The operations on contacts (docs/contract.md#sister-searches, #sales-operations)."""

from __future__ import annotations

from groundlevel.crm.contacts import rules as contacts
from groundlevel.crm.contacts.members import MEMBERS
from groundlevel.crm.contacts.rules import CONTACTS, BusinessChange, ContactChange, ContactView, NewContact, Sought
from groundlevel.crm.contacts.schemas import (
    BusinessLink,
    ChangedContactReply,
    ContactCreation,
    ContactReply,
    ContactSearch,
    ContactsMeta,
    ContactsReply,
    ContactUpdate,
    ContactUpsert,
    FoundContactReply,
    LinkedReply,
    ListedContactsReply,
    LiveContactUpdate,
    UpsertedContactReply,
    contact_body,
    listed_contact,
)
from groundlevel.crm.errors import DuplicateContact
from groundlevel.crm.follower_routes import Followed, follower_routes
from groundlevel.crm.members import sent_properties
from groundlevel.crm.schemas import DoneReply, custom_of, done_reply
from groundlevel.crm.standard_routes import ListPage, ListQuery, list_page, on_record
from groundlevel.kernel.errors import (
    InvalidCursor,
    InvalidField,
    InvalidFilter,
    InvalidShape,
    InvalidValue,
    LimitExceeded,
    NotSupported,
    UniqueConflict,
    UnknownProperty,
)
from groundlevel.kernel.http.bodies import search_request
from groundlevel.kernel.http.locate import FOUND_BY_ID
from groundlevel.kernel.http.params import LOCATION, START, Paging
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Parameter, Placement, Route
from groundlevel.kernel.scopes import declare_scopes
from groundlevel.kernel.usecase import perform
from groundlevel.records.entity_tags import matching_versions, name_state
from groundlevel.records.errors import RecordChanged, UnknownReference
from groundlevel.standard.errors import ContactNotFound

TAG = "Contacts"
READ, WRITE = declare_scopes("contacts", "contacts")

_PAGES = Paging(usual=20, most=100, page="page")
_PARTS = Paging(usual=20, most=100, skip="skip")
_VALUES = (DuplicateContact, UnknownProperty, InvalidValue, UniqueConflict)
_SEARCH = (InvalidField, InvalidFilter, InvalidCursor, LimitExceeded, NotSupported)


async def create_contact(request: Request) -> ContactReply:
    """Creates a contact."""
    view = await perform(request.context.storage, request.call(), contacts.create_contact, _new(request.body))
    return ContactReply(contact_body(view), request.trace_id)


async def upsert_contact(request: Request) -> UpsertedContactReply:
    """Changes the contact that is recognised, or creates one."""
    done = await perform(request.context.storage, request.call(), contacts.upsert_contact, _new(request.body))
    return UpsertedContactReply(True, done.new, contact_body(done.contact), request.trace_id)


def _new(body: ContactCreation) -> NewContact:
    return NewContact(sent_properties(body, MEMBERS), custom_of(body.custom_fields))


async def get_contact(request: Request) -> ContactReply:
    """Shows a contact."""
    view = await on_record(request, CONTACTS, CONTACTS.get, request.params[0])
    name_state(request, view.record, view.business_id or "")
    return ContactReply(contact_body(view), request.trace_id)


async def update_contact(request: Request) -> ChangedContactReply:
    """Changes a contact."""
    body: LiveContactUpdate = request.body
    custom, versions = custom_of(body.custom_fields), matching_versions(request.if_match)
    change = ContactChange(request.params[0], sent_properties(body, MEMBERS), custom, versions)
    view = await on_record(request, CONTACTS, contacts.update_contact, change)
    name_state(request, view.record, view.business_id or "")
    return ChangedContactReply(True, True, contact_body(view), request.trace_id)


async def delete_contact(request: Request) -> DoneReply:
    """Deletes a contact with its opportunities."""
    await on_record(request, CONTACTS, CONTACTS.delete, request.params[0])
    return done_reply(request.trace_id)


async def search_contacts(request: Request) -> ContactsReply:
    """A page of the contacts found."""
    body: ContactSearch = request.body
    asked = search_request(body, body.page_limit)
    found = await perform(request.context.storage, request.call(), CONTACTS.search, asked)
    bodies = [contact_body(contact) for contact in found.views]
    for each, cursor in zip(bodies, found.cursors, strict=True):
        each.search_after = cursor
    return ContactsReply(bodies, found.total, request.trace_id)


async def list_contacts(request: Request) -> ListedContactsReply:
    """A page of all contacts, the newest first."""
    return _list_reply(await list_page(request, CONTACTS, _PAGES, ListQuery("query")), request)


async def list_contacts_of_business(request: Request) -> ListedContactsReply:
    """A page of the contacts of a business, the newest first; none of one that there is not."""
    related = {"field": "businessId", "operator": "eq", "value": request.params[0]}
    query = ListQuery("query", filters=[related])
    return _list_reply(await list_page(request, CONTACTS, _PARTS, query), request)


def _list_reply(page: ListPage[ContactView], request: Request) -> ListedContactsReply:
    meta = ContactsMeta(
        page.total,
        page.window.page,
        page.window.page + 1 if page.more else None,
        page.window.page - 1 if page.window.page > 1 else None,
        next_page_url=page.next_page_url,
    )
    if page.last is not None:
        meta.start_after, meta.start_after_id = page.last
    strict = request.call().strict
    bodies = [listed_contact(each, lower_case=strict) for each in page.views]
    return ListedContactsReply(bodies, page.total, meta, request.trace_id)


async def find_duplicate_contact(request: Request) -> FoundContactReply:
    """The contact that has an email address, or else a phone number."""
    email, number = request.query.get("email", "").strip(), request.query.get("number", "").strip()
    if not email and not number:
        raise InvalidShape(["email or number should not be empty"])
    found = await perform(
        request.context.storage, request.call(), contacts.find_duplicate, Sought(email or None, number or None)
    )
    return FoundContactReply(None if found is None else contact_body(found), request.trace_id)


async def link_contacts(request: Request) -> LinkedReply:
    """Relates contacts to a business, or to none."""
    body: BusinessLink = request.body
    change = BusinessChange(tuple(body.ids), body.business_id)
    await perform(request.context.storage, request.call(), contacts.change_business, change)
    return LinkedReply(True, body.ids, request.trace_id)


_ANN = {"firstName": "Ann", "lastName": "Lee", "email": "ann@example.com", "phone": "+14155552671", "tags": ["vip"]}
_PLACED_ANN = {"locationId": "ve9EPM428h8vShlRW1KT", **_ANN}
_TEXT = Parameter("query", "Text to find in name, email, tags or phone.")

ROUTES = (
    Route(
        method="POST",
        path="/contacts/",
        operation_id="create-contact",
        tag=TAG,
        summary="Create a contact",
        doc="The name is made of first and last name, or these of the name, when only one of both is sent.",
        handler=create_contact,
        placement=Placement.BODY,
        scope=WRITE,
        status=201,
        body=ContactCreation,
        reply=ContactReply,
        refusals=_VALUES,
        example=_PLACED_ANN,
    ),
    Route(
        method="GET",
        path="/contacts/",
        operation_id="get-contacts",
        tag=TAG,
        summary="List contacts",
        doc="The newest first. The platform calls this outdated: search instead.",
        handler=list_contacts,
        placement=Placement.QUERY,
        scope=READ,
        query=(LOCATION, *_PAGES.parameters, _TEXT, *START),
        reply=ListedContactsReply,
        refusals=(InvalidCursor, LimitExceeded, NotSupported),
    ),
    Route(
        method="GET",
        path="/contacts/{contactId}",
        operation_id="get-contact",
        tag=TAG,
        summary="Get a contact",
        doc=f"{FOUND_BY_ID} The header `ETag` names the state of the contact.",
        handler=get_contact,
        placement=Placement.FOUND,
        scope=READ,
        reply=ContactReply,
        refusals=(ContactNotFound,),
    ),
    Route(
        method="PUT",
        path="/contacts/{contactId}",
        operation_id="update-contact",
        tag=TAG,
        summary="Change a contact",
        doc=f"Members left out stay, null and the empty text clear, tags replace all there are. With `If-Match` and "
        f"the `ETag` of a reply, a contact that was changed since is refused. {FOUND_BY_ID}",
        handler=update_contact,
        placement=Placement.FOUND,
        scope=WRITE,
        body=ContactUpdate,
        live_body=LiveContactUpdate,
        reply=ChangedContactReply,
        refusals=(*_VALUES, ContactNotFound, RecordChanged),
        example=_ANN,
    ),
    Route(
        method="DELETE",
        path="/contacts/{contactId}",
        operation_id="delete-contact",
        tag=TAG,
        summary="Delete a contact",
        doc=f"The opportunities whose primary contact it is are deleted with it. {FOUND_BY_ID}",
        handler=delete_contact,
        placement=Placement.FOUND,
        scope=WRITE,
        reply=DoneReply,
        refusals=(ContactNotFound,),
    ),
    Route(
        method="POST",
        path="/contacts/upsert",
        operation_id="upsert-contact",
        tag=TAG,
        summary="Create or change a contact",
        doc="A contact is recognised by its email address, or else by its phone number.",
        handler=upsert_contact,
        placement=Placement.BODY,
        scope=WRITE,
        body=ContactUpsert,
        reply=UpsertedContactReply,
        refusals=_VALUES,
        example=_PLACED_ANN,
    ),
    Route(
        method="POST",
        path="/contacts/search",
        operation_id="search-contacts-advanced",
        tag=TAG,
        summary="Search contacts",
        doc="Text, filters and sorts follow the grammar of records; the names are those of a contact's members.",
        handler=search_contacts,
        placement=Placement.BODY,
        scope=READ,
        body=ContactSearch,
        reply=ContactsReply,
        refusals=_SEARCH,
        example={
            "locationId": "ve9EPM428h8vShlRW1KT",
            "pageLimit": 20,
            "filters": [{"field": "tags", "operator": "eq", "value": "vip"}],
            "sort": [{"field": "firstNameLowerCase", "direction": "asc"}],
        },
    ),
    Route(
        method="GET",
        path="/contacts/search/duplicate",
        operation_id="get-duplicate-contact",
        tag=TAG,
        summary="Find the contact that has an email address or a phone number",
        doc="The address counts first. Without such a contact the reply has null.",
        handler=find_duplicate_contact,
        placement=Placement.QUERY,
        scope=READ,
        query=(
            LOCATION,
            Parameter("email", "The email address.", example="ann@example.com"),
            Parameter("number", "The phone number; its plus sign is written %2B in a query.", example="+14155552671"),
        ),
        reply=FoundContactReply,
        refusals=(InvalidValue,),
    ),
    Route(
        method="GET",
        path="/contacts/business/{businessId}",
        operation_id="get-contacts-by-businessId",
        tag=TAG,
        summary="List the contacts of a business",
        handler=list_contacts_of_business,
        # Documented as required, and left out by programs that know the business alone.
        placement=Placement.EITHER,
        live_placement=Placement.QUERY,
        scope=READ,
        query=(
            Parameter("locationId", "The location; the token's if left out.", example="ve9EPM428h8vShlRW1KT"),
            *_PARTS.parameters,
            _TEXT,
        ),
        reply=ListedContactsReply,
        refusals=(LimitExceeded, NotSupported),
    ),
    Route(
        method="POST",
        path="/contacts/bulk/business",
        operation_id="add-remove-contact-from-business",
        tag=TAG,
        summary="Say to which business contacts belong",
        doc="All of them or, when one is refused, none.",
        handler=link_contacts,
        placement=Placement.BODY,
        scope=WRITE,
        body=BusinessLink,
        reply=LinkedReply,
        refusals=(UnknownReference, LimitExceeded),
        example={
            "locationId": "ve9EPM428h8vShlRW1KT",
            "ids": ["ocQHyuzHvysMo5N5VsXc"],
            "businessId": "63771dcac1116f0e21de8e12",
        },
    ),
    *follower_routes(
        Followed(
            thing=CONTACTS,
            change=contacts.change_followers,
            path="/contacts/{contactId}",
            noun="contact",
            tag=TAG,
            scope=WRITE,
            missing=ContactNotFound,
        )
    ),
)
