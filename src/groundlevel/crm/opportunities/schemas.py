"""The bodies and replies of the operations on opportunities and pipelines, and how one becomes the other."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from groundlevel.crm.custom_values import custom_values
from groundlevel.crm.members import shown_members
from groundlevel.crm.opportunities.members import SHOWN
from groundlevel.crm.opportunities.rules import OpportunityView, Status
from groundlevel.crm.pipelines.model import Pipeline
from groundlevel.crm.schemas import MAX_NAMED, CustomFields
from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.http.bodies import Body, Filled, Flag, LocatedBody, SearchBody, Text, Timestamp
from groundlevel.kernel.ids import to_short_id
from groundlevel.kernel.model import Json
from groundlevel.kernel.timestamps import iso
from groundlevel.records.rules import RecordView

MAX_STAGES = 100
"""Most stages of a pipeline."""

Amount = int | float | None | UnsetType


class OpportunityUpdate(Body, kw_only=True):
    """A change of an opportunity: members left out stay. In another pipeline it begins at the first stage."""

    name: Filled | None | UnsetType = UNSET
    pipeline_id: Filled | None | UnsetType = UNSET
    pipeline_stage_id: Filled | None | UnsetType = UNSET
    contact_id: Filled | None | UnsetType = UNSET
    status: Status | None | UnsetType = UNSET
    monetary_value: Amount = UNSET
    source: Text = UNSET
    assigned_to: Text = UNSET
    lost_reason_id: Text = UNSET
    custom_fields: CustomFields = UNSET


class OpportunityCreation(LocatedBody, kw_only=True):
    """A new opportunity. Without a stage it begins at the pipeline's first one."""

    name: Filled
    pipeline_id: Filled
    contact_id: Filled
    status: Status
    pipeline_stage_id: Filled | None | UnsetType = UNSET
    monetary_value: Amount = UNSET
    source: Text = UNSET
    assigned_to: Text = UNSET
    lost_reason_id: Text = UNSET
    custom_fields: CustomFields = UNSET


class FollowersAction(StrEnum):
    """What becomes of the users named as followers."""

    ADD = "add"
    REMOVE = "remove"


class OpportunityUpsert(LocatedBody, kw_only=True):
    """What an opportunity is to be. It is recognised by its id, or else by its contact and its pipeline.

    The documents ask for the three members about followers too; who follows an opportunity stays without them.
    """

    pipeline_id: Filled
    id: Text = UNSET
    contact_id: Filled | None | UnsetType = UNSET
    name: Filled | None | UnsetType = UNSET
    pipeline_stage_id: Filled | None | UnsetType = UNSET
    status: Status | None | UnsetType = UNSET
    monetary_value: Amount = UNSET
    source: Text = UNSET
    assigned_to: Text = UNSET
    lost_reason_id: Text = UNSET
    custom_fields: CustomFields = UNSET
    followers: Annotated[list[Filled], Meta(max_length=MAX_NAMED)] | None | UnsetType = UNSET
    is_remove_all_followers: Flag = UNSET
    """Whether all who follow it no longer do, before others are added."""
    followers_action_type: FollowersAction | None | UnsetType = UNSET
    """What becomes of `followers`: they are added unless this is `remove`."""


class StatusChange(Body, kw_only=True):
    """The new status of an opportunity, and why it was lost."""

    status: Status
    lost_reason_id: Text = UNSET


class AdditionalDetails(Body, kw_only=True):
    """What else to show of opportunities. There are no notes, tasks, events or conversations here."""

    notes: Flag = UNSET
    tasks: Flag = UNSET
    calendar_events: Flag = UNSET
    un_read_conversations: Flag = UNSET


class OpportunitySearch(SearchBody, kw_only=True):
    """A search among opportunities. `searchAfter` goes on from an opportunity; the page does not count then."""

    limit: int | float | None | UnsetType = UNSET
    additional_details: AdditionalDetails | None | UnsetType = UNSET


class PipelineCreation(LocatedBody, kw_only=True):
    """A new pipeline: the names of its stages in order."""

    name: Filled
    stages: Annotated[list[Filled], Meta(min_length=1, max_length=MAX_STAGES)]


class CustomFieldBody(Struct, rename="camel"):
    """The value of an added field."""

    id: str
    field_value: Json


class ContactSummary(Struct, rename="camel", kw_only=True):
    """The primary contact of an opportunity in short."""

    id: str
    name: str | UnsetType = UNSET
    company_name: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    phone: str | UnsetType = UNSET
    tags: list[str]


class OpportunityBody(Struct, rename="camel", kw_only=True):
    """An opportunity; what was never set is absent."""

    id: str
    location_id: str
    name: str
    pipeline_id: str
    pipeline_stage_id: str
    status: str
    contact_id: str
    created_at: Timestamp
    updated_at: Timestamp
    last_status_change_at: Timestamp
    last_stage_change_at: Timestamp
    custom_fields: list[CustomFieldBody]
    monetary_value: int | float | UnsetType = UNSET
    source: str | UnsetType = UNSET
    assigned_to: str | UnsetType = UNSET
    lost_reason_id: str | UnsetType = UNSET
    contact: ContactSummary | UnsetType = UNSET
    notes: tuple[Json, ...] = ()
    tasks: tuple[Json, ...] = ()
    calendar_events: tuple[Json, ...] = ()
    followers: Sequence[str]
    search_after: list[Json] | UnsetType = UNSET
    sort: list[Json] | UnsetType = UNSET


class OpportunityReply(Struct, rename="camel"):
    """One opportunity."""

    opportunity: OpportunityBody
    trace_id: str


class OpportunityUpsertReply(Struct, rename="camel"):
    """An opportunity, and whether it is new."""

    opportunity: OpportunityBody
    new: bool
    trace_id: str


class OpportunitiesMeta(Struct, rename="camel"):
    """Where a page of opportunities stands, and what `startAfter` and `startAfterId` of the next one are."""

    total: int
    current_page: int
    next_page: int | UnsetType = UNSET
    prev_page: int | UnsetType = UNSET
    start_after: int | UnsetType = UNSET
    start_after_id: str | UnsetType = UNSET
    next_page_url: str | UnsetType = UNSET
    """Absent behind the last page."""


class OpportunitiesReply(Struct, rename="camel"):
    """A page of opportunities; each carries the cursor behind it as `searchAfter`."""

    opportunities: list[OpportunityBody]
    total: int
    aggregations: dict[str, Json]
    trace_id: str
    meta: OpportunitiesMeta | UnsetType = UNSET


class StageBody(Struct, rename="camel"):
    """A stage of a pipeline."""

    id: str
    name: str
    position: int


class PipelineBody(Struct, rename="camel"):
    """A pipeline with its stages in order."""

    id: str
    name: str
    stages: list[StageBody]
    location_id: str
    date_added: Timestamp
    date_updated: Timestamp
    show_in_funnel: bool = True
    show_in_pie_chart: bool = True


class PipelineReply(Struct, rename="camel"):
    """One pipeline."""

    pipeline: PipelineBody
    trace_id: str


class PipelinesReply(Struct, rename="camel"):
    """Every pipeline of a location."""

    pipelines: list[PipelineBody]
    trace_id: str


def opportunity_body(opportunity: OpportunityView) -> OpportunityBody:
    """The wire form of an opportunity."""
    view = opportunity.record
    stored = view.schema.visible(decode_object(view.record.properties))
    return OpportunityBody(
        id=to_short_id(view.record.id),
        location_id=view.location.id,
        created_at=iso(view.record.created_at),
        updated_at=iso(view.record.updated_at),
        custom_fields=[CustomFieldBody(*each) for each in custom_values(view.schema, stored)],
        contact=UNSET if opportunity.contact is None else _summary(opportunity.contact),
        followers=view.record.followers,
        **shown_members(stored, SHOWN),
    )


def _summary(contact: RecordView) -> ContactSummary:
    stored = decode_object(contact.record.properties)
    shown = {key: stored[key] for key in ("name", "company_name", "email", "phone") if key in stored}
    return ContactSummary(id=to_short_id(contact.record.id), tags=stored.get("tags", []), **shown)


def pipeline_body(pipeline: Pipeline, location_id: str) -> PipelineBody:
    """The wire form of a pipeline."""
    stages = [StageBody(stage.id, stage.name, position) for position, stage in enumerate(pipeline.stages)]
    added, updated = iso(pipeline.created_at), iso(pipeline.updated_at)
    return PipelineBody(pipeline.id, pipeline.name, stages, location_id, added, updated)
