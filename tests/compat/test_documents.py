"""Schemathesis over the published documents and over our own: no server error, no undocumented status or schema."""

from __future__ import annotations

from contextlib import closing
from functools import cache

import httpx
import pytest

from groundlevel.api import ROUTES
from tests.compat.deviation import Document
from tests.compat.deviations import OPERATIONS, STATUSES, applied, operations_of
from tests.compat.fuzz import AnyOperation, Player, load
from tests.compat.generated.python import is_typed
from tests.compat.known import World
from tests.compat.published import read_published
from tests.compat.server import Server, Tenant
from tests.needs import TESTED
from tests.world import PATIENCE_SECONDS

OWN = "openapi.json"
UNFORCED = frozenset((304, 412, 413, 429, 503))
"""Statuses to which no request of these tests leads: others bring them about, as tests/records/test_entity_tags.py."""

IN_BETWEEN = {"put-location": {404}, "delete-location": {404}}
"""Statuses that only another request brings about which comes in between: it deletes what this one has found."""

UNSUPPORTED = frozenset(route.operation_id for route in ROUTES if not route.supported)
"""Operations that refuse every request."""
MANY = 6
"""Examples among which at least one succeeds."""
EXAMPLES = {**{(TESTED[0], name): MANY for name in OPERATIONS}, ("sqlite", OWN): 4, ("postgres", OWN): 2}
"""How many requests are generated, by engine and document. Our own has every operation that is published, and the shape
of a reply is the same on every engine: each operation is played on each, as a published one on one of them."""
LONG_EXAMPLES = 600

_PLAYED = {
    **OPERATIONS,
    # Streams of lines and files are no bodies that Schemathesis can make: tests/records/test_bulk_routes.py and
    # tests/imports/test_job_routes.py try them.
    OWN: [route.operation_id for route in ROUTES if is_typed(route)],
}
"""The operations of each document."""
_PLAYS = [
    pytest.param(engine, name, operation, id=f"{engine}-{name}-{operation}")
    for engine, name in EXAMPLES
    if engine in TESTED
    for operation in _PLAYED[name]
]


@cache
def document_of(name: str, server: Server) -> Document:
    """What the server is held to."""
    if name == OWN:
        document: Document = httpx.get(f"{server.url}/openapi.json", timeout=PATIENCE_SECONDS).json()
        return document
    return applied(read_published(name), name)


@cache
def loaded(name: str, server: Server) -> dict[str, AnyOperation]:
    """The same as it is played: to read a document takes longer than to play most of its operations."""
    return load(document_of(name, server), server.url)


@pytest.mark.parametrize(("engine_name", "name", "operation"), _PLAYS, indirect=["engine_name"])
def test_replies_are_documented(
    name: str, operation: str, server: Server, tenant: Tenant, engine_name: str, long: bool
) -> None:
    document = document_of(name, server)
    examples = LONG_EXAMPLES if long else EXAMPLES[engine_name, name]

    with (
        closing(World(server, tenant)) as world,
        closing(Player(loaded(name, server)[operation], world)) as player,
    ):
        player.play_known()
        player.play_generated(examples, derandomized=not long)

    documented = {int(status) for status in operations_of(document)[operation]["responses"]}
    deliberate = {row.status for row in STATUSES if row.document == name and operation in row.operations}
    if operation in UNSUPPORTED:
        assert 400 in player.seen
        assert not any(200 <= status < 300 for status in player.seen | player.seen_generated)
        return
    assert any(200 <= status < 300 for status in player.seen)
    assert any(200 <= status < 300 for status in player.seen_generated) or examples < MANY
    assert any(400 <= status < 500 for status in player.seen) or not any(400 <= status < 500 for status in documented)
    assert deliberate - UNFORCED - IN_BETWEEN.get(operation, set()) <= player.seen


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_published_operation_is_played(name: str) -> None:
    assert sorted(operations_of(read_published(name))) == sorted(OPERATIONS[name])


def test_every_operation_of_ours_is_played(server: Server) -> None:
    assert sorted(operations_of(document_of(OWN, server))) == sorted(route.operation_id for route in ROUTES)
