"""Adds webhooks, shows and replays their deliveries, and delivers them: to everybody, or to a developer's machine."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.table import Table

from groundlevel.access.choice import choose_location
from groundlevel.kernel.command import Options, Result, command, open_database, settings_of
from groundlevel.kernel.errors import BadRequest
from groundlevel.kernel.events import event_kind
from groundlevel.kernel.model import Json
from groundlevel.kernel.observe import start_logging
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.timestamps import iso
from groundlevel.webhooks import rules as webhooks
from groundlevel.webhooks import store
from groundlevel.webhooks.delivery_store import Outcome
from groundlevel.webhooks.egress import UNRESTRICTED
from groundlevel.webhooks.model import Webhook
from groundlevel.webhooks.policy import ONCE
from groundlevel.webhooks.policy_store import current_egress_policy
from groundlevel.webhooks.retention import delete_expired
from groundlevel.webhooks.rules import Logged, LogQuery, NewWebhook

if TYPE_CHECKING:
    from groundlevel.webhooks.worker import Worker

LISTENS_MS = 60_000
RENEW_SECONDS = 15.0
"""How long a listening command has promised to be there, and how often it promises again."""

WebhookId = Annotated[str, typer.Argument(metavar="ID", help="Id of the webhook, as `webhooks list` shows it.")]
EventNames = Annotated[
    str | None, typer.Option(help="Types of events, separated by commas; all of them if left out.", show_default=False)
]


class AddOptions(Options, frozen=True, kw_only=True):
    """Options of `webhooks add`."""

    url: Annotated[str, typer.Argument(metavar="URL", help="Where to send the events.")]
    location: Annotated[str | None, typer.Option(help="Of this location; the only one if nothing is named.")] = None
    company: Annotated[str | None, typer.Option(help="Of all locations of this company.")] = None
    app: Annotated[
        str | None, typer.Option(help="Id of an app, to be told where it is installed; replaces its URL.")
    ] = None
    events: EventNames = None


class OneOptions(Options, frozen=True, kw_only=True):
    """Options of `webhooks remove`."""

    webhook_id: WebhookId


class LogOptions(OneOptions, frozen=True, kw_only=True):
    """Options of `webhooks log`."""

    state: Annotated[str | None, typer.Option(help="Only those pending, waiting, delivered or dead.")] = None
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many, the newest first.")] = 20


class TestOptions(OneOptions, frozen=True, kw_only=True):
    """Options of `webhooks test`."""

    type: Annotated[str | None, typer.Option(help="Of which type; the first that it asked for if left out.")] = None


class ReplayOptions(Options, frozen=True, kw_only=True):
    """Options of `webhooks replay`."""

    delivery_id: Annotated[str, typer.Argument(metavar="ID", help="The webhookId, as `webhooks log` shows it.")]


class ListenOptions(Options, frozen=True, kw_only=True):
    """Options of `webhooks listen`."""

    forward: Annotated[str, typer.Option(metavar="URL", help="Where to send the events, from this machine.")]
    location: Annotated[str | None, typer.Option(help="Of this location; the only one if left out.")] = None
    events: EventNames = None


def add_to(app: typer.Typer) -> None:
    """Adds the family's commands."""
    family = typer.Typer(help="Webhooks: who is told of what happens.", no_args_is_help=True)
    app.add_typer(family, name="webhooks")
    command(family, "add")(add)
    command(family, "list")(show)
    command(family, "remove")(remove)
    command(family, "log")(show_log)
    command(family, "replay")(replay)
    command(family, "test")(test)
    command(family, "listen")(listen)
    command(app, "deliver")(run_worker)


async def add(options: AddOptions) -> Result:
    """Add a webhook for a location, a company or an app."""
    settings = settings_of(options)
    named = [each for each in (options.location, options.company, options.app) if each is not None]
    if len(named) > 1:
        raise BadRequest("A webhook belongs to a location, a company or an app", hint="Name one of the three.")
    async with open_database(settings) as storage:
        new = NewWebhook(
            options.url,
            _events(options.events),
            await choose_location(storage, options.location) if options.company is options.app is None else None,
            options.company,
            options.app and options.app.partition("-")[0],
        )
        webhook = await webhooks.create_webhook(storage, await current_egress_policy(storage, settings), new)
    return Result(_describe(webhook), f"webhook {webhook.id} for {_target(webhook)}")


async def show(options: Options) -> Result:
    """List the webhooks, oldest first."""
    async with open_database(settings_of(options)) as storage:
        found = await webhooks.list_webhooks(storage, None)
    table = Table("id", "for", "url", "events", box=None)
    table.columns[0].no_wrap = True
    for webhook in found:
        table.add_row(webhook.id, _target(webhook), webhook.url, ", ".join(webhook.events) or "all")
    data = {"webhooks": [_describe(webhook) for webhook in found]}
    return Result(data, table if found else "There is no webhook yet.")


async def remove(options: OneOptions) -> Result:
    """Remove a webhook and what was not yet delivered to it."""
    async with open_database(settings_of(options)) as storage:
        webhook = await webhooks.delete_webhook(storage, None, options.webhook_id)
    return Result({"id": webhook.id, "removed": True}, f"webhook {webhook.id} is removed")


async def show_log(options: LogOptions) -> Result:
    """Show the deliveries to a webhook and their outcomes, the newest first."""
    query = LogQuery(options.webhook_id, state=options.state, limit=options.limit)
    async with open_database(settings_of(options)) as storage:
        logged = await webhooks.list_deliveries(storage, None, query)
    table = Table("webhookId", "type", "state", "tries", "last answer", "created", box=None)
    table.columns[0].no_wrap = True
    for each in logged:
        delivery = each.delivery
        created = iso(delivery.created_at)
        table.add_row(delivery.id, delivery.type, delivery.state, str(len(each.attempts)), _last(each), created)
    return Result({"deliveries": [_entry(each) for each in logged]}, table if logged else "Nothing was sent yet.")


async def replay(options: ReplayOptions) -> Result:
    """Send a delivery again, whether it had succeeded or not, under the same webhookId."""
    async with open_database(settings_of(options)) as storage:
        logged = await webhooks.replay_delivery(storage, None, options.delivery_id)
    return Result(_entry(logged), f"delivery {logged.delivery.id} is {logged.delivery.state}")


async def test(options: TestOptions) -> Result:
    """Send a made-up event to a webhook; whichever process delivers webhooks sends it."""
    (wanted,) = _events(options.type) or (None,)
    async with open_database(settings_of(options)) as storage:
        sent = await webhooks.send_test(storage, None, options.webhook_id, wanted)
    return Result({"type": sent}, f"a made-up {sent} is on its way; `groundlevel webhooks log` shows it")


async def run_worker(options: Options) -> None:
    """Deliver webhooks until interrupted or terminated, beside servers that run with --deliver false."""
    settings = settings_of(options)
    start_logging(settings.log_format, settings.log_level)
    from groundlevel.webhooks.worker import deliver

    async with open_database(settings) as storage:
        typer.echo("delivering" if not options.json else '{"delivering":true}')
        await _until_stopped(deliver(storage, settings))


async def listen(options: ListenOptions) -> None:
    """Send events to a URL of this machine until interrupted, and print a line for each. Failures are not repeated."""
    # Imported here, since every other command would have to wait for the HTTP client to load.
    from groundlevel.webhooks.transport import Transport
    from groundlevel.webhooks.worker import Listener, Worker

    def heard(outcome: Outcome) -> None:
        delivery, attempt = outcome.delivery, outcome.attempt
        answer = attempt.error if attempt.status is None else str(attempt.status)
        line = {"type": delivery.type, "webhookId": delivery.id, "status": attempt.status, "ms": attempt.latency_ms}
        text = f"{delivery.type}  {delivery.id}  {answer}  {attempt.latency_ms} ms"
        typer.echo(msgspec.json.encode(line).decode() if options.json else text)

    async with open_database(settings_of(options)) as storage:
        await delete_expired(storage)
        location = await choose_location(storage, options.location)
        until = storage.ids.now() + LISTENS_MS
        new = NewWebhook(options.forward, _events(options.events), location, listens_until=until)
        webhook = await webhooks.create_webhook(storage, UNRESTRICTED, new)
        said = f"listening for events of {location.id} ({location.name}), forwarded to {webhook.url}"
        typer.echo(msgspec.json.encode(_describe(webhook)).decode() if options.json else said)
        worker = Worker(storage, Transport(UNRESTRICTED), ONCE, listener=Listener(webhook.id, heard))
        try:
            await _until_stopped(_listening(storage, worker, webhook.id))
        finally:
            await webhooks.delete_webhook(storage, None, webhook.id)


async def _listening(storage: Storage, worker: Worker, webhook_id: str) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run())
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            until = storage.ids.now() + LISTENS_MS
            await storage.write(None, partial(store.renew_listener, webhook_id=webhook_id, until=until))


async def _until_stopped(work: Coroutine[None, None, None]) -> None:
    """Runs until it is interrupted or terminated, and then lets it end."""
    task = asyncio.create_task(work)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        await task


def _events(names: str | None) -> tuple[str, ...]:
    """The types that are named. Raises InvalidShape."""
    return tuple(event_kind(name.strip(), member="--events").type for name in (names or "").split(",") if name.strip())


def _target(webhook: Webhook) -> str:
    if webhook.app_id is not None:
        return f"app {webhook.app_id}"
    return f"location {webhook.location_id}" if webhook.location_id else f"company {webhook.company_id}"


def _describe(webhook: Webhook) -> dict[str, Json]:
    return {
        "id": webhook.id,
        "appId": webhook.app_id,
        "companyId": webhook.company_id,
        "locationId": webhook.location_id,
        "url": webhook.url,
        "events": list(webhook.events),
        "createdAt": iso(webhook.created_at),
    }


def _entry(logged: Logged) -> dict[str, Json]:
    delivery = logged.delivery
    return {
        "webhookId": delivery.id,
        "webhook": delivery.webhook_id,
        "type": delivery.type,
        "subject": delivery.subject,
        "state": delivery.state,
        "createdAt": iso(delivery.created_at),
        "attempts": [
            {
                "number": attempt.number,
                "at": iso(attempt.at),
                "status": attempt.status,
                "latencyMs": attempt.latency_ms,
                "response": attempt.head,
                "error": attempt.error,
            }
            for attempt in logged.attempts
        ],
    }


def _last(logged: Logged) -> str:
    if not logged.attempts:
        return ""
    attempt = logged.attempts[-1]
    return f"{attempt.status or attempt.error} in {attempt.latency_ms} ms"
