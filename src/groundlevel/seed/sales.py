"""Fills a location with the businesses, contacts and opportunities of a seed, through the same use cases as requests.

    {
      "businesses": [{"ref": "acme", "properties": {"name": "Acme"}}],
      "contacts": [
        {"ref": "ann", "properties": {"first_name": "Ann", "email": "…", "tags": ["vip"]}, "custom": {"shoe_size": 38},
         "business": "acme"}
      ],
      "lostReasons": ["Too expensive"],
      "opportunities": [
        {"name": "First deal", "contact": "ann", "stage": "Contacted", "status": "open", "monetaryValue": 220},
        {"name": "Lost deal", "contact": "ann", "status": "lost", "lostReason": "Too expensive"}
      ]
    }

`ref` is a name inside the seed; `custom` are values of `contactFields` by key; the stage is one of the location's first
pipeline, and the lost reason one of the seed's, by their names.
"""

from __future__ import annotations

from msgspec import Struct, field

from groundlevel.crm.contacts.rules import BusinessChange, NewContact, change_business, create_contact
from groundlevel.crm.custom_values import CustomValue
from groundlevel.crm.lost_reasons.rules import create_lost_reason
from groundlevel.crm.opportunities.rules import NewOpportunity, Status, create_opportunity
from groundlevel.crm.pipelines.model import Pipeline
from groundlevel.crm.pipelines.rules import list_pipelines
from groundlevel.kernel.model import Json
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.usecase import Call, perform
from groundlevel.records.errors import UnknownReference
from groundlevel.records.rules import NewRecord, create_record
from groundlevel.standard.objects import BUSINESS


class _Part(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Part of a seed file."""


class SeedBusiness(_Part, frozen=True, kw_only=True):
    """A business with its values by field key."""

    ref: str
    properties: dict[str, Json]


class SeedContact(_Part, frozen=True, kw_only=True):
    """A contact with its values by field key; the business by `ref`."""

    ref: str
    properties: dict[str, Json]
    custom: dict[str, Json] = field(default_factory=dict)
    business: str | None = None


class SeedOpportunity(_Part, frozen=True, kw_only=True):
    """An opportunity; the contact by `ref`, the stage and the lost reason by their names."""

    name: str
    contact: str
    stage: str | None = None
    status: Status = Status.OPEN
    monetary_value: int | float | None = None
    lost_reason: str | None = None


class SeedSales(_Part, frozen=True, kw_only=True):
    """Whom a location deals with, and what about."""

    businesses: list[SeedBusiness] = field(default_factory=list)
    contacts: list[SeedContact] = field(default_factory=list)
    lost_reasons: list[str] = field(default_factory=list)
    opportunities: list[SeedOpportunity] = field(default_factory=list)


async def seed_sales(storage: Storage, call: Call, sales: SeedSales) -> None:
    """Creates what the seed describes. Raises Refusal."""
    businesses = {}
    for business in sales.businesses:
        view = await perform(storage, call, create_record, NewRecord(BUSINESS, business.properties))
        businesses[business.ref] = view.record.id
    contacts = {}
    for each in sales.contacts:
        custom = tuple(CustomValue(None, key, value) for key, value in each.custom.items())
        contact = await perform(storage, call, create_contact, NewContact(each.properties, custom))
        contacts[each.ref] = contact.id
        if each.business is not None:
            link = BusinessChange((contact.id,), _existing(businesses, each.business))
            await perform(storage, call, change_business, link)
    reasons = {name: (await perform(storage, call, create_lost_reason, name)).id for name in sales.lost_reasons}
    [pipeline, *_] = await perform(storage, call, list_pipelines, None)
    for opportunity in sales.opportunities:
        properties = {
            "name": opportunity.name,
            "contact_id": _existing(contacts, opportunity.contact),
            "pipeline_id": pipeline.id,
            "pipeline_stage_id": _stage(pipeline, opportunity.stage),
            "status": opportunity.status.value,
            "monetary_value": opportunity.monetary_value,
            "lost_reason": opportunity.lost_reason and _existing(reasons, opportunity.lost_reason),
        }
        await perform(storage, call, create_opportunity, NewOpportunity(properties))


def _existing(ids: dict[str, str], ref: str) -> str:
    """Raises UnknownReference."""
    if ref not in ids:
        raise UnknownReference(f"the seed has no {ref}")
    return ids[ref]


def _stage(pipeline: Pipeline, name: str | None) -> str | None:
    """The id of the stage with this name. Raises UnknownReference."""
    return None if name is None else _existing({stage.name: stage.id for stage in pipeline.stages}, name)
