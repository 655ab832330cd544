"""The events about tasks (docs/contract.md#webhook-events)."""

from __future__ import annotations

from groundlevel.crm.tasks.model import Task
from groundlevel.kernel.events import EventKind, declare_event, is_subscribed, make_event
from groundlevel.kernel.ids import to_short_id
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.timestamps import iso

_SAMPLE = {
    "locationId": "ve9EPM428h8vShlRW1KT",
    "id": "UlRWGLSXh0ji5qbiGu4i",
    "assignedTo": "63e4qiWDsFJjOYAC8phG",
    "body": "Ask about the saddle too",
    "contactId": "CWBf1PR9LvvBkcYqiXlc",
    "title": "Call back",
    "dateAdded": "2021-11-26T12:41:02.193Z",
    "dueDate": "2021-12-22T06:55:00.000Z",
}
_SCOPE = "contacts.readonly"
TASK_CREATE = declare_event("TaskCreate", scope=_SCOPE, doc="A contact has a new task.", sample=_SAMPLE)
TASK_COMPLETE = declare_event("TaskComplete", scope=_SCOPE, doc="A task was completed.", sample=_SAMPLE)
TASK_DELETE = declare_event(
    "TaskDelete", scope=_SCOPE, doc="A task was deleted, by itself or with its contact.", sample=_SAMPLE
)


async def emit_task_event(tx: Transaction, kind: EventKind, task: Task) -> None:
    """Tells of a task, as it is now or was when it was deleted, without the members that it does not have."""
    if not await is_subscribed(tx, kind):
        return
    payload = {
        "locationId": tx.location.id,
        "id": task.shown_id,
        "assignedTo": task.assigned_to,
        "body": task.body,
        "contactId": to_short_id(task.contact_id),
        "title": task.title,
        "dateAdded": iso(task.created_at),
        "dueDate": iso(task.due_at),
    }
    present = {name: value for name, value in payload.items() if value is not None}
    tx.emit(make_event(tx, kind, task.shown_id, present))
