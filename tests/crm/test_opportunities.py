"""Opportunities stay related to their primary contact and in the stages of their pipeline.

See docs/contract.md#sales-operations.
"""

from __future__ import annotations

import pytest
from msgspec import Struct

from groundlevel.associations.relation_rules import RelationQuery, list_relations
from groundlevel.crm.contacts.rules import CONTACTS, NewContact, create_contact
from groundlevel.crm.custom_values import CustomValue
from groundlevel.crm.opportunities.rules import (
    OPPORTUNITIES,
    NewOpportunity,
    OpportunityChange,
    OpportunityView,
    create_opportunity,
    update_opportunity,
)
from groundlevel.crm.opportunities.schemas import opportunity_body
from groundlevel.crm.pipelines.model import Pipeline
from groundlevel.crm.pipelines.rules import NewPipeline, create_pipeline, list_pipelines
from groundlevel.doctor.rules import examine
from groundlevel.kernel.errors import RequiredPropertyMissing
from groundlevel.kernel.model import Json
from groundlevel.kernel.query.parse import SearchRequest
from groundlevel.kernel.storage.base import Storage
from groundlevel.records.errors import UnknownReference
from groundlevel.schema.field_rules import NewField, insert_field
from groundlevel.standard.errors import OpportunityNotFound
from tests.world import World, world_in


class Sales(Struct, frozen=True):
    """A world with a pipeline and two contacts."""

    world: World
    pipeline: Pipeline
    ann: str
    bob: str

    async def deal(self, **properties: Json) -> str:
        """Creates an opportunity of Ann and returns its id."""
        whole = {
            "name": "Deal",
            "status": "open",
            "pipeline_id": self.pipeline.id,
            "contact_id": self.ann,
            **properties,
        }
        return id_of(await self.world.do(create_opportunity, NewOpportunity(whole)))

    async def change(self, opportunity_id: str, **properties: Json) -> OpportunityView:
        """Changes an opportunity."""
        return await self.world.do(update_opportunity, OpportunityChange(opportunity_id, properties))

    async def related_to(self, contact_id: str) -> int:
        """How many relations a contact has."""
        return (await self.world.do(list_relations, RelationQuery(contact_id)))[1]


def id_of(view: OpportunityView) -> str:
    """The id as the world knows it."""
    return opportunity_body(view).id


@pytest.fixture
async def sales(storage: Storage) -> Sales:
    world = await world_in(storage)
    [pipeline] = await world.do(list_pipelines, None)
    ann, bob = [(await world.do(create_contact, NewContact({"name": name}))).id for name in ("Ann", "Bob")]
    return Sales(world, pipeline, ann, bob)


async def test_the_relation_follows_the_primary_contact(sales: Sales) -> None:
    deal = await sales.deal()
    assert (await sales.related_to(sales.ann), await sales.related_to(sales.bob)) == (1, 0)
    changed = await sales.change(deal, contact_id=sales.bob)
    assert opportunity_body(changed).contact_id == sales.bob
    assert (await sales.related_to(sales.ann), await sales.related_to(sales.bob)) == (0, 1)
    await sales.change(deal, contact_id=sales.bob, name="Other")
    await sales.world.do(OPPORTUNITIES.delete, deal)
    assert await sales.related_to(sales.bob) == 0
    with pytest.raises(OpportunityNotFound):
        await sales.world.do(OPPORTUNITIES.get, deal)
    assert (await examine(sales.world.storage)).ok


async def test_opportunities_go_with_their_primary_contact_alone(sales: Sales) -> None:
    gone, kept = await sales.deal(), await sales.deal(contact_id=sales.bob)
    await sales.world.do(CONTACTS.delete, sales.ann)
    with pytest.raises(OpportunityNotFound):
        await sales.world.do(OPPORTUNITIES.get, gone)
    assert (await sales.world.do(OPPORTUNITIES.get, kept)).contact is not None
    assert (await sales.world.do(OPPORTUNITIES.search, SearchRequest())).total == 1
    assert (await examine(sales.world.storage)).ok


async def test_what_is_refused_stores_nothing(sales: Sales) -> None:
    deal = await sales.deal()
    before = opportunity_body(await sales.world.do(OPPORTUNITIES.get, deal))
    for wrong in ({"contact_id": "nobody"}, {"pipeline_id": "nothing"}, {"pipeline_stage_id": "nothing"}):
        with pytest.raises(UnknownReference):
            await sales.change(deal, name="Other", **wrong)
        with pytest.raises(UnknownReference):
            await sales.deal(**wrong)
    with pytest.raises(RequiredPropertyMissing):
        await sales.change(deal, name="")
    assert opportunity_body(await sales.world.do(OPPORTUNITIES.get, deal)) == before
    assert (await sales.world.do(OPPORTUNITIES.search, SearchRequest())).total == 1
    assert await sales.related_to(sales.ann) == 1


async def test_a_change_of_nothing_moves_nothing(sales: Sales) -> None:
    deal = await sales.deal(monetary_value=12)
    before = await sales.world.do(OPPORTUNITIES.get, deal)
    same = {"name": "Deal", "status": "open", "monetary_value": 12, "pipeline_id": sales.pipeline.id, "source": ""}
    after = await sales.change(deal, contact_id=sales.ann, **same)
    assert (after.record.record, after.contact) == (before.record.record, before.contact)


async def test_a_stage_belongs_to_the_pipeline(sales: Sales) -> None:
    other = await sales.world.do(create_pipeline, NewPipeline("Other", ("Begin", "End")))
    deal = await sales.deal(pipeline_stage_id=sales.pipeline.stages[2].id)
    kept = await sales.change(deal, pipeline_id=sales.pipeline.id)
    assert opportunity_body(kept).pipeline_stage_id == sales.pipeline.stages[2].id
    moved = await sales.change(deal, pipeline_id=other.id)
    assert opportunity_body(moved).pipeline_stage_id == other.stages[0].id
    ended = await sales.change(deal, pipeline_id=other.id, pipeline_stage_id=other.stages[1].id)
    assert opportunity_body(ended).pipeline_stage_id == other.stages[1].id
    elsewhere = await world_in(sales.world.storage)
    assert other not in await elsewhere.do(list_pipelines, None)
    assert await sales.world.do(list_pipelines, None) == [sales.pipeline, other]


async def test_added_fields_are_shown(sales: Sales) -> None:
    folder = (await sales.world.object("opportunity")).folders[0].id
    view = await sales.world.do(insert_field, NewField("opportunity", "reason", "TEXT", folder))
    assert view.field is not None
    deal = await sales.deal(monetary_value=12)
    change = OpportunityChange(deal, {"monetary_value": None}, [CustomValue(None, "opportunity.reason", "price")])
    body = opportunity_body(await sales.world.do(update_opportunity, change))
    assert [(each.id, each.field_value) for each in body.custom_fields] == [(view.field.id, "price")]
    assert not body.monetary_value
    filters = [{"field": f"custom_fields.{view.field.id}", "operator": "contains", "value": "ric"}]
    assert (await sales.world.do(OPPORTUNITIES.search, SearchRequest(filters=filters))).total == 1
