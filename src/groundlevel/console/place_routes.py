"""A location in the console: how it is doing, and what somebody has chosen for its screens."""

from __future__ import annotations

import asyncio

from msgspec import Struct

from groundlevel.backup import rules as backups
from groundlevel.console import place_rules
from groundlevel.console.guard import session_of
from groundlevel.console.model import Choice
from groundlevel.console.place_rules import Building
from groundlevel.console.replies import DoneReply, console_route, json_page
from groundlevel.console.rules import require_owner
from groundlevel.kernel.http.bodies import Body, Filled
from groundlevel.kernel.http.rate_limits import BURST, DAILY
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Page
from groundlevel.kernel.timestamps import iso


class ChoiceBody(Body, kw_only=True):
    """A choice and its value, JSON in a text; an empty one takes the choice away."""

    name: Filled
    value: str


class LimitsBody(Struct, rename="camel"):
    """What is refused for being too much."""

    mode: str
    """off, or live: then requests are counted as on the live platform."""
    burst: int
    """Requests in ten seconds."""
    daily: int
    body_bytes: int
    import_bytes: int


class BackupsBody(Struct, rename="camel"):
    """The backups that the server makes by itself."""

    possible: bool
    """False where another program backs the database up."""
    last: str | None
    """When the last one was made."""


class PlaceStateReply(Struct, rename="camel"):
    """How a location is doing."""

    dead_deliveries: int
    """Counted up to a thousand."""
    building: list[Building]
    empty: bool
    """Whether it holds nothing, so that demo data may be put into it."""
    limits: LimitsBody
    backups: BackupsBody | None
    """null for whoever does not own every location."""
    trace_id: str


class ChoicesReply(Struct, rename="camel"):
    """What somebody has chosen: names, and values as JSON in texts."""

    choices: dict[str, str]
    trace_id: str


async def show_place_state(request: Request) -> Page:
    """How a location is doing. Raises LocationNotFound."""
    session, storage = await session_of(request), request.context.storage
    location = await place_rules.find_place(storage, session, request.params[0])
    state = await place_rules.read_state(storage, location)
    settings = request.context.settings
    limits = LimitsBody(settings.limits, BURST, DAILY, settings.max_body_bytes, settings.import_max_bytes)
    kept = await asyncio.to_thread(_backups_of, request) if session.is_unlimited else None
    reply = PlaceStateReply(state.dead_deliveries, state.building, state.empty, limits, kept, request.trace_id)
    return json_page(reply)


async def fill_place(request: Request) -> Page:
    """Fills an empty location with demo data. Raises RoleForbidden, LocationNotFound, LocationFilled."""
    session, storage = await session_of(request), request.context.storage
    location = await place_rules.find_place(storage, session, request.params[0])
    require_owner(session, location.id)
    await place_rules.fill_with_demo(storage, location)
    return json_page(DoneReply(True, request.trace_id))


def _backups_of(request: Request) -> BackupsBody:
    settings = request.context.settings
    made = backups.list_backups(settings)
    last = iso(int(made[0].stat().st_mtime * 1000)) if made else None
    return BackupsBody(backups.directory_of(settings) is not None, last)


async def show_choices(request: Request) -> Page:
    """What somebody has chosen for the screens of a location. Raises LocationNotFound."""
    session, storage = await session_of(request), request.context.storage
    location = await place_rules.find_place(storage, session, request.params[0])
    chosen = await place_rules.list_choices(storage, place_rules.owner_of(session), location)
    return json_page(ChoicesReply(chosen, request.trace_id))


async def choose(request: Request) -> Page:
    """Keeps what somebody has chosen for the screens of a location. Raises LocationNotFound, ChoiceInvalid."""
    session, storage = await session_of(request), request.context.storage
    location = await place_rules.find_place(storage, session, request.params[0])
    body: ChoiceBody = request.body
    choice = Choice(place_rules.owner_of(session), location.id, body.name, body.value)
    await place_rules.store_choice(storage, choice)
    return json_page(DoneReply(True, request.trace_id))


ROUTES = (
    console_route("GET", "/console/places/{id}/state", show_place_state),
    console_route("POST", "/console/places/{id}/demo", fill_place),
    console_route("GET", "/console/places/{id}/choices", show_choices),
    console_route("PUT", "/console/places/{id}/choices", choose, body=ChoiceBody),
)
