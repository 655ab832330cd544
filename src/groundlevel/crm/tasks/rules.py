"""Lists, creates, changes, completes and deletes the tasks of contacts (docs/contract.md#notes-and-tasks)."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, Struct, UnsetType

from groundlevel.crm.contacts.rules import CONTACTS
from groundlevel.crm.tasks import store
from groundlevel.crm.tasks.errors import TaskNotFound
from groundlevel.crm.tasks.events import TASK_COMPLETE, TASK_CREATE, TASK_DELETE, emit_task_event
from groundlevel.crm.tasks.model import Task
from groundlevel.crm.texts import cleared
from groundlevel.kernel.absence import or_else
from groundlevel.kernel.errors import LimitExceeded
from groundlevel.kernel.ids import from_short_id, timestamp_of
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, reading, writing

MAX_TASKS = 2_000
"""Most tasks of a contact, since they are all listed at once."""


class TaskKey(Struct, frozen=True):
    """Which task of which contact, by the ids as the world knows them."""

    contact_id: str
    id: str


class NewTask(Struct, frozen=True):
    """The task to be created."""

    contact_id: str
    """As the world knows it."""
    title: str
    due_at: int
    completed: bool = False
    body: str | None = None
    assigned_to: str | None = None


class TaskChange(Struct, frozen=True):
    """A change of a task: members left out stay, null and the empty text clear what may be absent."""

    key: TaskKey
    title: str | None | UnsetType = UNSET
    due_at: int | None | UnsetType = UNSET
    completed: bool | None | UnsetType = UNSET
    body: str | None | UnsetType = UNSET
    assigned_to: str | None | UnsetType = UNSET


@reading
async def list_tasks(tx: Transaction, call: Call, contact_id: str) -> list[Task]:
    """All tasks of a contact, the newest first. Raises ContactNotFound."""
    contact = await CONTACTS.fetch(tx, call, contact_id)
    return await store.list_tasks(tx, contact.record.id)


@reading
async def get_task(tx: Transaction, call: Call, key: TaskKey) -> Task:
    """One task. Raises ContactNotFound, TaskNotFound."""
    contact = await CONTACTS.fetch(tx, call, key.contact_id)
    return await _find(tx, contact.record.id, key)


@writing
async def create_task(tx: Transaction, call: Call, request: NewTask) -> Task:
    """A new task. Raises ContactNotFound, LimitExceeded."""
    contact = await CONTACTS.lock(tx, call, request.contact_id)
    if await store.count_tasks(tx, contact.record.id) >= MAX_TASKS:
        raise LimitExceeded(f"A contact can have {MAX_TASKS} tasks", hint="Delete tasks that are done.")
    task_id = call.ids.record_id()
    task = Task(
        task_id,
        contact.record.id,
        timestamp_of(task_id),
        request.title,
        request.body or None,
        request.due_at,
        request.completed,
        request.assigned_to or None,
    )
    await store.insert_task(tx, task)
    await emit_task_event(tx, TASK_CREATE, task)
    return task


@writing
async def update_task(tx: Transaction, call: Call, change: TaskChange) -> Task:
    """A change, which may complete the task or open it again. Raises ContactNotFound, TaskNotFound."""
    before = await _lock(tx, call, change.key)
    after = msgspec.structs.replace(
        before,
        # Later than before even within one millisecond, so that a change always shows.
        updated_at=max(call.ids.now(), before.updated_at + 1),
        title=or_else(change.title, before.title),
        body=cleared(change.body, before.body),
        due_at=or_else(change.due_at, before.due_at),
        completed=or_else(change.completed, before.completed),
        assigned_to=cleared(change.assigned_to, before.assigned_to),
    )
    await store.update_task(tx, after)
    if after.completed and not before.completed:
        await emit_task_event(tx, TASK_COMPLETE, after)
    return after


@writing
async def delete_task(tx: Transaction, call: Call, key: TaskKey) -> None:
    """Deletes a task. Raises ContactNotFound, TaskNotFound."""
    task = await _lock(tx, call, key)
    await store.delete_task(tx, task)
    await emit_task_event(tx, TASK_DELETE, task)


async def _lock(tx: Transaction, call: Call, key: TaskKey) -> Task:
    """The task, held against other writers together with its contact."""
    contact = await CONTACTS.lock(tx, call, key.contact_id)
    return await _find(tx, contact.record.id, key)


async def _find(tx: Transaction, contact_id: str, key: TaskKey) -> Task:
    task_id = from_short_id(key.id)
    task = None if task_id is None else await store.find_task(tx, contact_id, task_id)
    if task is None:
        raise TaskNotFound(key.id)
    return task
