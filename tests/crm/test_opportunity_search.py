"""Opportunities are found by the members of their primary contact, whatever happened to either before."""

from __future__ import annotations

import asyncio
import random

import pytest

from groundlevel.crm.contacts.rules import CONTACTS, ContactChange, NewContact, create_contact, update_contact
from groundlevel.crm.opportunities.rules import (
    OPPORTUNITIES,
    NewOpportunity,
    OpportunityChange,
    WantedOpportunity,
    create_opportunity,
    update_opportunity,
    upsert_opportunity,
)
from groundlevel.crm.opportunities.schemas import opportunity_body
from groundlevel.crm.pipelines.rules import list_pipelines
from groundlevel.doctor.rules import examine
from groundlevel.kernel.fields.fold import fold
from groundlevel.kernel.model import Json
from groundlevel.kernel.query.parse import SearchRequest
from groundlevel.kernel.storage.base import Storage
from tests.world import World, world_in

NAMES = ("Ann Lee", "Bob Ray", "Zoë Lee", "ann lee", None)
COMPANIES = ("Acme", "Acme Labs", None)
ADDRESSES = ("Ann@Example.com", "bob@example.com", "zoe@other.example")
PHONES = ("+14155552671", "+442079460123", "+4930901820")
FRAGMENTS = {"contact_name": ("Lee", "ann", "Z"), "company_name": ("Labs", "me"), "email": ("EXAMPLE", "other")}
MEMBERS = {"contact_name": "name", "company_name": "company_name", "email": "email", "phone": "phone"}
"""What a filter calls a member of the contact, and its property."""


class Sales:
    """A location with contacts and opportunities, and the same in plain Python."""

    def __init__(self, world: World, pipeline_id: str, seed: int) -> None:
        self.world = world
        self.pipeline_id = pipeline_id
        self.random = random.Random(seed)
        self.contacts: dict[str, dict[str, str]] = {}
        """The properties that each contact has now."""
        self.deals: dict[str, str] = {}
        """The primary contact of each opportunity, by id."""

    def person(self) -> dict[str, Json]:
        """Properties for a contact; None clears."""
        used = [other.get("email") for other in self.contacts.values()]
        free = [None, *(each for each in ADDRESSES if each not in used)]
        called = [other.get("phone") for other in self.contacts.values()]
        return {
            "name": self.random.choice(NAMES),
            "company_name": self.random.choice(COMPANIES),
            "email": self.random.choice(free),
            "phone": self.random.choice([None, *(each for each in PHONES if each not in called)]),
        }

    async def step(self) -> None:
        """Creates, changes or deletes something at random."""
        kind = self.random.choice(("contact", "change", "deal", "deal", "move", "rename", "delete"))
        if kind == "contact" or not self.contacts:
            person = self.person()
            view = await self.world.do(create_contact, NewContact(person))
            self.contacts[view.id] = _held(person)
            return
        contact = self.random.choice(list(self.contacts))
        match kind:
            case "change":
                person = self.person()
                await self.world.do(update_contact, ContactChange(contact, person))
                self.contacts[contact] = _held(person)
            case "deal":
                members = {"name": "Deal", "status": "open", "pipeline_id": self.pipeline_id, "contact_id": contact}
                deal = await self.world.do(create_opportunity, NewOpportunity(members))
                self.deals[opportunity_body(deal).id] = contact
            case "move" if self.deals:
                moved = self.random.choice(list(self.deals))
                await self.world.do(update_opportunity, OpportunityChange(moved, {"contact_id": contact}))
                self.deals[moved] = contact
            case "rename" if self.deals:
                renamed = OpportunityChange(self.random.choice(list(self.deals)), {"name": self.random.choice("abc")})
                await self.world.do(update_opportunity, renamed)
            case "delete" if len(self.contacts) > 3:
                await self.world.do(CONTACTS.delete, contact)
                del self.contacts[contact]
                self.deals = {deal: whose for deal, whose in self.deals.items() if whose != contact}

    def question(self) -> dict[str, Json]:
        """A condition on a member of the contact."""
        field = self.random.choice(list(MEMBERS))
        operators = ["eq", "not_eq", "exists", "not_exists"]
        operator = self.random.choice(operators + ["contains", "not_contains"] * (field in FRAGMENTS))
        if operator.endswith("contains"):
            return {"field": field, "operator": operator, "value": self.random.choice(FRAGMENTS[field])}
        values = {"contact_name": NAMES[:4], "company_name": COMPANIES[:2], "email": ADDRESSES, "phone": PHONES}
        some = self.random.sample(values[field], 2)
        value = self.random.choice([some[0], some, some[0].upper() if field == "email" else some[0]])
        return {"field": field, "operator": operator, "value": value}

    def answer(self, condition: dict[str, Json]) -> set[str]:
        """The opportunities that satisfy a condition, one at a time and in plain Python."""
        return {deal for deal, contact in self.deals.items() if _holds(condition, self.contacts[contact])}


def _held(person: dict[str, Json]) -> dict[str, str]:
    return {key: value for key, value in person.items() if value is not None}


def _holds(condition: dict[str, Json], contact: dict[str, str]) -> bool:
    held = contact.get(MEMBERS[condition["field"]])
    asked = condition["value"] if isinstance(condition["value"], list) else [condition["value"]]
    if condition["field"] == "email":
        held, asked = None if held is None else held.lower(), [each.lower() for each in asked]
    match condition["operator"]:
        case "eq" | "not_eq":
            found = held in asked
        case "contains" | "not_contains":
            found = held is not None and any(each in held for each in asked)
        case _:
            found = held is not None
    return found is not condition["operator"].startswith("not_")


@pytest.fixture
async def world(storage: Storage) -> World:
    return await world_in(storage)


@pytest.mark.parametrize("seed", range(4))
async def test_filters_by_the_contact_agree_with_python(world: World, seed: int) -> None:
    [pipeline] = await world.do(list_pipelines, None)
    sales = Sales(world, pipeline.id, seed)
    for _ in range(8):
        for _ in range(12):
            await sales.step()
        for _ in range(12):
            condition = sales.question()
            asked = SearchRequest(filters=[condition], page_limit=500)
            found = await world.do(OPPORTUNITIES.search, asked)
            ids = {opportunity_body(view).id for view in found.views}
            assert ids == sales.answer(condition), condition
            assert found.total == len(ids)
        for text in ("ann", "zoe", "acme", "labs", "415555"):
            found = await world.do(OPPORTUNITIES.search, SearchRequest(text=text, page_limit=500))
            members = {deal: sales.contacts[contact].values() for deal, contact in sales.deals.items()}
            wanted = {deal for deal, held in members.items() if any(text in fold(each) for each in held)}
            assert {opportunity_body(view).id for view in found.views} == wanted, text
    assert (await examine(world.storage)).ok


async def test_upserts_at_once_create_one(world: World) -> None:
    [pipeline] = await world.do(list_pipelines, None)
    contact = (await world.do(create_contact, NewContact({"name": "Ann"}))).id
    wanted = WantedOpportunity(None, {"pipeline_id": pipeline.id, "contact_id": contact})
    done = await asyncio.gather(*(world.do(upsert_opportunity, wanted) for _ in range(8)))
    assert sum(each.new for each in done) == 1
    assert len({opportunity_body(each.opportunity).id for each in done}) == 1
    assert (await world.do(OPPORTUNITIES.search, SearchRequest())).total == 1


async def test_a_contact_that_changes_while_opportunities_come_is_followed(world: World) -> None:
    [pipeline] = await world.do(list_pipelines, None)
    contact = (await world.do(create_contact, NewContact({"name": "Ann"}))).id
    new = NewOpportunity({"name": "Deal", "status": "open", "pipeline_id": pipeline.id, "contact_id": contact})

    async def rename() -> None:
        for number in range(6):
            await world.do(update_contact, ContactChange(contact, {"name": f"Ann {number}"}))

    await asyncio.gather(rename(), *(world.do(create_opportunity, new) for _ in range(12)))
    named = [{"field": "contact_name", "operator": "eq", "value": "Ann 5"}]
    assert (await world.do(OPPORTUNITIES.search, SearchRequest(filters=named))).total == 12
