"""The operations of the control plane, which only a server with `control` has."""

# Long: one table of small operations.

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from groundlevel import __version__
from groundlevel.audit.serializers import change_body
from groundlevel.control import bodies
from groundlevel.control.apps import make_app
from groundlevel.control.changes import changes_since_moment
from groundlevel.control.double import SEED, Double, changed_settings
from groundlevel.control.durations import read_duration
from groundlevel.control.errors import FaultInvalid, LoggedRequestNotFound
from groundlevel.control.fault_rules import MatchBody, Rule
from groundlevel.control.faults import RuleBody, scenarios
from groundlevel.control.guard import check_control
from groundlevel.control.log import Wanted, as_har, find_requests, wait_for_requests
from groundlevel.control.settling import settle
from groundlevel.kernel.absence import or_else, or_none
from groundlevel.kernel.errors import InvalidShape
from groundlevel.kernel.http.guard import read_body
from groundlevel.kernel.http.params import read_number
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.request_log import RequestLog
from groundlevel.kernel.http.routing import JSON, Admission, Page, Parameter, Placement, Route
from groundlevel.kernel.timestamps import iso
from groundlevel.signing.rules import ED25519, RSA, list_active_keys, one_line, raw_public_key

TAG = "Control"
USUAL_SECONDS = 10.0
"""How long is waited where the request does not say."""
_MILLISECONDS_FROM = 10_000
"""A year below which a number of the clock is no number of milliseconds."""
_WANTED = (
    Parameter("operation", "Only of this operationId."),
    Parameter("method", "Only with this method."),
    Parameter("path", "Only with this path, in which * is any part and a last ** any rest."),
    Parameter("status", "Only with this status."),
    Parameter("refused", "true for refused requests alone, false for the others."),
    Parameter("locationId", "Only about this location."),
    Parameter("after", "Only with a higher number than this."),
)
_REFUSE = (
    Parameter("status", "The status with which messages are refused at first; 200 if left out."),
    Parameter("times", "How many are refused; none if left out."),
)
_MESSAGES = (
    Parameter("event", "Only of this type."),
    Parameter("after", "Only with a higher number than this."),
)


class Operation(Struct, frozen=True):
    """One row of the table below."""

    method: str
    path: str
    perform: Callable[[Double, Request], Awaitable[Any]]
    summary: str
    doc: str = ""
    body: type[Struct] | None = None
    query: tuple[Parameter, ...] = ()
    reply: type[Struct] | None = None


async def show_overview(double: Double, request: Request) -> bodies.OverviewReply:
    """The server, and how it is steered."""
    log = request.context.requests
    return bodies.OverviewReply(
        __version__,
        double.storage.engine,
        double.disposable,
        double.settings.profile,
        double.settings.limits,
        _clock_reply(double),
        bodies.IdsReply(double.ids_seed),
        len(double.faults.rules),
        double.checkpoints(),
        double.inboxes.names(),
        0 if log is None else log.count,
        await _webhook_keys(double),
    )


async def reset(double: Double, request: Request) -> bodies.ResetReply:
    """Makes everything as it was. Raises NotDisposable, CheckpointNotFound."""
    body: bodies.ResetBody = request.body
    return bodies.ResetReply(round(await double.reset(or_else(body.to, SEED), or_else(body.keep, [])), 3))


async def list_checkpoints(double: Double, request: Request) -> bodies.CheckpointsReply:
    """The names of the checkpoints."""
    return bodies.CheckpointsReply(double.checkpoints())


async def save_checkpoint(double: Double, request: Request) -> bodies.CheckpointsReply:
    """Takes a checkpoint. Raises NotDisposable, CheckpointReserved."""
    await double.save(request.params[0])
    return bodies.CheckpointsReply(double.checkpoints())


async def restore_checkpoint(double: Double, request: Request) -> bodies.DoneReply:
    """Makes what is stored as it was. Raises NotDisposable, CheckpointNotFound."""
    await double.restore(request.params[0])
    return bodies.DoneReply()


async def delete_checkpoint(double: Double, request: Request) -> bodies.CheckpointsReply:
    """Lets go of a checkpoint. Raises CheckpointReserved, CheckpointNotFound."""
    await double.delete(request.params[0])
    return bodies.CheckpointsReply(double.checkpoints())


async def list_changes(double: Double, request: Request) -> bodies.CheckpointChangesReply:
    """What has changed since a checkpoint. Raises CheckpointNotFound, CheckpointElsewhere, AuditOff, CursorGone."""
    found = await changes_since_moment(
        double.storage, double.moment(request.params[0]), request.query.get("locationId") or None
    )
    return bodies.CheckpointChangesReply(
        [{"locationId": location_id, **msgspec.to_builtins(change_body(view))} for location_id, view in found]
    )


async def show_clock(double: Double, request: Request) -> bodies.ClockReply:
    """How the clock stands."""
    return _clock_reply(double)


async def move_clock(double: Double, request: Request) -> bodies.ClockReply:
    """Moves the clock. Raises InvalidShape."""
    body: bodies.ClockBody = request.body
    now, advance = or_none(body.now), or_none(body.advance)
    async with double.keeping():
        double.move_clock(
            now=None if now is None else _milliseconds(now),
            advance=None if advance is None else read_duration(advance, "advance"),
            frozen=or_none(body.frozen),
            speed=or_none(body.speed),
        )
    return _clock_reply(double)


async def seed_ids(double: Double, request: Request) -> bodies.IdsReply:
    """Makes ids repeat themselves."""
    double.seed_ids(request.body.seed)
    return bodies.IdsReply(double.ids_seed)


async def add_fault(double: Double, request: Request) -> bodies.FaultsReply:
    """Adds a rule, or a named set. Raises FaultInvalid, FaultNotFound."""
    body: bodies.FaultBody = request.body
    then, name = or_none(body.then), or_none(body.use)
    if (then is None) == (name is None):
        raise FaultInvalid("Send `then`, with or without `match`; or `use` with the name of a scenario")
    if then is not None:
        match = or_none(body.match) or MatchBody()
        return bodies.FaultsReply([_fault_reply(double.faults.add(RuleBody(match=match, then=then)))])
    return bodies.FaultsReply([_fault_reply(rule) for rule in double.faults.use(name or "")])


async def list_faults(double: Double, request: Request) -> bodies.FaultsReply:
    """The rules in force."""
    return bodies.FaultsReply([_fault_reply(rule) for rule in double.faults.rules])


async def clear_faults(double: Double, request: Request) -> bodies.DoneReply:
    """Removes every rule."""
    double.faults.clear()
    return bodies.DoneReply()


async def delete_fault(double: Double, request: Request) -> bodies.DoneReply:
    """Removes a rule. Raises FaultNotFound."""
    double.faults.remove(request.params[0])
    return bodies.DoneReply()


async def list_scenarios(double: Double, request: Request) -> bodies.ScenariosReply:
    """The named sets of rules."""
    return bodies.ScenariosReply(
        [bodies.ScenarioReply(name, each.about, msgspec.to_builtins(each.rules)) for name, each in scenarios()]
    )


async def list_logged(double: Double, request: Request) -> bodies.LoggedRequestsReply:
    """The last requests. Raises InvalidShape, LoggedRequestNotFound."""
    log = _log_of(request)
    return bodies.LoggedRequestsReply(find_requests(log, _wanted_in_query(request)), log.count)


async def show_logged(double: Double, request: Request) -> bodies.LoggedRequestsReply:
    """One request. Raises LoggedRequestNotFound."""
    log = _log_of(request)
    found = find_requests(log, Wanted(trace_id=request.params[0]))
    if not found:
        raise LoggedRequestNotFound
    return bodies.LoggedRequestsReply(found, log.count)


async def clear_logged(double: Double, request: Request) -> bodies.DoneReply:
    """Empties the log."""
    _log_of(request).clear()
    return bodies.DoneReply()


async def export_logged(double: Double, request: Request) -> Page:
    """The last requests as HAR."""
    found = find_requests(_log_of(request), _wanted_in_query(request))
    return Page(JSON, msgspec.json.encode(as_har(found, request.address)))


async def wait_for_logged(double: Double, request: Request) -> bodies.LoggedRequestsReply:
    """Requests, once there are so many."""
    body: bodies.RequestsWaitBody = request.body
    match = or_none(body.match) or bodies.WantedBody()
    wanted = Wanted(
        operation=or_none(match.operation),
        method=or_none(match.method),
        path=or_none(match.path),
        status=or_none(match.status),
        refused=or_none(match.refused),
        location_id=or_none(match.location_id),
    )
    log, count = _log_of(request), or_else(body.count, 1)
    found = await wait_for_requests(log, wanted, count=count, seconds=or_else(body.timeout, USUAL_SECONDS))
    return bodies.LoggedRequestsReply(found, log.count, len(found) >= count)


async def receive_message(double: Double, request: Request) -> bodies.DoneReply:
    """Takes a webhook."""
    await read_body(request)
    refuse = read_number(request, "status", default=200, least=100), read_number(request, "times", default=0)
    request.status = await double.inboxes.receive(request.params[0], request.headers, request.raw, refuse=refuse)
    return bodies.DoneReply()


async def list_messages(double: Double, request: Request) -> bodies.MessagesReply:
    """What has arrived."""
    after = read_number(request, "after", default=0)
    return bodies.MessagesReply(
        double.inboxes.messages(request.params[0], event=request.query.get("event"), after=after)
    )


async def wait_for_messages(double: Double, request: Request) -> bodies.MessagesReply:
    """What has arrived, once that is so much."""
    body: bodies.InboxWaitBody = request.body
    count, seconds = or_else(body.count, 1), or_else(body.timeout, USUAL_SECONDS)
    found = await double.inboxes.wait(request.params[0], or_none(body.event), count=count, seconds=seconds)
    return bodies.MessagesReply(found, len(found) >= count)


async def clear_messages(double: Double, request: Request) -> bodies.DoneReply:
    """Empties an inbox."""
    double.inboxes.clear(request.params[0])
    return bodies.DoneReply()


async def change_profile(double: Double, request: Request) -> bodies.ProfileReply:
    """Shows another face. Raises InvalidShape."""
    body: bodies.ProfileBody = request.body
    for name, lag in (("searchLag", body.search_lag), ("relationLag", body.relation_lag)):
        if lag is not msgspec.UNSET:
            double.lag(name, lag)
    settings = changed_settings(double.settings, profile=or_none(body.profile), limits=or_none(body.limits))
    if settings != double.settings:
        double.show(settings)
    return bodies.ProfileReply(settings.profile, settings.limits)


async def make_world(double: Double, request: Request) -> Any:
    """Makes a location of its own. Raises BadRequest."""
    seed = or_none(request.body.seed)
    if isinstance(seed, str):
        return await double.make_world(seed.encode())
    return await double.make_world(None if seed is None else msgspec.json.encode(seed))


async def install_new_app(double: Double, request: Request) -> bodies.AppReply:
    """Makes an app that is installed. Raises BadRequest, LocationNotFound, InvalidValue, InvalidScope."""
    return await make_app(double.storage, request.body)


async def add_seed(double: Double, request: Request) -> bodies.SeededReply:
    """Adds what a seed describes. Raises BadRequest."""
    await read_body(request)
    return bodies.SeededReply(msgspec.to_builtins(await double.add_seed(request.raw)))


async def settle_down(double: Double, request: Request) -> bodies.SettledReply:
    """Answers when nothing is left to happen."""
    began = time.perf_counter()
    left = await settle(double.storage, or_else(request.body.timeout, USUAL_SECONDS))
    return bodies.SettledReply(not left, round((time.perf_counter() - began) * 1_000, 3), left)


async def _webhook_keys(double: Double) -> bodies.WebhookKeys:
    newest = [(await list_active_keys(double.storage, purpose))[0] for purpose in (ED25519, RSA)]
    return bodies.WebhookKeys(raw_public_key(newest[0]), one_line(newest[1].public_pem))


def _clock_reply(double: Double) -> bodies.ClockReply:
    reading = double.clock.read()
    return bodies.ClockReply(iso(reading.now), reading.frozen, reading.speed)


def _milliseconds(now: int | str) -> int:
    """Epoch milliseconds. Raises InvalidShape."""
    try:
        moment = (
            datetime.fromisoformat(now) if isinstance(now, str) else datetime.fromtimestamp(now / 1_000).astimezone()
        )
        if moment.tzinfo is None or not 1970 <= moment.year < _MILLISECONDS_FROM:
            raise ValueError
    except (ValueError, OverflowError, OSError):
        raise InvalidShape(["now must be epoch milliseconds, or ISO 8601 with a time zone"]) from None
    return now if isinstance(now, int) else round(moment.timestamp() * 1_000)


def _fault_reply(rule: Rule) -> bodies.FaultReply:
    return bodies.FaultReply(rule.id, dict(rule.shown), rule.scenario, rule.seen, rule.applied)


def _log_of(request: Request) -> RequestLog:
    log = request.context.requests
    if log is None:
        raise LoggedRequestNotFound("The log of requests is off", hint="Start the server with --request-log true.")
    return log


def _wanted_in_query(request: Request) -> Wanted:
    query = request.query
    refused = query.get("refused")
    return Wanted(
        operation=query.get("operation") or None,
        method=query.get("method") or None,
        path=query.get("path") or None,
        status=read_number(request, "status", default=0) or None,
        refused=None if refused is None else refused == "true",
        location_id=query.get("locationId") or None,
        after=read_number(request, "after", default=0),
    )


OPERATIONS = (
    Operation("GET", "/control", show_overview, "How the server is steered", reply=bodies.OverviewReply),
    Operation(
        "POST",
        "/control/reset",
        reset,
        "Back to the start",
        "Puts back how everything was when the server started (`seed`), an empty database (`empty`) or a checkpoint, "
        "in one step, and takes back the clock, ids, faults, profile, log and inboxes, save what `keep` names.",
        bodies.ResetBody,
        reply=bodies.ResetReply,
    ),
    Operation("GET", "/control/checkpoints", list_checkpoints, "The checkpoints", reply=bodies.CheckpointsReply),
    Operation(
        "PUT",
        "/control/checkpoints/{name}",
        save_checkpoint,
        "Take a checkpoint",
        "It is of everything that is stored, and lasts until the server stops.",
        reply=bodies.CheckpointsReply,
    ),
    Operation(
        "POST",
        "/control/checkpoints/{name}/restore",
        restore_checkpoint,
        "Back to a checkpoint",
        "Puts back what was stored, and leaves clock, faults, log and inboxes as they are.",
        reply=bodies.DoneReply,
    ),
    Operation(
        "DELETE",
        "/control/checkpoints/{name}",
        delete_checkpoint,
        "Let go of a checkpoint",
        reply=bodies.CheckpointsReply,
    ),
    Operation(
        "GET",
        "/control/checkpoints/{name}/changes",
        list_changes,
        "What has changed since a checkpoint",
        "Every creation, update (with what was before and after) and deletion since then, of records, relations and "
        "definitions, location by location, in the order of the commits. `seed` counts from the start of the server.",
        query=(Parameter("locationId", "Only of this location."),),
        reply=bodies.CheckpointChangesReply,
    ),
    Operation("GET", "/control/clock", show_clock, "The clock", reply=bodies.ClockReply),
    Operation(
        "PUT",
        "/control/clock",
        move_clock,
        "Move the clock",
        "Timestamps, ids, the ends of tokens and codes, rate limits and the next attempts of webhooks go by it. "
        "Webhooks that come due are sent at once.",
        bodies.ClockBody,
        reply=bodies.ClockReply,
    ),
    Operation(
        "PUT",
        "/control/ids",
        seed_ids,
        "The same ids each time",
        "From here ids, and what faults decide by chance, repeat themselves. Record ids hold the time as well, so "
        "freeze the clock for those.",
        bodies.IdsBody,
        reply=bodies.IdsReply,
    ),
    Operation(
        "POST",
        "/control/faults",
        add_fault,
        "Add a fault",
        "The first rule that matches a request, or a webhook, applies to it.",
        bodies.FaultBody,
        reply=bodies.FaultsReply,
    ),
    Operation("GET", "/control/faults", list_faults, "The faults in force", reply=bodies.FaultsReply),
    Operation("DELETE", "/control/faults", clear_faults, "Remove all faults", reply=bodies.DoneReply),
    Operation("DELETE", "/control/faults/{id}", delete_fault, "Remove a fault", reply=bodies.DoneReply),
    Operation("GET", "/control/scenarios", list_scenarios, "The named faults", reply=bodies.ScenariosReply),
    Operation(
        "GET",
        "/control/requests",
        list_logged,
        "The last requests",
        "Of the last 2,000, the newest first, with tokens and secrets as dots.",
        query=_WANTED,
        reply=bodies.LoggedRequestsReply,
    ),
    Operation("GET", "/control/requests.har", export_logged, "The last requests as HAR", query=_WANTED),
    Operation("GET", "/control/requests/{traceId}", show_logged, "One request", reply=bodies.LoggedRequestsReply),
    Operation("DELETE", "/control/requests", clear_logged, "Empty the log", reply=bodies.DoneReply),
    Operation(
        "POST",
        "/control/requests/wait",
        wait_for_logged,
        "Wait for requests",
        "Answers when `count` requests match, those before it included, or after `timeout` seconds with "
        "`complete: false`.",
        bodies.RequestsWaitBody,
        reply=bodies.LoggedRequestsReply,
    ),
    Operation(
        "POST",
        "/control/inbox/{name}",
        receive_message,
        "Receive a webhook",
        "The URL for a webhook whose messages a test wants to see. With `?status=500&times=3` it refuses the first "
        "three.",
        query=_REFUSE,
        reply=bodies.DoneReply,
    ),
    Operation(
        "PUT", "/control/inbox/{name}", receive_message, "Receive a webhook", query=_REFUSE, reply=bodies.DoneReply
    ),
    Operation(
        "GET",
        "/control/inbox/{name}/messages",
        list_messages,
        "What has arrived",
        "The oldest first; `signature` says whether both signatures are good.",
        query=_MESSAGES,
        reply=bodies.MessagesReply,
    ),
    Operation(
        "POST",
        "/control/inbox/{name}/wait",
        wait_for_messages,
        "Wait for webhooks",
        "Answers when `count` messages are there, or after `timeout` seconds with `complete: false`.",
        bodies.InboxWaitBody,
        reply=bodies.MessagesReply,
    ),
    Operation("DELETE", "/control/inbox/{name}", clear_messages, "Empty an inbox", reply=bodies.DoneReply),
    Operation(
        "PUT",
        "/control/profile",
        change_profile,
        "Another face",
        "The profile and the limits from the next request on, and how long searches do not find what is new.",
        bodies.ProfileBody,
        reply=bodies.ProfileReply,
    ),
    Operation(
        "POST",
        "/control/worlds",
        make_world,
        "A location of its own",
        "A new location with what a seed describes and a token for it: tests that run at once share nothing in it.",
        bodies.WorldBody,
    ),
    Operation(
        "POST",
        "/control/apps",
        install_new_app,
        "An app that is installed",
        "A new app with its secret, tokens as it has them once a user has approved, and a code for another pair.",
        bodies.AppBody,
        reply=bodies.AppReply,
    ),
    Operation(
        "POST",
        "/control/seed",
        add_seed,
        "Add a seed",
        "Adds the locations of a seed file, which is the body, JSON or YAML. One whose name there is already is left "
        "as it is.",
        reply=bodies.SeededReply,
    ),
    Operation(
        "POST",
        "/control/settle",
        settle_down,
        "Wait until nothing is left to happen",
        "Answers when events have become deliveries, those that are due were tried, and background work is done. What "
        "is to be tried again later is not waited for.",
        bodies.SettleBody,
        reply=bodies.SettledReply,
    ),
)
"""Every operation, in the order of the documentation."""


def routes_of(double: Double) -> tuple[Route, ...]:
    """The operations as the routes of one server."""
    return tuple(_route(double, operation) for operation in OPERATIONS)


def _route(double: Double, operation: Operation) -> Route:
    async def handle(request: Request) -> Any:
        check_control(request)
        return await operation.perform(double, request)

    name = operation.perform.__name__.replace("_", "-")
    return Route(
        method=operation.method,
        path=operation.path,
        operation_id=f"control-{operation.method.lower()}-{name}",
        tag=TAG,
        summary=operation.summary,
        handler=handle,
        placement=Placement.NOWHERE,
        admission=Admission.OPEN,
        body=operation.body,
        query=operation.query,
        reply=operation.reply,
        doc=operation.doc,
        extension=True,
        quiet=True,
    )
