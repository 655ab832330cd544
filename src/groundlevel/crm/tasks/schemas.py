"""The bodies and replies of the operations on tasks (docs/contract.md#notes-and-tasks)."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from groundlevel.crm.tasks.model import Task
from groundlevel.crm.tasks.search_rules import FoundTask, cursor_of
from groundlevel.crm.texts import BodyText, Line
from groundlevel.kernel.absence import or_unset
from groundlevel.kernel.http.bodies import Body, Filled, Flag, Items, Timestamp
from groundlevel.kernel.ids import to_short_id
from groundlevel.kernel.model import Json, Location
from groundlevel.kernel.timestamps import iso

MAX_IDS = 500
"""Most ids in a list that a search names."""
Ids = Annotated[list[Line], Meta(max_length=MAX_IDS)]


class LiveTaskCreation(Body, kw_only=True):
    """A new task. `dueDate` is a date or date-time of ISO 8601, in UTC unless it names a zone."""

    title: Line
    due_date: Line
    completed: bool
    body: BodyText | None | UnsetType = UNSET
    assigned_to: Line | None | UnsetType = UNSET
    """A user; kept as it was sent."""


class TaskCreation(LiveTaskCreation, kw_only=True):
    """A new task, which may name the location."""

    location_id: Filled | None | UnsetType = UNSET


class LiveTaskUpdate(Body, kw_only=True):
    """A change of a task: members left out stay, null and the empty text clear body and assignedTo."""

    title: Line | None | UnsetType = UNSET
    due_date: Line | None | UnsetType = UNSET
    completed: Flag = UNSET
    body: BodyText | None | UnsetType = UNSET
    assigned_to: Line | None | UnsetType = UNSET


class TaskUpdate(LiveTaskUpdate, kw_only=True):
    """A change of a task, which may name the location."""

    location_id: Filled | None | UnsetType = UNSET


class LiveTaskCompletion(Body, kw_only=True):
    """Whether a task is done."""

    completed: bool


class TaskCompletion(LiveTaskCompletion, kw_only=True):
    """Whether a task is done; it may name the location."""

    location_id: Filled | None | UnsetType = UNSET


class TaskSearchBody(Body, kw_only=True):
    """A search among the tasks of a location, in which one id need not be a list. `searchAfter` goes on behind a task;
    skip does not count then."""

    contact_id: Ids | Line | None | UnsetType = UNSET
    completed: Flag = UNSET
    assigned_to: Ids | Line | None | UnsetType = UNSET
    query: Line | None | UnsetType = UNSET
    limit: int | float | None | UnsetType = UNSET
    skip: int | float | None | UnsetType = UNSET
    business_id: Line | None | UnsetType = UNSET
    search_after: Items | None | UnsetType = UNSET


class LiveTaskSearchBody(TaskSearchBody, kw_only=True):
    """A search among the tasks of a location. `searchAfter` goes on behind a task; skip does not count then."""

    contact_id: Ids | None | UnsetType = UNSET
    assigned_to: Ids | None | UnsetType = UNSET


class TaskBody(Struct, rename="camel"):
    """A task."""

    id: str
    title: str
    due_date: Timestamp
    completed: bool
    contact_id: str
    body: str | UnsetType = UNSET
    assigned_to: str | UnsetType = UNSET


class TaskContact(Struct, rename="camel"):
    """Whom a task is about."""

    id: str = msgspec.field(name="_id")
    first_name: str | UnsetType = UNSET
    last_name: str | UnsetType = UNSET


class TaskUser(Struct, rename="camel"):
    """Who has to do a task."""

    id: str
    first_name: str
    last_name: str


class FoundTaskBody(TaskBody, kw_only=True, rename="camel"):
    """A task in a page of a search, which says more of it."""

    other_id: str = msgspec.field(name="_id")
    """The same id under the name that searches have for it."""
    location_id: str
    date_added: Timestamp
    date_updated: Timestamp
    updated_at: Timestamp
    deleted: Literal[False]
    status: Literal["to_do", "completed"]
    status_group: Literal["to_do", "completed"]
    contact_details: TaskContact
    search_after: list[Json]
    assigned_to_user_details: TaskUser | UnsetType = UNSET


class TaskReply(Struct, rename="camel"):
    """One task."""

    task: TaskBody
    trace_id: str


class TasksReply(Struct, rename="camel"):
    """The tasks of a contact."""

    tasks: list[TaskBody]
    trace_id: str


class FoundTasksReply(Struct, rename="camel"):
    """A page of the tasks of a location."""

    tasks: list[FoundTaskBody]
    trace_id: str


def task_body(task: Task) -> TaskBody:
    """The wire form of a task."""
    return TaskBody(
        task.shown_id,
        task.title,
        iso(task.due_at),
        task.completed,
        to_short_id(task.contact_id),
        or_unset(task.body),
        or_unset(task.assigned_to),
    )


def found_task_body(found: FoundTask, location: Location) -> FoundTaskBody:
    """The wire form of a task in a page of a search."""
    task, user = found.task, found.user
    contact_id, updated = to_short_id(task.contact_id), iso(task.updated_at)
    status: Literal["to_do", "completed"] = "completed" if task.completed else "to_do"
    return FoundTaskBody(
        id=task.shown_id,
        other_id=task.shown_id,
        title=task.title,
        due_date=iso(task.due_at),
        completed=task.completed,
        contact_id=contact_id,
        body=or_unset(task.body),
        assigned_to=or_unset(task.assigned_to),
        location_id=location.id,
        date_added=iso(task.created_at),
        date_updated=updated,
        updated_at=updated,
        deleted=False,
        status=status,
        status_group=status,
        contact_details=TaskContact(
            contact_id, found.contact.get("first_name", UNSET), found.contact.get("last_name", UNSET)
        ),
        search_after=cursor_of(task),
        assigned_to_user_details=UNSET if user is None else TaskUser(user.id, user.first_name, user.last_name),
    )
