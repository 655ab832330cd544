"""The operations on what contacts take part in: campaigns, workflows and appointments."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType

from groundlevel.crm.contacts.membership_rules import Membership, join, leave
from groundlevel.crm.contacts.routes import READ, TAG, WRITE
from groundlevel.crm.contacts.rules import CONTACTS
from groundlevel.crm.contacts.store import MemberOf
from groundlevel.crm.standard_routes import on_record
from groundlevel.kernel.http.bodies import Body, Text
from groundlevel.kernel.http.locate import FOUND_BY_ID
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Handler, Placement, Route
from groundlevel.standard.errors import ContactNotFound

_STORED = "The membership is stored. This server runs no campaigns and no workflows, so nothing follows from it."
_CAMPAIGNS = "/contacts/{contactId}/campaigns"
_WORKFLOW = "/contacts/{contactId}/workflow/{workflowId}"


class WorkflowEntry(Body, kw_only=True):
    """When a contact enters a workflow; without effect here."""

    event_start_time: Text = UNSET


class MembershipReply(Struct, rename="camel"):
    """Says that it was done, and what does not follow from it. The misspelt member is the contract."""

    succeded: bool
    hint: str
    trace_id: str


class Appointment(Struct, rename="camel", kw_only=True):
    """An appointment of a contact."""

    id: str
    calendar_id: str | UnsetType = UNSET
    status: str | UnsetType = UNSET
    title: str | UnsetType = UNSET
    start_time: str | UnsetType = UNSET
    end_time: str | UnsetType = UNSET
    contact_id: str | UnsetType = UNSET


class AppointmentsReply(Struct, rename="camel"):
    """The appointments of a contact."""

    events: list[Appointment]
    trace_id: str


async def list_appointments(request: Request) -> AppointmentsReply:
    """None: there are no calendars here. A contact that there is not is refused all the same."""
    await on_record(request, CONTACTS, CONTACTS.get, request.params[0])
    return AppointmentsReply([], request.trace_id)


def _joining(kind: MemberOf) -> Handler:
    async def join_one(request: Request) -> MembershipReply:
        """Stores a membership."""
        await on_record(request, CONTACTS, join, Membership(request.params[0], kind, request.params[1]))
        return MembershipReply(True, _STORED, request.trace_id)

    return join_one


def _leaving(kind: MemberOf) -> Handler:
    async def leave_one_or_all(request: Request) -> MembershipReply:
        """Deletes the membership that the path names, or all of the kind."""
        target = request.params[1] if len(request.params) > 1 else None
        await on_record(request, CONTACTS, leave, Membership(request.params[0], kind, target))
        return MembershipReply(True, _STORED, request.trace_id)

    return leave_one_or_all


ROUTES = (
    Route(
        method="GET",
        path="/contacts/{contactId}/appointments",
        operation_id="get-appointments-for-contact",
        tag=TAG,
        summary="List the appointments of a contact",
        doc=f"Always empty: this server has no calendars. {FOUND_BY_ID}",
        handler=list_appointments,
        placement=Placement.FOUND,
        scope=READ,
        reply=AppointmentsReply,
        refusals=(ContactNotFound,),
    ),
    Route(
        method="POST",
        path=f"{_CAMPAIGNS}/{{campaignId}}",
        operation_id="add-contact-to-campaign",
        tag=TAG,
        summary="Add a contact to a campaign",
        doc=f"{_STORED} {FOUND_BY_ID}",
        handler=_joining(MemberOf.CAMPAIGN),
        placement=Placement.FOUND,
        scope=WRITE,
        status=201,
        reply=MembershipReply,
        refusals=(ContactNotFound,),
    ),
    Route(
        method="DELETE",
        path=f"{_CAMPAIGNS}/{{campaignId}}",
        operation_id="remove-contact-from-campaign",
        tag=TAG,
        summary="Remove a contact from a campaign",
        doc=FOUND_BY_ID,
        handler=_leaving(MemberOf.CAMPAIGN),
        placement=Placement.FOUND,
        scope=WRITE,
        reply=MembershipReply,
        refusals=(ContactNotFound,),
    ),
    Route(
        method="DELETE",
        path=f"{_CAMPAIGNS}/removeAll",
        operation_id="remove-contact-from-every-campaign",
        tag=TAG,
        summary="Remove a contact from every campaign",
        doc=FOUND_BY_ID,
        handler=_leaving(MemberOf.CAMPAIGN),
        placement=Placement.FOUND,
        scope=WRITE,
        reply=MembershipReply,
        refusals=(ContactNotFound,),
    ),
    Route(
        method="DELETE",
        path=f"{_CAMPAIGNS}/remove-all",
        operation_id="remove-contact-from-every-campaign-v3",
        tag=TAG,
        summary="Remove a contact from every campaign, in version v3",
        doc=f"As `{_CAMPAIGNS}/removeAll`. {FOUND_BY_ID}",
        handler=_leaving(MemberOf.CAMPAIGN),
        placement=Placement.FOUND,
        scope=WRITE,
        reply=MembershipReply,
        refusals=(ContactNotFound,),
    ),
    Route(
        method="POST",
        path=_WORKFLOW,
        operation_id="add-contact-to-workflow",
        tag=TAG,
        summary="Add a contact to a workflow",
        doc=f"{_STORED} {FOUND_BY_ID}",
        handler=_joining(MemberOf.WORKFLOW),
        placement=Placement.FOUND,
        scope=WRITE,
        body=WorkflowEntry,
        reply=MembershipReply,
        refusals=(ContactNotFound,),
        example={"eventStartTime": "2021-06-23T03:30:00+01:00"},
    ),
    Route(
        method="DELETE",
        path=_WORKFLOW,
        operation_id="delete-contact-from-workflow",
        tag=TAG,
        summary="Remove a contact from a workflow",
        doc=FOUND_BY_ID,
        handler=_leaving(MemberOf.WORKFLOW),
        placement=Placement.FOUND,
        scope=WRITE,
        reply=MembershipReply,
        refusals=(ContactNotFound,),
    ),
)
