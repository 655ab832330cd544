"""The operations on the tasks of contacts (docs/contract.md#notes-and-tasks)."""

from __future__ import annotations

from groundlevel.crm.contacts.routes import READ, WRITE
from groundlevel.crm.contacts.rules import CONTACTS
from groundlevel.crm.schemas import DoneReply, done_reply
from groundlevel.crm.standard_routes import on_record
from groundlevel.crm.tasks import rules as tasks
from groundlevel.crm.tasks.due_dates import read_due_date
from groundlevel.crm.tasks.errors import TaskNotFound
from groundlevel.crm.tasks.model import Task
from groundlevel.crm.tasks.rules import NewTask, TaskChange, TaskKey
from groundlevel.crm.tasks.schemas import (
    LiveTaskCompletion,
    LiveTaskCreation,
    LiveTaskUpdate,
    TaskCompletion,
    TaskCreation,
    TaskReply,
    TasksReply,
    TaskUpdate,
    task_body,
)
from groundlevel.crm.texts import check_filled
from groundlevel.kernel.absence import or_none
from groundlevel.kernel.errors import LimitExceeded
from groundlevel.kernel.http.locate import FOUND_BY_ID
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Placement, Route
from groundlevel.standard.errors import ContactNotFound

TAG = "Tasks"


async def list_tasks(request: Request) -> TasksReply:
    """All tasks of a contact."""
    found = await on_record(request, CONTACTS, tasks.list_tasks, request.params[0])
    return TasksReply([task_body(each) for each in found], request.trace_id)


async def create_task(request: Request) -> TaskReply:
    """A new task."""
    body: LiveTaskCreation = request.body
    check_filled(title=body.title)
    new = NewTask(
        request.params[0],
        body.title,
        read_due_date(body.due_date),
        body.completed,
        or_none(body.body),
        or_none(body.assigned_to),
    )
    return _reply(await on_record(request, CONTACTS, tasks.create_task, new), request)


async def get_task(request: Request) -> TaskReply:
    """One task."""
    return _reply(await on_record(request, CONTACTS, tasks.get_task, _key(request)), request)


async def update_task(request: Request) -> TaskReply:
    """A change of a task."""
    body: LiveTaskUpdate = request.body
    check_filled(title=body.title)
    change = TaskChange(
        _key(request),
        body.title,
        read_due_date(body.due_date) if isinstance(body.due_date, str) else None,
        body.completed,
        body.body,
        body.assigned_to,
    )
    return _reply(await on_record(request, CONTACTS, tasks.update_task, change), request)


async def complete_task(request: Request) -> TaskReply:
    """Says that a task is done, or is not."""
    body: LiveTaskCompletion = request.body
    change = TaskChange(_key(request), completed=body.completed)
    return _reply(await on_record(request, CONTACTS, tasks.update_task, change), request)


async def delete_task(request: Request) -> DoneReply:
    """Deletes a task."""
    await on_record(request, CONTACTS, tasks.delete_task, _key(request))
    return done_reply(request.trace_id)


def _key(request: Request) -> TaskKey:
    return TaskKey(request.params[0], request.params[1])


def _reply(task: Task, request: Request) -> TaskReply:
    return TaskReply(task_body(task), request.trace_id)


_ALL = "/contacts/{contactId}/tasks"
_ONE = f"{_ALL}/{{taskId}}"
_EXAMPLE = {"title": "Call back", "dueDate": "2026-10-25T11:00:00Z", "completed": False}

ROUTES = (
    Route(
        method="GET",
        path=_ALL,
        operation_id="get-all-tasks",
        tag=TAG,
        summary="List the tasks of a contact",
        doc=f"The newest first, all at once. {FOUND_BY_ID}",
        handler=list_tasks,
        placement=Placement.FOUND,
        scope=READ,
        reply=TasksReply,
        refusals=(ContactNotFound,),
    ),
    Route(
        method="POST",
        path=_ALL,
        operation_id="create-task",
        tag=TAG,
        summary="Create a task",
        doc=f"A contact can have {tasks.MAX_TASKS} tasks. {FOUND_BY_ID}",
        handler=create_task,
        placement=Placement.FOUND,
        scope=WRITE,
        status=201,
        body=TaskCreation,
        live_body=LiveTaskCreation,
        reply=TaskReply,
        refusals=(ContactNotFound, LimitExceeded),
        example=_EXAMPLE,
    ),
    Route(
        method="GET",
        path=_ONE,
        operation_id="get-task",
        tag=TAG,
        summary="Get a task",
        doc=FOUND_BY_ID,
        handler=get_task,
        placement=Placement.FOUND,
        scope=READ,
        reply=TaskReply,
        refusals=(ContactNotFound, TaskNotFound),
    ),
    Route(
        method="PUT",
        path=_ONE,
        operation_id="update-task",
        tag=TAG,
        summary="Change a task",
        doc=f"Members left out stay; null and the empty text clear body and assignedTo. {FOUND_BY_ID}",
        handler=update_task,
        placement=Placement.FOUND,
        scope=WRITE,
        body=TaskUpdate,
        live_body=LiveTaskUpdate,
        reply=TaskReply,
        refusals=(ContactNotFound, TaskNotFound),
        example=_EXAMPLE,
    ),
    Route(
        method="PUT",
        path=f"{_ONE}/completed",
        operation_id="update-task-completed",
        tag=TAG,
        summary="Complete a task",
        doc=f"Or open it again. {FOUND_BY_ID}",
        handler=complete_task,
        placement=Placement.FOUND,
        scope=WRITE,
        body=TaskCompletion,
        live_body=LiveTaskCompletion,
        reply=TaskReply,
        refusals=(ContactNotFound, TaskNotFound),
        example={"completed": True},
    ),
    Route(
        method="DELETE",
        path=_ONE,
        operation_id="delete-task",
        tag=TAG,
        summary="Delete a task",
        doc=FOUND_BY_ID,
        handler=delete_task,
        placement=Placement.FOUND,
        scope=WRITE,
        reply=DoneReply,
        refusals=(ContactNotFound, TaskNotFound),
    ),
)
