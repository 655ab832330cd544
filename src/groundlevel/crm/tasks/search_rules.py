"""Searches the tasks of a location, with the people they are about and for (docs/contract.md#notes-and-tasks)."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from groundlevel.access import store as access_store
from groundlevel.access.model import User
from groundlevel.associations import relation_store
from groundlevel.associations import store as associations_store
from groundlevel.crm.standard_object import records_by_id
from groundlevel.crm.tasks import store
from groundlevel.crm.tasks.model import Task
from groundlevel.crm.tasks.store import TaskQuery
from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.errors import InvalidCursor
from groundlevel.kernel.ids import from_short_id
from groundlevel.kernel.model import MAX_SAFE_INTEGER, Json
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, scanning
from groundlevel.standard.ids import record_id_of
from groundlevel.standard.objects import BUSINESS, BUSINESSES_CONTACTS, CONTACT


class TaskSearch(Struct, frozen=True):
    """What to search for; ids are those that the world knows, and what is None does not matter."""

    contact_ids: Sequence[str] | None = None
    business_id: str | None = None
    completed: bool | None = None
    assigned_to: Sequence[str] | None = None
    text: str | None = None
    search_after: Sequence[Json] = ()
    """The cursor of the last task of the page before, in front of which nothing is found; empty for none."""
    skip: int = 0
    """How many to leave out, where there is no cursor."""
    limit: int = 25


class FoundTask(Struct, frozen=True):
    """A task with the people who are shown with it."""

    task: Task
    contact: dict[str, Json]
    """The visible properties of the contact."""
    user: User | None
    """Whom it is assigned to, if that is somebody the location knows."""


@scanning
async def search_tasks(tx: Transaction, call: Call, request: TaskSearch) -> list[FoundTask]:
    """A page of the location's tasks, the newest first. Raises InvalidCursor."""
    after = _read_cursor(request.search_after)
    contacts = await _contacts(tx, request)
    if contacts is not None and not contacts:
        return []
    query = TaskQuery(
        contacts,
        request.completed,
        request.assigned_to,
        request.text,
        after,
        0 if after else request.skip,
        request.limit,
    )
    tasks = await store.search_tasks(tx, query)
    people = await _properties(tx, {task.contact_id for task in tasks})
    users = {each.id: each for each in await _users(tx)} if any(task.assigned_to for task in tasks) else {}
    return [FoundTask(task, people.get(task.contact_id, {}), users.get(task.assigned_to or "")) for task in tasks]


def cursor_of(task: Task) -> list[Json]:
    """Where a search goes on behind a task."""
    return [task.created_at, task.shown_id]


def _read_cursor(cursor: Sequence[Json]) -> str | None:
    if not cursor:
        return None
    shown = cursor[-1]
    task_id = from_short_id(shown) if isinstance(shown, str) else None
    if task_id is None:
        raise InvalidCursor("searchAfter must hold the id of a task")
    return task_id


async def _contacts(tx: Transaction, request: TaskSearch) -> list[str] | None:
    """The record ids of the contacts that are asked about; None for all."""
    wanted: set[str] | None = None
    if request.contact_ids is not None:
        wanted = {found for each in request.contact_ids if (found := record_id_of(CONTACT, each)) is not None}
    if request.business_id is not None:
        members = await _members(tx, request.business_id)
        wanted = members if wanted is None else wanted & members
    return None if wanted is None else sorted(wanted)


async def _members(tx: Transaction, shown: str) -> set[str]:
    """The record ids of the contacts of a business; none of one that there is not."""
    business_id = record_id_of(BUSINESS, shown)
    if business_id is None:
        return set()
    association = await associations_store.find_association(tx, BUSINESSES_CONTACTS)
    assert association is not None, "every location has the system associations"
    relations, _ = await relation_store.list_relations(tx, business_id, (association.number,), limit=MAX_SAFE_INTEGER)
    return {relation.second_id for relation in relations}


async def _properties(tx: Transaction, contact_ids: set[str]) -> dict[str, dict[str, Json]]:
    """The visible properties of contacts, by record id."""
    schema = await tx.schema(CONTACT)
    records = await records_by_id(tx, schema, contact_ids)
    return {each.id: schema.visible(decode_object(each.properties)) for each in records.values()}


async def _users(tx: Transaction) -> list[User]:
    return await access_store.list_users(tx, tx.location.company_id, tx.location.id)
