"""Deletes the tasks of a contact that is deleted itself."""

from __future__ import annotations

from groundlevel.crm.tasks import store
from groundlevel.crm.tasks.events import TASK_DELETE, emit_task_event
from groundlevel.kernel.events import is_subscribed
from groundlevel.kernel.storage.transaction import Transaction


async def remove_tasks_of(tx: Transaction, contact_id: str) -> None:
    """Deletes every task of a contact that is held, and tells of each."""
    # Nothing is read where nobody hears of it.
    if await is_subscribed(tx, TASK_DELETE):
        for task in await store.list_tasks(tx, contact_id):
            await emit_task_event(tx, TASK_DELETE, task)
    await store.delete_tasks(tx, contact_id)
