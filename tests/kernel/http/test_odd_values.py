"""No value of any parameter of any operation is a fault of the server, and none leaves anything half done."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from itertools import count
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from groundlevel.api import ROUTES
from groundlevel.app import make_application
from groundlevel.doctor.rules import examine
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from tests.conformance.every_operation import GIVEN
from tests.conformance.scenario import Scenario, Variables, play
from tests.kernel.http.calls import Call, ask, sound_calls
from tests.kernel.http.odd_values import ENCODED, JSON, NUMBERS, TEXTS
from tests.kernel.http.world import World, open_world

SAMPLE = 6
"""How many of the values each parameter gets in the usual run; with --long each gets all."""
PLAIN = tuple(quote(value, safe="") for value in (*NUMBERS, *TEXTS)) + ENCODED
HEADERS = ("version", "authorization", "idempotency-key", "if-none-match", "if-match", "content-type", "origin",
           "accept", "content-length", "x-forwarded-for", "channel", "source")  # fmt: skip
RAW = tuple(value.encode("utf-8").replace(b"\r", b"").replace(b"\n", b"") for value in (*NUMBERS, *TEXTS, *ENCODED))
_turns = count()


@pytest.fixture
async def world(storage: Storage) -> AsyncIterator[World]:
    """A world with something of every noun."""
    async with open_world(storage, Settings()) as opened:
        yield opened


def _some(values: tuple[Any, ...], long: bool) -> Iterator[Any]:
    """All values, or those whose turn it is, so that every value meets many parameters."""
    if long:
        yield from values
        return
    for _ in range(SAMPLE):
        yield values[next(_turns) % len(values)]


def _odd_calls(operation_id: str, call: Call, long: bool) -> Iterator[Call]:
    """The request with one parameter after the other replaced by odd values."""
    route = next(route for route in ROUTES if route.operation_id == operation_id)
    places = [n for n, part in enumerate(route.path.rstrip("/").split("/")) if part.startswith("{")]
    for place in places:
        for value in _some(PLAIN, long):
            segments = call.path.split("/")
            segments[place] = value
            yield msgspec.structs.replace(call, path="/".join(segments))
    for parameter in route.query:
        others = "&".join(pair for pair in call.query.split("&") if pair and not pair.startswith(f"{parameter.name}="))
        for value in _some(PLAIN, long):
            yield msgspec.structs.replace(call, query=f"{others}&{parameter.name}={value}")
    for name in HEADERS if long else (HEADERS[next(_turns) % len(HEADERS)],):
        for value in _some(RAW, long):
            yield msgspec.structs.replace(call, headers=((name.encode(), value),))
    if route.body is not None:
        sound = json.loads(call.body)
        for field in msgspec.structs.fields(route.body):
            for value in _some(JSON, long):
                yield msgspec.structs.replace(call, body=_with(sound, (field.encode_name,), value))
        for path in _paths(sound):
            for value in _some(JSON, long):
                yield msgspec.structs.replace(call, body=_with(sound, path, value))


def _paths(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to every value inside of a JSON value, below its members."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inside:
        if above:
            yield (*above, name)
        yield from _paths(each, (*above, name))


def _with(value: Any, path: tuple[Any, ...], odd: str) -> bytes:
    """The JSON text of a value in which another JSON text stands at a path."""
    changed = json.loads(json.dumps(value))
    place = changed
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = "@odd@"
    return json.dumps(changed).replace('"@odd@"', odd).encode()


@pytest.mark.parametrize(
    ("length", "status"), [("9" * 5_000, 413), ("0" * 5_000 + "2", 400), ("\u00b2", 400), ("-1", 400)]
)
async def test_a_length_that_is_no_number_of_bytes(world: World, storage: Storage, length: str, status: int) -> None:
    call = Call("POST", "/objects/", body=b"{,", headers=((b"content-length", length.encode()),))
    reply = await ask(make_application(storage, Settings()), call, world.tokens["own"])
    assert reply.status == status, reply.body


async def test_no_value_of_a_parameter_is_a_fault_of_the_server(world: World, storage: Storage, long: bool) -> None:
    variables: Variables = {"location": world.location, "foreign": world.foreign}
    await play(Scenario("given", "something of every noun", GIVEN), world, variables)
    application = make_application(storage, Settings())
    calls = sound_calls(variables)
    assert calls.keys() == {route.operation_id for route in ROUTES}
    faults = []
    # What removes comes last, so that as much as possible is there for the others.
    for operation_id, call in sorted(calls.items(), key=lambda pair: (pair[1].method == "DELETE", pair[0])):
        for odd in _odd_calls(operation_id, call, long):
            for token in ("own", "company") if long else ("own",):
                reply = await ask(application, odd, world.tokens[token])
                # What an operation that is not supported says of itself is no fault.
                if reply.status >= 500 and reply.status != 501:
                    faults.append(f"{reply.status} {odd!r:.1000}")
    assert not faults, "\n".join(faults)
    report = await examine(storage)
    assert report.ok, report
