"""Steers a running server from the command line, as tests do at /control."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import typer
from rich.table import Table

from groundlevel.control.client import ControlClient, ControlError
from groundlevel.control.detached import FILE, DetachedError, find_detached
from groundlevel.kernel.command import Options, Result, command, settings_of
from groundlevel.kernel.errors import InputError
from groundlevel.kernel.http.hosts import url_of

FOLLOW_SECONDS = 0.3
"""How often is looked for new requests."""


class SteeringError(InputError):
    """The server has not done what was asked."""

    def __init__(self, problem: ControlError) -> None:
        super().__init__(problem.message)
        self.advice = problem.hint


class SteeringOptions(Options, frozen=True, kw_only=True):
    """Options of every command that steers a server."""

    url: Annotated[
        str | None,
        typer.Option(help="Where the server is; else as `double --detach` or its host and port settings say."),
    ] = None


class ResetOptions(SteeringOptions, frozen=True, kw_only=True):
    """Options of `reset`."""

    to: Annotated[str, typer.Argument(metavar="[seed|empty|CHECKPOINT]", help="Back to where.")] = "seed"
    keep: Annotated[
        list[str] | None,
        typer.Option(help="clock, ids, faults, requests, inbox or profile; may be given several times."),
    ] = None


class NameOptions(SteeringOptions, frozen=True, kw_only=True):
    """Options of commands about one checkpoint."""

    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the checkpoint.")]


class FaultOptions(SteeringOptions, frozen=True, kw_only=True):
    """Options of `fault add`."""

    rule: Annotated[str, typer.Argument(metavar="RULE", help="JSON with match and then, or @FILE with it.")]


class ScenarioOptions(SteeringOptions, frozen=True, kw_only=True):
    """Options of `fault use`."""

    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the scenario; `fault list` names them.")]


class ClearOptions(SteeringOptions, frozen=True, kw_only=True):
    """Options of `fault clear`."""

    id: Annotated[str | None, typer.Argument(metavar="[ID]", help="Of one rule; all if left out.")] = None


class NowOptions(SteeringOptions, frozen=True, kw_only=True):
    """Options of `clock set`."""

    now: Annotated[str, typer.Argument(metavar="TIME", help="ISO 8601 with a time zone.")]


class DurationOptions(SteeringOptions, frozen=True, kw_only=True):
    """Options of `clock advance`."""

    duration: Annotated[str, typer.Argument(metavar="DURATION", help="Such as 25h, 90s or 1h30m.")]


class FreezeOptions(SteeringOptions, frozen=True, kw_only=True):
    """Options of `clock freeze`."""

    undo: Annotated[bool, typer.Option("--undo", help="Let it go on.")] = False


class RequestsOptions(SteeringOptions, frozen=True, kw_only=True):
    """Options of `requests`."""

    refused: Annotated[bool, typer.Option("--refused", help="Refused requests alone.")] = False
    follow: Annotated[bool, typer.Option("--follow", help="Go on printing what comes, until interrupted.")] = False
    path: Annotated[str | None, typer.Option(help="Only this path, in which * is any part of it.")] = None
    har: Annotated[Path | None, typer.Option(help="Write them to this file as HAR.")] = None


class InboxOptions(SteeringOptions, frozen=True, kw_only=True):
    """Options of `inbox`."""

    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Of the inbox.")] = "test"


def add_to(app: typer.Typer) -> None:
    """Adds the family's commands."""
    command(app, "reset")(reset)
    checkpoints = typer.Typer(help="Checkpoints of a running double.", no_args_is_help=True)
    app.add_typer(checkpoints, name="checkpoint")
    command(checkpoints, "save")(save_checkpoint)
    command(checkpoints, "list")(list_checkpoints)
    command(checkpoints, "restore")(restore_checkpoint)
    command(checkpoints, "changes")(show_changes)
    command(checkpoints, "delete")(delete_checkpoint)
    faults = typer.Typer(help="Faults of a running double.", no_args_is_help=True)
    app.add_typer(faults, name="fault")
    command(faults, "add")(add_fault)
    command(faults, "use")(use_scenario)
    command(faults, "list")(list_faults)
    command(faults, "clear")(clear_faults)
    clock = typer.Typer(help="The clock of a running double.", no_args_is_help=True)
    app.add_typer(clock, name="clock")
    command(clock, "show")(show_clock)
    command(clock, "set")(set_clock)
    command(clock, "advance")(advance_clock)
    command(clock, "freeze")(freeze_clock)
    command(app, "requests")(show_requests)
    command(app, "inbox")(show_inbox)


async def reset(options: ResetOptions) -> Result:
    """Make everything in a running double as it was when it started, or at a checkpoint."""
    done = _ask(options, "POST", "/reset", {"to": options.to, "keep": options.keep or []})
    return Result(done, f"as it was at {options.to}, in {done['tookMs']} ms")


async def save_checkpoint(options: NameOptions) -> Result:
    """Take a checkpoint of everything that is stored."""
    return _checkpoints(_ask(options, "PUT", _checkpoint(options)))


async def list_checkpoints(options: SteeringOptions) -> Result:
    """List the checkpoints, oldest first."""
    return _checkpoints(_ask(options, "GET", "/checkpoints"))


async def restore_checkpoint(options: NameOptions) -> Result:
    """Make what is stored as it was at a checkpoint."""
    return Result(_ask(options, "POST", f"{_checkpoint(options)}/restore"), f"as it was at {options.name}")


async def delete_checkpoint(options: NameOptions) -> Result:
    """Let go of a checkpoint."""
    return _checkpoints(_ask(options, "DELETE", _checkpoint(options)))


async def show_changes(options: NameOptions) -> Result:
    """List what has changed since a checkpoint, in order."""
    found = _ask(options, "GET", f"{_checkpoint(options)}/changes")
    table = Table("change", "of", "id", "was different", box=None)
    for each in found["changes"]:
        kind = " ".join(part for part in (each["kind"], each["object"]) if part)
        table.add_row(each["op"], kind, each["id"], ", ".join(each["changed"]))
    return Result(found, table if found["changes"] else "nothing has changed")


async def add_fault(options: FaultOptions) -> Result:
    """Add a fault: `groundlevel fault add '{"match": {"times": 1}, "then": {"status": 429}}'`."""
    return _faults(_ask(options, "POST", "/faults", _read_rule(options.rule)))


async def use_scenario(options: ScenarioOptions) -> Result:
    """Add the faults of a scenario."""
    return _faults(_ask(options, "POST", "/faults", {"use": options.name}))


async def list_faults(options: SteeringOptions) -> Result:
    """List the faults in force, and the scenarios that there are."""
    found, named = _ask(options, "GET", "/faults"), _ask(options, "GET", "/scenarios")
    table = Table("scenario", "", box=None)
    for each in named["scenarios"]:
        table.add_row(each["name"], each["about"])
    shown = _faults(found)
    return Result({**found, **named}, shown.text if found["faults"] else table)


async def clear_faults(options: ClearOptions) -> Result:
    """Remove all faults, or one."""
    path = "/faults" if options.id is None else f"/faults/{quote(options.id, safe='')}"
    return Result(_ask(options, "DELETE", path), "removed")


async def show_clock(options: SteeringOptions) -> Result:
    """Print how the clock stands."""
    return _clock(_ask(options, "GET", "/clock"))


async def set_clock(options: NowOptions) -> Result:
    """Set the clock."""
    return _clock(_ask(options, "PUT", "/clock", {"now": options.now}))


async def advance_clock(options: DurationOptions) -> Result:
    """Put the clock forward."""
    return _clock(_ask(options, "PUT", "/clock", {"advance": options.duration}))


async def freeze_clock(options: FreezeOptions) -> Result:
    """Stop the clock, or let it go on."""
    return _clock(_ask(options, "PUT", "/clock", {"frozen": not options.undo}))


async def show_requests(options: RequestsOptions) -> Result | None:
    """List the last requests to a running double, oldest first."""
    wanted = {"refused": "true"} if options.refused else {}
    if options.path is not None:
        wanted["path"] = options.path
    if options.har is not None:
        archive = _ask(options, "GET", f"/requests.har?{urlencode(wanted)}")
        options.har.write_text(json.dumps(archive, indent=1) + "\n", "utf-8")
        return Result({"file": str(options.har)}, f"{len(archive['log']['entries'])} requests written to {options.har}")
    found = _ask(options, "GET", f"/requests?{urlencode(wanted)}")
    if not options.follow:
        return Result(found, "\n".join(_lines(each) for each in reversed(found["requests"])) or "none")
    while True:
        for each in reversed(found["requests"]):
            typer.echo(json.dumps(each) if options.json else _lines(each))
        sys.stdout.flush()
        time.sleep(FOLLOW_SECONDS)  # noqa: ASYNC251  nothing else runs in this process
        found = _ask(options, "GET", f"/requests?{urlencode({**wanted, 'after': found['latest']})}")


async def show_inbox(options: InboxOptions) -> Result:
    """List the webhooks that have arrived in an inbox of a running double, oldest first."""
    found = _ask(options, "GET", f"/inbox/{quote(options.name, safe='')}/messages")
    table = Table("", "time", "event", "signature", "answered", box=None)
    for each in found["messages"]:
        row = (str(each["number"]), each["time"], each["event"], each["signature"], str(each["answered"]))
        table.add_row(*row)
    return Result(found, table if found["messages"] else "nothing has arrived")


def _ask(options: SteeringOptions, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """What the server answers. Raises SteeringError."""
    settings = settings_of(options)
    client = ControlClient(options.url or _url_of_detached() or url_of(settings), settings.control_key)
    try:
        return client.ask(method, path, body)
    except ControlError as problem:
        raise SteeringError(problem) from problem


def _url_of_detached() -> str | None:
    """Where the double runs that `double --detach` has started here; None where none does."""
    try:
        return find_detached(FILE).url
    except DetachedError:
        return None


def _checkpoint(options: NameOptions) -> str:
    return f"/checkpoints/{quote(options.name, safe='')}"


def _checkpoints(found: Any) -> Result:
    return Result(found, "\n".join(found["checkpoints"]) or "none")


def _faults(found: Any) -> Result:
    table = Table("id", "applied", "scenario", "rule", box=None)
    for each in found["faults"]:
        table.add_row(each["id"], f"{each['applied']} of {each['seen']}", each["scenario"], json.dumps(each["rule"]))
    return Result(found, table if found["faults"] else "none")


def _clock(found: Any) -> Result:
    said = ["frozen"] if found["frozen"] else []
    said += [f"{found['speed']:g} times as fast"] if found["speed"] != 1 else []
    return Result(found, " ".join([found["now"], *said]))


def _lines(request: Any) -> str:
    where = request["path"] + (f"?{request['query']}" if request["query"] else "")
    head = f"{request['time']} {request['status']} {request['method']} {where} {request['milliseconds']} ms"
    why = [f"    {text}" for text in (request["reason"], request["hint"]) if text]
    fault = [f"    by {request['fault']}"] if request["fault"] else []
    return "\n".join([head, *why, *fault])


def _read_rule(text: str) -> Any:
    """The rule in an argument. Raises SteeringError."""
    try:
        rule = json.loads(Path(text[1:]).read_text("utf-8") if text.startswith("@") else text)
    except (OSError, ValueError) as problem:
        raise SteeringError(ControlError(f"the rule cannot be read: {problem}", "It is JSON, or @FILE.")) from problem
    if not isinstance(rule, dict):
        raise SteeringError(ControlError("the rule is no JSON object", "It has the members match and then."))
    return rule
