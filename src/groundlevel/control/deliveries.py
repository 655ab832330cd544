"""Sends webhooks as the rules have it: twice, late, never, in another order, or with signatures that are wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import msgspec

from groundlevel.control.fault_rules import Rule
from groundlevel.control.faults import Faults
from groundlevel.kernel.storage.base import Storage
from groundlevel.webhooks.egress import EgressPolicy
from groundlevel.webhooks.transport import Answer, Transport

GENERATION = "x-groundlevel-generation"
"""The header by which an inbox knows what was on its way when everything was put back."""
HOLD_SECONDS = 1.0
"""How long a webhook waits for others to be put in another order."""
_SIGNATURES = ("x-ghl-signature", "x-wh-signature")
_Turn = tuple["asyncio.Future[None]", "asyncio.Future[None]"]
"""When a webhook may go, and when it has gone."""


class _Event(msgspec.Struct, rename="camel"):
    """What is read of a webhook's body."""

    type: str = ""
    location_id: str | None = None


class FaultyTransport(Transport):
    """Sends as a Transport does, except where a rule says otherwise."""

    def __init__(self, networks: EgressPolicy, faults: Faults, storage: Storage) -> None:
        super().__init__(networks)
        self._faults = faults
        self._storage = storage
        self._held: dict[str, list[_Turn]] = {}
        """By rule, what waits for others."""
        self._letting_go: set[asyncio.Task[None]] = set()

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        headers = {**headers, GENERATION: str(self._storage.generation)}
        rule = self._find_rule(body)
        if rule is None:
            return await super().send(url, headers, body)
        then = rule.then
        await asyncio.sleep(self._faults.delay_of(rule))
        if then.drop is not None:
            return Answer(200, 0, f"lost on purpose by {rule.id}", None)
        if then.bad_signature:
            headers = {name: _forge(value) if name in _SIGNATURES else value for name, value in headers.items()}
        for _ in range(then.duplicate - 1):
            await super().send(url, headers, body)
        if then.reorder is None:
            return await super().send(url, headers, body)
        gone = await self._take_turn(rule, then.reorder)
        try:
            return await super().send(url, headers, body)
        finally:
            gone.set_result(None)

    def _find_rule(self, body: bytes) -> Rule | None:
        if not self._faults.rules:
            return None
        event = msgspec.json.decode(body, type=_Event)
        return self._faults.find_for_event(event.type, event.location_id)

    async def _take_turn(self, rule: Rule, size: int) -> asyncio.Future[None]:
        """Waits for the turn of a webhook; whoever takes it sets the result when it has gone."""
        loop = asyncio.get_running_loop()
        turn, gone = loop.create_future(), loop.create_future()
        held = self._held.setdefault(rule.id, [])
        held.append((turn, gone))
        if len(held) == 1:
            loop.call_later(HOLD_SECONDS, self._let_go, rule.id, held)
        if len(held) >= size:
            self._let_go(rule.id, held)
        await turn
        return gone

    def _let_go(self, rule_id: str, held: list[_Turn]) -> None:
        """Sends what is held in reverse order, each when the one before it has gone."""
        if self._held.get(rule_id) is held:
            del self._held[rule_id]
            task = asyncio.create_task(_release(held))
            self._letting_go.add(task)
            task.add_done_callback(self._letting_go.discard)


async def _release(held: list[_Turn]) -> None:
    for turn, gone in reversed(held):
        if not turn.done():
            turn.set_result(None)
            await gone


def _forge(signature: str) -> str:
    """A text of the same form that signs nothing."""
    return "A" * len(signature.rstrip("=")) + "=" * (len(signature) - len(signature.rstrip("=")))
