"""A small world to try use cases in: a location on an engine, and short ways to ask for things in it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from msgspec import Struct

from groundlevel.kernel.model import Field, Json, Location, Object, Origin
from groundlevel.kernel.query.parse import SearchRequest
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.usecase import Call, UseCase, perform
from groundlevel.locations.rules import NewLocation, create_location
from groundlevel.records.rules import (
    NewRecord,
    RecordChange,
    RecordKey,
    RecordView,
    create_record,
    delete_record,
    update_record,
)
from groundlevel.records.search import Found, Search, search_records
from groundlevel.schema.field_rules import NewField, NewOption, create_field
from groundlevel.schema.object_rules import NewObject, create_object, get_object

R = TypeVar("R")
T = TypeVar("T")
PET = "custom_objects.pet"
PATIENCE_SECONDS = 120
"""After which what has not happened yet counts as failed: far longer than a busy machine needs."""
ORIGIN = Origin("OAUTH", "INTEGRATION", "a-token")


async def eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    """Returns when a condition holds that another process brings about; fails when that takes too long."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await holds():  # noqa: ASYNC110  another process cannot set an event here
            await asyncio.sleep(0.01)


def wait_until(holds: Callable[[], bool]) -> None:
    """As `eventually`, where there is no event loop."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.01)


class World(Struct, frozen=True):
    """A location, and whoever calls in it."""

    storage: Storage
    location: Location
    call: Call

    async def do(self, use_case: UseCase[R, T], request: R) -> T:
        """Performs a use case."""
        return await perform(self.storage, self.call, use_case, request)

    async def pet(self, *, name: str = "Pet") -> Object:
        """Creates the object `pet` with its primary field `name`."""
        return await self.do(create_object, NewObject(PET, name, f"{name}s", None, "name", "Name", "TEXT"))

    async def object(self, key: str = PET) -> Object:
        """The object as it stands."""
        return await self.do(get_object, key)

    async def field(self, key: str, data_type: str = "TEXT", **settings: Any) -> Field:
        """Creates a field of `pet` in its default folder."""
        folder = (await self.object()).folders[0].id
        view = await self.do(create_field, NewField(PET, key, data_type, folder, **settings))
        assert view.field is not None
        return view.field

    async def knows_fields(self, *keys: str) -> None:
        """Returns when the process of this world has heard of fields of `pet` that another one has created."""

        async def known() -> bool:
            schema = await self.storage.read(self.location, lambda tx: tx.schema(PET))
            return schema.fields.keys() >= set(keys)

        await eventually(known)

    async def create(self, properties: dict[str, Json], **people: Json) -> str:
        """Creates a pet and returns its id."""
        return (await self.do(create_record, NewRecord(PET, properties, **people))).record.id

    async def update(self, record_id: str, properties: dict[str, Json], **people: Json) -> None:
        """Updates a pet."""
        await self.do(update_record, RecordChange(PET, record_id, properties, **people))

    async def delete(self, record_id: str) -> None:
        """Deletes a pet."""
        await self.do(delete_record, RecordKey(PET, record_id))

    async def search(self, text: str | None = None, **members: Json) -> Found[RecordView]:
        """Searches pets."""
        return await self.do(search_records, Search(PET, SearchRequest(text=text, **members)))

    async def found(self, text: str | None = None, **members: Json) -> list[str]:
        """The ids of the pets found, in order."""
        return [view.record.id for view in (await self.search(text, **members)).views]


async def world_in(storage: Storage, location: Location | None = None) -> World:
    """A world in a new location, or in one that exists."""
    location = location or await create_location(storage, NewLocation("A location"))
    return World(storage, location, Call(location, ORIGIN, storage.ids))


def options(*labels: str) -> Sequence[NewOption]:
    """Options as sent, with keys made from the labels."""
    return [NewOption(label) for label in labels]
