"""The test double in the console: operations of the control plane under the console's own paths, for its page."""

from __future__ import annotations

from functools import partial

from groundlevel.console import rules
from groundlevel.console.guard import session_of
from groundlevel.console.replies import console_route, json_page
from groundlevel.control import routes as control
from groundlevel.control.double import Double
from groundlevel.control.routes import OPERATIONS, Operation
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Page, Route

_SHOWN = (
    control.show_overview,
    control.reset,
    control.save_checkpoint,
    control.restore_checkpoint,
    control.delete_checkpoint,
    control.list_changes,
    control.move_clock,
    control.add_fault,
    control.list_faults,
    control.clear_faults,
    control.delete_fault,
    control.list_scenarios,
    control.list_messages,
    control.clear_messages,
)
"""What the screen of the double does."""


def routes_of(double: Double) -> tuple[Route, ...]:
    """The operations of the screen as routes of one server, whose resets leave everybody signed in.

    The cookie admits owners of everything to them; the control plane itself goes on refusing every page of a browser.
    """
    double.keepers.append(partial(rules.keep_sessions, double.storage))
    return tuple(_route(double, operation) for operation in OPERATIONS if operation.perform in _SHOWN)


def _route(double: Double, operation: Operation) -> Route:
    async def handle(request: Request) -> Page:
        rules.require_owner(await session_of(request))
        return json_page(await operation.perform(double, request))

    handle.__name__ = f"control_{operation.perform.__name__}"
    handle.__doc__ = f"{operation.summary}. Raises RoleForbidden, and what the operation of the control plane does."
    return console_route(
        operation.method, f"/console{operation.path}", handle, body=operation.body, query=operation.query
    )
