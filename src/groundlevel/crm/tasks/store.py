"""Stores the tasks of contacts, and searches those of a location."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from groundlevel.crm.tasks.model import Task
from groundlevel.kernel.codec import encode_text
from groundlevel.kernel.fields.fold import fold
from groundlevel.kernel.ids import LAST_ID
from groundlevel.kernel.storage.connection import Row
from groundlevel.kernel.storage.transaction import Transaction


class TaskQuery(Struct, frozen=True):
    """Which tasks of a location to find, the newest first; what is None does not matter."""

    contacts: Sequence[str] | None = None
    """Record ids."""
    completed: bool | None = None
    assigned_to: Sequence[str] | None = None
    text: str | None = None
    """What title or body hold, whatever the case and accents."""
    after: str | None = None
    """The id of the last task of the page before."""
    skip: int = 0
    limit: int = 25


async def list_tasks(tx: Transaction, contact_id: str) -> list[Task]:
    """All tasks of a contact, the newest first."""
    rows = await tx.connection.rows(tx.sql["list_tasks"], tx.loc, bytes.fromhex(contact_id))
    return [_task_of(row) for row in rows]


async def find_task(tx: Transaction, contact_id: str, task_id: str) -> Task | None:
    """The task of the contact, or None."""
    row = await tx.connection.row(tx.sql["find_task"], tx.loc, bytes.fromhex(contact_id), bytes.fromhex(task_id))
    return None if row is None else _task_of(row)


async def count_tasks(tx: Transaction, contact_id: str) -> int:
    """How many tasks a contact has."""
    row = await tx.connection.row(tx.sql["count_tasks"], tx.loc, bytes.fromhex(contact_id))
    assert row is not None, "the statement always has a row"
    return int(row[0])


async def insert_task(tx: Transaction, task: Task) -> None:
    """Stores a new task."""
    await tx.connection.run(tx.sql["insert_task"], tx.loc, *_values(task))


async def update_task(tx: Transaction, task: Task) -> None:
    """Stores a changed task."""
    await tx.connection.run(tx.sql["update_task"], tx.loc, *_values(task))


async def delete_task(tx: Transaction, task: Task) -> None:
    """Deletes a task."""
    await tx.connection.run(tx.sql["delete_task"], tx.loc, bytes.fromhex(task.contact_id), bytes.fromhex(task.id))


async def delete_tasks(tx: Transaction, contact_id: str) -> None:
    """Deletes all tasks of a contact."""
    await tx.connection.run(tx.sql["delete_tasks_of_contact"], tx.loc, bytes.fromhex(contact_id))


async def search_tasks(tx: Transaction, query: TaskQuery) -> list[Task]:
    """A page of the location's tasks."""
    conditions = (
        LAST_ID if query.after is None else bytes.fromhex(query.after),
        None if query.completed is None else int(query.completed),
        _list(tx, query.assigned_to),
        fold(query.text or "") or None,
        query.limit,
        query.skip,
    )
    if query.contacts is None:
        rows = await tx.connection.rows(tx.sql["search_tasks"], tx.loc, *conditions)
    else:
        ids = (
            [bytes.fromhex(each) for each in query.contacts]
            if tx.dialect.takes_arrays
            else encode_text(list(query.contacts))
        )
        rows = await tx.connection.rows(tx.sql["search_tasks_of_contacts"], tx.loc, *conditions, ids)
    return [_task_of(row) for row in rows]


def _list(tx: Transaction, texts: Sequence[str] | None) -> object:
    """A list as the engine takes it."""
    if texts is None or tx.dialect.takes_arrays:
        return texts
    return encode_text(list(texts))


def _values(task: Task) -> tuple[object, ...]:
    ids = (bytes.fromhex(task.contact_id), bytes.fromhex(task.id))
    text = fold(f"{task.title} {task.body or ''}")
    return (*ids, task.updated_at, task.title, task.body, task.due_at, int(task.completed), task.assigned_to, text)


def _task_of(row: Row) -> Task:
    return Task(row[0].hex(), row[1].hex(), row[2], row[3], row[4], row[5], bool(row[6]), row[7])
