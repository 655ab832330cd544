"""Delivers events: makes deliveries of them, leases, signs and sends these, and records the outcomes.

The database knows everything, so that a worker may die at any time: what it had leased comes due again when the lease
ends, and is sent again under the same webhookId. Everything that a round has to write goes into one
transaction, and the rounds of all processes follow one another.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence

from msgspec import Struct

from groundlevel import __version__
from groundlevel.kernel.errors import Refusal
from groundlevel.kernel.observe import logger
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Progress, Storage
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.signing.model import SigningKey
from groundlevel.signing.rules import ED25519, RSA, Signatures, Signer, list_active_keys
from groundlevel.webhooks import delivery_store
from groundlevel.webhooks.bodies import body_of
from groundlevel.webhooks.delivery_store import Outcome
from groundlevel.webhooks.egress import EgressPolicy
from groundlevel.webhooks.fanout import fan_out
from groundlevel.webhooks.model import Attempt, Delivery, Webhook
from groundlevel.webhooks.policy import POLICIES, Policy
from groundlevel.webhooks.policy_store import current_egress_policy
from groundlevel.webhooks.retention import delete_expired
from groundlevel.webhooks.shares import IN_FLIGHT, Receiver, Shares, receiver_of
from groundlevel.webhooks.transport import Answer, Transport

POLL_SECONDS = 0.5
"""How often it is looked for what other processes did, and for retries that have come due."""
EVENTS_PER_ROUND = 64
"""Events a round; a round may take no longer than requests can wait."""
MAX_FAILING = 10_000
"""Most failing receivers that are remembered; beyond that each has to fail once more to be known again."""
SLOW_AFTER_MS = 2_000
LEASE_MS = 60_000
"""How long a claim lasts: well over the time that an attempt may take."""
COLLECT_SECONDS = 0.004
"""How long answers are gathered before they are settled together."""
GRACE_SECONDS = 3.0
"""How long attempts may still take when the worker is stopped."""
RETENTION_SECONDS, KEYS_SECONDS, NETWORKS_SECONDS = 60.0, 2.0, 2.0
SIGNING_BATCH = 8

_HEADERS = {"content-type": "application/json", "user-agent": f"GroundLevel/{__version__}"}
_log = logger("delivery")


class Listener(Struct, frozen=True):
    """Makes a worker deliver to the one webhook of a listening command."""

    webhook_id: str
    heard: Callable[[Outcome], None]
    """Called with the outcome of every attempt."""


class _Parcel(Struct, frozen=True, gc=False):
    """A delivery that is leased, and its webhook."""

    webhook: Webhook
    delivery: Delivery


class Worker:
    """Delivers to the webhooks of all locations, or to that of a listening command."""

    def __init__(  # Parameters: what is common to all workers, and what servers and listening commands differ in.
        self,
        storage: Storage,
        transport: Transport,
        policy: Policy,
        *,
        listener: Listener | None = None,
        read_networks: Callable[[], Awaitable[EgressPolicy]] | None = None,
    ) -> None:
        self._storage = storage
        self._transport = transport
        self._policy = policy
        self._read_networks = read_networks
        self._listener = listener
        self._only = None if listener is None else listener.webhook_id
        self._chance = random.Random()
        self._leased: dict[str, _Parcel] = {}
        """What is on its way, by the delivery's id."""
        self._failing: set[Receiver] = set()
        """The receivers whose last answer was a failure or late."""
        self._outcomes: list[Outcome] = []
        """What was attempted and is not recorded yet."""
        self._sending: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._keys: tuple[SigningKey, SigningKey] | None = None
        self._signer: Signer | None = None
        self._keys_until = self._tidy_at = self._networks_until = 0.0
        self._generation = storage.generation
        self._rounds_written = 0
        self._is_writing = False
        """Whether a round may have leased what is not yet among the leased."""
        storage.progress["deliveries"] = lambda: Progress(len(self._leased) + self._is_writing, self._rounds_written)

    async def run(self) -> None:
        """Delivers until cancelled; then finishes or gives back what it has leased.

        Does so too when it fails: nothing is lost, since all of it is in the database, where the next worker finds it.
        """
        rounds = asyncio.create_task(self._rounds())
        try:
            await asyncio.shield(rounds)
        except asyncio.CancelledError:
            self._stopping = True
            self._storage.work_available.set()
            await rounds
            await self._finish()
            raise
        except Exception:
            self._stopping = True
            await self._finish()
            raise
        finally:
            await self._transport.close()

    async def _rounds(self) -> None:
        while not self._stopping:
            self._storage.work_available.clear()
            more = False
            try:
                await self._keep_order()
                more = await self._round()
            except Refusal as refusal:
                _log.warning("deliveries wait", reason=refusal.message)
            if not more and not self._stopping:
                await self._wait_for_work()

    async def _wait_for_work(self) -> None:
        try:
            await asyncio.wait_for(self._storage.work_available.wait(), POLL_SECONDS)
        except TimeoutError:
            return
        if self._leased:
            await asyncio.sleep(COLLECT_SECONDS)

    async def _keep_order(self) -> None:
        now = time.monotonic()
        if now >= self._tidy_at:
            await delete_expired(self._storage)
            self._tidy_at = now + RETENTION_SECONDS
        if self._read_networks is not None and now >= self._networks_until:
            await self._transport.keep_to(await self._read_networks())
            self._networks_until = now + NETWORKS_SECONDS

    # --- one round

    async def _round(self) -> bool:
        """Records what was attempted, makes deliveries of events, and leases some; whether there is more to do."""
        self._notice_generation()
        now = self._storage.ids.now()
        outcomes = self._outcomes[:IN_FLIGHT]
        if not outcomes and not await self._storage.read(
            None, lambda tx: delivery_store.has_due_work(tx, self._only, now)
        ):
            return False
        self._rounds_written += 1
        self._is_writing = True
        try:
            return await self._write_round(outcomes, now)
        finally:
            self._is_writing = False

    async def _write_round(self, outcomes: list[Outcome], now: int) -> bool:
        async def work(tx: Transaction) -> tuple[int, list[_Parcel]]:
            await delivery_store.lock_deliveries(tx)
            if self._storage.generation != self._generation:
                return 0, []
            await delivery_store.record_outcomes(tx, outcomes, now=now)
            events = await fan_out(tx, EVENTS_PER_ROUND)
            # A new look at the clock: what has just become deliveries of events is due by now.
            return events, await self._lease(tx, tx.ids.now(), outcomes)

        events, parcels = await self._storage.write(None, work)
        if self._storage.generation != self._generation:
            # Whatever was leased before everything was replaced is no longer there, or is as it was before.
            return True
        del self._outcomes[: len(outcomes)]
        for outcome in outcomes:
            # None where its lease had ended on the way, and it was leased and attempted once more.
            self._leased.pop(outcome.delivery.id, None)
        for parcel in parcels:
            self._leased[parcel.delivery.id] = parcel
        if parcels:
            self._begin(self._dispatch(parcels))
        return events == EVENTS_PER_ROUND or bool(self._outcomes)

    def _notice_generation(self) -> None:
        """Drops what is on its way and what has come of it, once everything stored was replaced."""
        if self._storage.generation == self._generation:
            return
        self._generation = self._storage.generation
        for task in self._sending:
            task.cancel()
        self._leased.clear()
        self._outcomes.clear()
        self._failing.clear()

    async def _lease(self, tx: Transaction, now: int, recorded: Sequence[Outcome]) -> list[_Parcel]:
        landed = {outcome.delivery.id for outcome in recorded}
        flying = (parcel.webhook for delivery_id, parcel in self._leased.items() if delivery_id not in landed)
        shares = Shares(self._failing, flying)
        parcels: list[_Parcel] = []
        webhooks = await delivery_store.list_due_webhooks(tx, self._only, now)
        self._chance.shuffle(webhooks)
        for webhook in sorted(webhooks, key=shares.load):
            room = shares.room(webhook)
            if room > 0:
                leased = await delivery_store.lease_deliveries(
                    tx, webhook.id, now=now, until=now + LEASE_MS, limit=room
                )
                shares.take(webhook, len(leased))
                # Where the clock was moved, what is on its way comes due again before it has arrived.
                fresh = (each for each in leased if each.id not in self._leased or each.id in landed)
                parcels += [_Parcel(webhook, delivery) for delivery in fresh]
        return parcels

    # --- on the way

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _dispatch(self, parcels: list[_Parcel]) -> None:
        """Signs off the event loop, a few at a time so that the first need not wait for the last, and sends."""
        try:
            signer = await self._current_signer()
        except Refusal as refusal:
            _log.warning("webhooks cannot be signed", reason=refusal.message)
            for parcel in parcels:
                self._land(parcel, Attempt(parcel.delivery.id, 0, self._storage.ids.now(), None, 0, "", "not signed"))
            return
        for start in range(0, len(parcels), SIGNING_BATCH):
            some = parcels[start : start + SIGNING_BATCH]
            now = self._storage.ids.now()
            bodies = [body_of(parcel.delivery, parcel.webhook, now=now) for parcel in some]
            signatures = await asyncio.to_thread(_sign, signer, bodies)
            for parcel, body, signed in zip(some, bodies, signatures, strict=True):
                headers = {**_HEADERS, "x-ghl-signature": signed.ed25519, "x-wh-signature": signed.rsa}
                self._begin(self._send(parcel, headers, body))

    async def _send(self, parcel: _Parcel, headers: dict[str, str], body: bytes) -> None:
        if self._storage.generation != self._generation:
            return  # Everything stored was replaced while it was signed; the next round drops it.
        at = self._storage.ids.now()
        try:
            answer = await self._transport.send(parcel.webhook.url, headers, body)
        except Exception as problem:
            _log.exception("webhook not sent", webhook=parcel.webhook.id)
            answer = Answer(None, 0, "", type(problem).__name__)
        attempt = Attempt(parcel.delivery.id, 0, at, answer.status, answer.latency_ms, answer.head, answer.error)
        self._land(parcel, attempt)

    def _land(self, parcel: _Parcel, attempt: Attempt) -> None:
        """Notes the outcome of an attempt, to be recorded in the next round."""
        delivery = parcel.delivery
        verdict = self._policy.verdict(attempt.status, delivery.attempts, self._chance)
        due_at = self._storage.ids.now() + verdict.pause_ms
        outcome = Outcome(delivery, attempt, verdict.state, due_at)
        self._outcomes.append(outcome)
        if verdict.state == "delivered" and attempt.latency_ms < SLOW_AFTER_MS:
            self._failing.discard(receiver_of(parcel.webhook))
        else:
            if len(self._failing) >= MAX_FAILING:
                self._failing.clear()
            self._failing.add(receiver_of(parcel.webhook))
        if verdict.state == "dead":
            _log.warning(
                "webhook dead",
                webhook=delivery.webhook_id,
                delivery=delivery.id,
                status=attempt.status,
                error=attempt.error,
            )
        if self._listener is not None:
            self._listener.heard(outcome)
        self._storage.work_available.set()

    async def _current_signer(self) -> Signer:
        """A signer with the newest keys, which another process may have changed a moment ago."""
        if self._signer is None or time.monotonic() >= self._keys_until:
            keys = (await list_active_keys(self._storage, ED25519))[0], (await list_active_keys(self._storage, RSA))[0]
            if keys != self._keys:
                self._signer = await asyncio.to_thread(Signer, *keys)
                self._keys = keys
            self._keys_until = time.monotonic() + KEYS_SECONDS
        assert self._signer is not None
        return self._signer

    # --- the end

    async def _finish(self) -> None:
        """Waits a little for what is on its way, records it, and gives the rest back to other workers."""
        until = time.monotonic() + GRACE_SECONDS
        while self._sending and time.monotonic() < until:
            await asyncio.wait(self._sending, timeout=until - time.monotonic())
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        self._notice_generation()
        outcomes, now = self._outcomes, self._storage.ids.now()
        attempted = {outcome.delivery.id for outcome in outcomes}
        rest = [parcel.delivery for parcel in self._leased.values() if parcel.delivery.id not in attempted]

        async def work(tx: Transaction) -> None:
            await delivery_store.lock_deliveries(tx)
            await delivery_store.record_outcomes(tx, outcomes, now=now)
            await delivery_store.release_deliveries(tx, rest, now=now)

        if outcomes or rest:
            await self._storage.write(None, work)


async def deliver(
    storage: Storage, settings: Settings, make_transport: Callable[[EgressPolicy], Transport] = Transport
) -> None:
    """Delivers until cancelled, to receivers that the database's egress policy admits; a server that starts with
    another one is noticed."""
    worker = Worker(
        storage,
        make_transport(await current_egress_policy(storage, settings)),
        POLICIES[settings.webhook_policy],
        read_networks=lambda: current_egress_policy(storage, settings),
    )
    await worker.run()


def _sign(signer: Signer, bodies: list[bytes]) -> list[Signatures]:
    return [signer.sign(body) for body in bodies]
