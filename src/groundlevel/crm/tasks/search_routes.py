"""The search of a location's tasks (docs/contract.md#notes-and-tasks)."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UnsetType

from groundlevel.crm.tasks.routes import TAG
from groundlevel.crm.tasks.schemas import FoundTasksReply, LiveTaskSearchBody, TaskSearchBody, found_task_body
from groundlevel.crm.tasks.search_rules import TaskSearch, search_tasks
from groundlevel.kernel.absence import or_else, or_none
from groundlevel.kernel.errors import InvalidCursor, InvalidShape
from groundlevel.kernel.errors.wording import integer_errors
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Placement, Route
from groundlevel.kernel.model import MAX_SAFE_INTEGER
from groundlevel.kernel.scopes import declare_scopes
from groundlevel.kernel.usecase import perform

(READ,) = declare_scopes("locations/tasks", "searches of tasks", kinds=("readonly",))
USUAL_LIMIT, MAX_LIMIT = 25, 500


async def search(request: Request) -> FoundTasksReply:
    """A page of the tasks found."""
    body: TaskSearchBody = request.body
    limit, skip = or_else(body.limit, USUAL_LIMIT), or_else(body.skip, 0)
    faults = integer_errors("limit", limit, least=1, most=MAX_LIMIT)
    faults += integer_errors("skip", skip, least=0, most=MAX_SAFE_INTEGER)
    if faults:
        raise InvalidShape(faults)
    wanted = TaskSearch(
        _ids(body.contact_id),
        or_none(body.business_id),
        or_none(body.completed),
        _ids(body.assigned_to),
        or_none(body.query),
        or_else(body.search_after, ()),
        int(skip),
        int(limit),
    )
    found = await perform(request.context.storage, request.call(), search_tasks, wanted)
    return FoundTasksReply([found_task_body(each, request.location) for each in found], request.trace_id)


def _ids(sent: Sequence[str] | str | None | UnsetType) -> Sequence[str] | None:
    """The ids that are asked about; an empty list asks about none in particular."""
    ids = or_none(sent)
    return ([ids] if isinstance(ids, str) else ids) or None


ROUTES = (
    Route(
        method="POST",
        path="/locations/{locationId}/tasks/search",
        operation_id="task-search",
        tag=TAG,
        summary="Search the tasks of a location",
        doc="The newest first. `query` is found in title and body, whatever the case and accents.",
        handler=search,
        placement=Placement.PATH,
        scope=READ,
        live_status=201,
        body=TaskSearchBody,
        live_body=LiveTaskSearchBody,
        reply=FoundTasksReply,
        refusals=(InvalidCursor,),
        example={"completed": False, "assignedTo": ["0004Mtfsd11SBU1mBPgd"], "limit": 10},
    ),
)
