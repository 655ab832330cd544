"""Whatever is asked one after the other, with what earlier answers gave, is never a fault of the server.

A walk plays every operation many times in random order. Ids, keys and names come from earlier replies, also of other
nouns and of what was deleted; bodies are those that succeed, with some members changed or left out.
"""

from __future__ import annotations

import json
from collections import defaultdict
from random import Random
from typing import Any

import pytest

from groundlevel.api import ROUTES
from groundlevel.app import make_application
from groundlevel.doctor.rules import examine
from groundlevel.kernel.http.openapi import NDJSON
from groundlevel.kernel.http.routing import Route
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.records.upkeep import carry_out
from tests.conformance.every_operation import GIVEN
from tests.conformance.scenario import Scenario, Variables, play
from tests.kernel.http.calls import PLACEHOLDER, Call, ask, sound_calls
from tests.kernel.http.odd_values import JSON
from tests.kernel.http.world import World, open_world

STEPS = 900
"""Requests of a walk in the usual run: some seconds on either engine."""
LONG_STEPS = 30_000
OWN, ANY = 0.7, 0.95
"""How often a part of a path is one of the noun's own ids, or else of any noun's."""
MOST_KNOWN = 40
"""Values of one name that are remembered; the oldest go first, so that many are of what is gone."""


class Known:
    """What replies have shown, by the names of members and by the nouns of operations."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._of: defaultdict[str, list[Any]] = defaultdict(list)

    def note(self, name: str, value: Any) -> None:
        """Remembers a value under a name."""
        values = self._of[name]
        values.append(value)
        del values[:-MOST_KNOWN]

    def learn(self, tag: str, value: Any) -> None:
        """Remembers the ids and keys in a reply."""
        if isinstance(value, list):
            for each in value[:5]:
                self.learn(tag, each)
        elif isinstance(value, dict):
            for name, each in value.items():
                if isinstance(each, str) and (name.lower().endswith(("id", "key")) or name == "id"):
                    self.note(tag if name == "id" else name, each)
                else:
                    self.learn(tag, each)

    def one_of(self, name: str) -> Any:
        """A value of a name, or None."""
        values = self._of.get(name)
        return self._random.choice(values) if values else None

    def any_id(self) -> str:
        """A value of some name."""
        return str(self.one_of(self._random.choice(sorted(self._of) or ["id"])) or PLACEHOLDER)


class Walk:
    """Random requests, one after the other."""

    def __init__(self, seed: int, sound: dict[str, Call], location: str) -> None:
        self.random = Random(seed)
        self.sound = sound
        self.location = location
        self.known = Known(self.random)
        self.routes = {route.operation_id: route for route in ROUTES}

    def step(self) -> tuple[Route, Call]:
        """The next request; deletions are rarer than what they delete."""
        names = sorted(self.sound)
        name = self.random.choice(names)
        if self.sound[name].method == "DELETE" and self.random.random() < 0.6:
            name = self.random.choice(names)
        route, call = self.routes[name], self.sound[name]
        return route, Call(call.method, self._path(route, call), self._query(call), self._body(call))

    def _path(self, route: Route, call: Call) -> str:
        parts = call.path.split("/")
        for n, part in enumerate(route.path.rstrip("/").split("/")):
            if part.startswith("{") and part != "{locationId}" and self.random.random() < 0.8:
                dice = self.random.random()
                own = self.known.one_of(part[1:-1]) or self.known.one_of(str(route.tag)) if dice < OWN else None
                parts[n] = str(own or (self.known.any_id() if dice < ANY else PLACEHOLDER))
        return "/".join(parts)

    def _query(self, call: Call) -> str:
        extra = self.random.choice(("", "", "", "&limit=3", "&skip=2", "&query=a", "&page=2", "&fetchProperties=true"))
        return call.query + extra if call.method == "GET" else call.query

    def _body(self, call: Call) -> bytes:
        if not call.body:
            return b""
        body = json.loads(call.body)
        if isinstance(body, dict):
            for name in list(body):
                body[name] = self._member(name, body[name])
                if self.random.random() < 0.04:
                    del body[name]
        text = json.dumps(body)
        if self.random.random() < 0.05:
            text = text.replace('"Rex"', self.random.choice(JSON), 1)
        return text.encode("utf-8", "surrogatepass")

    def _member(self, name: str, value: Any) -> Any:
        dice = self.random.random()
        if name == "locationId":
            return value if dice < 0.97 else PLACEHOLDER
        if isinstance(value, str) and dice < 0.5:
            return self.known.one_of(name) or f"{value}{self.random.randrange(50)}"
        if dice < 0.03:
            return json.loads(self.random.choice(("null", "[]", "{}", '""', "0", "-1", "true", '"a"', "[1]")))
        return value


@pytest.mark.parametrize("seed", range(2))
async def test_no_order_of_requests_is_a_fault_of_the_server(seed: int, storage: Storage, long: bool) -> None:
    async with open_world(storage, Settings()) as world:
        faults, seen = await _walk(seed, world, storage, LONG_STEPS if long else STEPS)
    assert not faults, f"seed {seed}\n" + "\n".join(faults[:20])
    assert {200, 201, 400, 404, 422} <= seen, "a walk that only fails or only succeeds shows nothing"
    await carry_out(storage)
    report = await examine(storage)
    assert report.ok, f"seed {seed}: {report}"


async def _walk(seed: int, world: World, storage: Storage, steps: int) -> tuple[list[str], set[int]]:
    variables: Variables = {"location": world.location, "foreign": world.foreign}
    await play(Scenario("given", "something of every noun", GIVEN), world, variables)
    application = make_application(storage, Settings())
    walk = Walk(seed, sound_calls(variables), str(variables["location"]))
    faults: list[str] = []
    seen: set[int] = set()
    for _ in range(steps):
        route, call = walk.step()
        reply = await ask(application, call, world.tokens["own"])
        seen.add(reply.status)
        if reply.status >= 500 and reply.status != 501:
            faults.append(f"{reply.status} {call!r:.600} {reply.body[:200]!r}")
        elif reply.status < 300 and reply.body[:1] in (b"{", b"["):
            walk.known.learn(
                str(route.tag), json.loads(reply.body.splitlines()[0] if route.media_type == NDJSON else reply.body)
            )
    return faults, seen
