"""What is told of opportunities, however they come, change and go."""

from __future__ import annotations

import pytest
from msgspec import UNSET

from groundlevel.crm.contacts.rules import CONTACTS, ContactChange, NewContact, create_contact, update_contact
from groundlevel.crm.followers import FollowerChange
from groundlevel.crm.opportunities.rules import (
    OPPORTUNITIES,
    NewOpportunity,
    OpportunityChange,
    WantedOpportunity,
    create_opportunity,
    update_opportunity,
    upsert_opportunity,
)
from groundlevel.crm.opportunities.rules import change_followers as change_opportunity_followers
from groundlevel.crm.opportunities.schemas import opportunity_body
from groundlevel.crm.pipelines.model import Pipeline
from groundlevel.crm.pipelines.rules import list_pipelines
from groundlevel.kernel.model import Json
from groundlevel.kernel.storage.base import Storage
from tests.webhooks.test_events import like, listening, told
from tests.world import World


@pytest.fixture
async def world(storage: Storage) -> World:
    """A location in which somebody hears of everything, and nobody delivers."""
    return await listening(storage)


USER = "sx6wyHhbFdRXh302LLNR"


async def sales_in(world: World) -> tuple[Pipeline, NewOpportunity]:
    """The pipeline of a world, and an opportunity of a new contact with every member that events show."""
    [pipeline] = await world.do(list_pipelines, None)
    contact = await world.do(create_contact, NewContact({"name": "Ann"}))
    new = NewOpportunity(
        {
            "name": "Deal",
            "status": "open",
            "pipeline_id": pipeline.id,
            "contact_id": contact.id,
            "monetary_value": 40,
            "source": "fair",
            "assigned_to": USER,
        }
    )
    return pipeline, new


def of_opportunities(events: list[tuple[str, dict[str, Json]]]) -> list[tuple[str, dict[str, Json]]]:
    """The events about opportunities among others."""
    return [each for each in events if each[0].startswith("Opportunity")]


async def test_opportunities(world: World) -> None:
    pipeline, new = await sales_in(world)
    body = opportunity_body(await world.do(create_opportunity, new))
    ((kind, payload),) = of_opportunities(await told(world))
    assert kind == "OpportunityCreate"
    like(kind, payload)
    assert payload == {
        "locationId": world.location.id,
        "id": body.id,
        "assignedTo": USER,
        "contactId": body.contact_id,
        "monetaryValue": 40,
        "name": "Deal",
        "pipelineId": pipeline.id,
        "pipelineStageId": pipeline.stages[0].id,
        "source": "fair",
        "status": "open",
        "dateAdded": body.created_at,
    }


CHANGES: tuple[tuple[dict[str, Json], tuple[str, ...]], ...] = (
    ({"name": "Other"}, ()),
    ({"source": ""}, ()),
    ({"status": "won"}, ("OpportunityStatusUpdate",)),
    ({"monetary_value": 41}, ("OpportunityMonetaryValueUpdate",)),
    ({"monetary_value": None}, ("OpportunityMonetaryValueUpdate",)),
    ({"assigned_to": ""}, ("OpportunityAssignedToUpdate",)),
    ({"status": "lost", "assigned_to": "other"}, ("OpportunityStatusUpdate", "OpportunityAssignedToUpdate")),
)
"""A change of an opportunity, and the events that it is told by beside OpportunityUpdate."""


@pytest.mark.parametrize(("change", "kinds"), CHANGES)
async def test_a_change_of_an_opportunity(world: World, change: dict[str, Json], kinds: tuple[str, ...]) -> None:
    _, new = await sales_in(world)
    deal = opportunity_body(await world.do(create_opportunity, new)).id
    await told(world)
    body = opportunity_body(await world.do(update_opportunity, OpportunityChange(deal, change)))
    events = of_opportunities(await told(world))
    assert [event_type for event_type, _ in events] == ["OpportunityUpdate", *kinds]
    assert all(payload == events[0][1] for _, payload in events)
    assert (events[0][1]["name"], events[0][1]["status"]) == (body.name, body.status)
    assert ("assignedTo" in events[0][1]) is (body.assigned_to is not UNSET)
    await world.do(update_opportunity, OpportunityChange(deal, change))
    assert of_opportunities(await told(world)) == []


async def test_a_change_of_stage_is_told_however_it_comes(world: World) -> None:
    pipeline, new = await sales_in(world)
    deal = opportunity_body(await world.do(create_opportunity, new)).id
    await told(world)
    wanted = {"pipeline_id": pipeline.id, "pipeline_stage_id": pipeline.stages[1].id}
    await world.do(upsert_opportunity, WantedOpportunity(deal, wanted))
    events = of_opportunities(await told(world))
    assert [kind for kind, _ in events] == ["OpportunityUpdate", "OpportunityStageUpdate"]
    assert events[1][1]["pipelineStageId"] == pipeline.stages[1].id
    await world.do(upsert_opportunity, WantedOpportunity(deal, wanted))
    assert of_opportunities(await told(world)) == []
    await world.do(change_opportunity_followers, FollowerChange(deal, add=(USER,)))
    assert [kind for kind, _ in of_opportunities(await told(world))] == ["OpportunityUpdate"]
    await world.do(change_opportunity_followers, FollowerChange(deal, add=(USER,)))
    assert of_opportunities(await told(world)) == []


async def test_opportunities_that_are_deleted_are_told_of(world: World) -> None:
    _, new = await sales_in(world)
    alone, along = [opportunity_body(await world.do(create_opportunity, new)) for _ in range(2)]
    done = await world.do(upsert_opportunity, WantedOpportunity(None, {**new.properties, "status": "won"}))
    assert opportunity_body(done.opportunity).id == along.id
    await told(world)
    await world.do(OPPORTUNITIES.delete, alone.id)
    ((kind, payload),) = of_opportunities(await told(world))
    assert (kind, payload["id"], payload["status"]) == ("OpportunityDelete", alone.id, "open")
    like(kind, payload)
    await world.do(CONTACTS.delete, along.contact_id)
    ((kind, payload),) = of_opportunities(await told(world))
    assert (kind, payload["id"], payload["status"]) == ("OpportunityDelete", along.id, "won")


async def test_a_change_of_the_contact_is_no_change_of_its_opportunities(world: World) -> None:
    _, new = await sales_in(world)
    body = opportunity_body(await world.do(create_opportunity, new))
    await told(world)
    await world.do(update_contact, ContactChange(body.contact_id, {"name": "Zoë", "tags": ["vip"]}))
    assert of_opportunities(await told(world)) == []
    assert opportunity_body(await world.do(OPPORTUNITIES.get, body.id)).updated_at == body.updated_at
