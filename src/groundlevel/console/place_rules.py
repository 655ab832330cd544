"""What the console knows of a location besides its data: how it is doing, and what people chose for its screens."""

from __future__ import annotations

import re

from msgspec import Struct

from groundlevel.access import store as access_store
from groundlevel.console import store
from groundlevel.console.errors import ChoiceInvalid
from groundlevel.console.model import Choice, Session
from groundlevel.kernel.errors import LocationNotFound
from groundlevel.kernel.model import IndexState, Location
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction, list_objects
from groundlevel.schema.indexes import built_percent
from groundlevel.schema.reindexing import texts_percent
from groundlevel.seed.rules import DEMO, is_empty, load_seed, seed_location
from groundlevel.webhooks.rules import count_dead_deliveries

MOST_CHOICES = 500
"""Choices of one person in one location: two for each object that they have looked at."""
LONGEST_CHOICE = 32 * 1024
"""Characters of a choice."""
_NAME = re.compile(r"[a-z]{1,20}\.[A-Za-z0-9_.]{1,120}")


class Building(Struct, frozen=True, rename="camel"):
    """What is being built in the background: the index of a field, or without `field` the search texts of an object."""

    object_key: str
    field: str | None
    """The name of the field."""
    field_key: str | None
    percent: int | None
    """null where it is not known: another process builds it, or nobody has begun."""


class PlaceState(Struct, frozen=True):
    """How a location is doing."""

    dead_deliveries: int
    """Deliveries to its webhooks that were given up; counted up to a thousand."""
    building: list[Building]
    empty: bool
    """Whether it holds nothing, so that demo data may be put into it."""


async def find_place(storage: Storage, session: Session, location_id: str) -> Location:
    """A location that somebody reaches. Raises LocationNotFound."""
    location = await storage.read(None, lambda tx: access_store.find_location(tx, location_id))
    if location is None or not session.reaches(location_id):
        raise LocationNotFound(location_id)
    return location


async def read_state(storage: Storage, location: Location) -> PlaceState:
    """How a location is doing at the moment."""
    building = await storage.read(location, _list_building)
    empty = await storage.read(location, is_empty)
    return PlaceState(await count_dead_deliveries(storage, location), building, empty)


async def fill_with_demo(storage: Storage, location: Location) -> None:
    """Puts the demo's objects, contacts and records into an empty location. Raises LocationFilled."""
    await seed_location(storage, load_seed(DEMO), location)


async def _list_building(tx: Transaction) -> list[Building]:
    objects = await list_objects(tx)
    found = [Building(each.key, None, None, await texts_percent(tx, each)) for each in objects if each.reindexing]
    indexes = [(each, field) for each in objects for field in each.fields if field.index is IndexState.BUILDING]
    for each, field in indexes:
        found.append(Building(each.key, field.name, field.key, await built_percent(tx, each, field)))
    return found


def owner_of(session: Session) -> str:
    """Whose choices a session has: those of an operator, or the ones that all who came by a link have in common."""
    return "" if session.operator is None else session.operator.id


async def list_choices(storage: Storage, owner: str, location: Location) -> dict[str, str]:
    """What somebody has chosen for the screens of a location: names, and values as JSON."""
    return await storage.read(None, lambda tx: store.list_choices(tx, owner, location.id))


async def store_choice(storage: Storage, choice: Choice) -> None:
    """Keeps a choice, or takes it away if its value is empty. Raises ChoiceInvalid."""
    if not _NAME.fullmatch(choice.name):
        raise ChoiceInvalid("The name of a choice is a word, a dot and the key of an object")
    if len(choice.value) > LONGEST_CHOICE:
        raise ChoiceInvalid(f"A choice has at most {LONGEST_CHOICE:,} characters")

    async def work(tx: Transaction) -> None:
        kept = await store.list_choices(tx, choice.owner, choice.location_id)
        if choice.value and choice.name not in kept and len(kept) >= MOST_CHOICES:
            raise ChoiceInvalid(f"At most {MOST_CHOICES} choices are kept of one person in a location")
        await store.store_choice(tx, choice)

    await storage.write(None, work)
