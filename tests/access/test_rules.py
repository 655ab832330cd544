"""Tokens, locations and users: who may call, and what a token reaches.

See docs/contract.md#auth-errors, #decision-15, #decision-16.
"""

from __future__ import annotations

import httpx
import pytest

from groundlevel.access import store as access_store
from groundlevel.access.rules import (
    NewToken,
    NewUser,
    authenticate,
    create_token,
    create_user,
    find_location,
    list_locations,
    list_tokens,
    locations_with_object,
    resolve_location,
    revoke_token,
    token_digest,
)
from groundlevel.app import make_application
from groundlevel.kernel.errors import BadRequest, InvalidValue, LocationForbidden, LocationNotFound, TokenInvalid
from groundlevel.kernel.ids import Clock, Ids
from groundlevel.kernel.scopes import declared_scopes, is_foreign_scope
from groundlevel.kernel.settings import load_settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.statements import Statement
from groundlevel.kernel.usecase import origin_of
from groundlevel.locations.rules import NewLocation, create_location
from groundlevel.schema.field_rules import locations_with_field
from tests.world import PET, world_in


async def test_a_location_has_a_company_of_its_own_or_shares_one(storage: Storage) -> None:
    one = await create_location(storage, NewLocation("One", details={"city": "Bern"}))
    two = await create_location(storage, NewLocation("Two", company_id=one.company_id))
    three = await create_location(storage, NewLocation("Three"))
    assert one.company_id == two.company_id != three.company_id
    assert [len(each) for each in (one.id, one.company_id)] == [20, 20]
    assert await list_locations(storage) == [one, two, three]
    assert await find_location(storage, one.id) == one
    assert one.details == {"city": "Bern"}
    assert await find_location(storage, "none") is None


@pytest.mark.parametrize(
    ("request_", "refusal"),
    [(NewLocation(""), InvalidValue), (NewLocation("  "), InvalidValue), (NewLocation("A", "none"), BadRequest)],
    ids=str,
)
async def test_a_location_that_is_refused(storage: Storage, request_: NewLocation, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        await create_location(storage, request_)
    assert await list_locations(storage) == []


async def test_a_token_is_known_by_its_secret_alone(storage: Storage) -> None:
    location = await create_location(storage, NewLocation("One"))
    secret, token = await create_token(storage, NewToken("key", location_id=location.id))
    assert secret.startswith("pit-")
    assert await list_tokens(storage) == [token]
    for _ in range(2):
        actor = await authenticate(storage, secret)
        assert (actor.token_id, actor.location_id, actor.company_id) == (token.id, location.id, location.company_id)
        assert actor.scopes == frozenset(declared_scopes())
    assert origin_of(actor).source_id == token.id
    stored = await storage.read(None, lambda tx: tx.connection.rows(Statement.query("SELECT hash FROM tokens")))
    assert [bytes(row[0]) for row in stored] == [token_digest(secret)]
    for wrong in ("", secret[:-1], secret.upper(), token.id, "pit-", "\ud800"):
        with pytest.raises(TokenInvalid):
            await authenticate(storage, wrong)


async def test_a_revoked_token_is_refused_and_stays_listed(storage: Storage) -> None:
    location = await create_location(storage, NewLocation("One"))
    secret, token = await create_token(storage, NewToken("key", location_id=location.id))
    await authenticate(storage, secret)
    assert await revoke_token(storage, token.id)
    with pytest.raises(TokenInvalid):
        await authenticate(storage, secret)
    assert not await revoke_token(storage, token.id)
    assert not await revoke_token(storage, "none")
    (listed,) = await list_tokens(storage)
    assert listed.revoked_at is not None


class Moving(Clock):
    """A clock that tests move."""

    def __init__(self) -> None:
        self.timestamp = super().now()

    def now(self) -> int:
        return self.timestamp


async def test_a_token_expires(storage: Storage) -> None:
    clock = Moving()
    storage.ids = Ids(clock=clock)
    location = await create_location(storage, NewLocation("One"))
    end = clock.timestamp + 1000
    secret, token = await create_token(storage, NewToken("key", location_id=location.id, expires_at=end))
    assert token.expires_at == end
    clock.timestamp = end - 1
    await authenticate(storage, secret)
    clock.timestamp = end
    with pytest.raises(TokenInvalid):
        await authenticate(storage, secret)


@pytest.mark.parametrize(
    ("members", "refusal"),
    [
        ({}, BadRequest),
        ({"location_id": "one", "company_id": "one"}, BadRequest),
        ({"location_id": "none"}, LocationNotFound),
        ({"company_id": "none"}, BadRequest),
        ({"location_id": "one", "scopes": ("objects/everything",)}, BadRequest),
    ],
    ids=str,
)
async def test_a_token_that_is_refused(storage: Storage, members: dict[str, object], refusal: type[Exception]) -> None:
    location = await create_location(storage, NewLocation("One"))
    known = {"location_id": location.id, "company_id": location.company_id}
    given = {name: known[name] if value == "one" else value for name, value in members.items()}
    with pytest.raises(refusal):
        await create_token(storage, NewToken("key", **given))  # type: ignore[arg-type]
    assert await list_tokens(storage) == []


async def test_a_token_holds_the_scopes_it_was_given(storage: Storage) -> None:
    location = await create_location(storage, NewLocation("One"))
    read, write = "contacts.readonly", "contacts.write"
    given = (write, read, write)
    secret, token = await create_token(storage, NewToken("key", location_id=location.id, scopes=given))
    assert token.scopes == given[:2]
    assert (await authenticate(storage, secret)).scopes == frozenset(given)
    secret, token = await create_token(storage, NewToken("none", location_id=location.id, scopes=()))
    assert (await authenticate(storage, secret)).scopes == frozenset()


async def test_what_a_token_reaches(storage: Storage) -> None:
    one = await create_location(storage, NewLocation("One"))
    two = await create_location(storage, NewLocation("Two", company_id=one.company_id))
    foreign = await create_location(storage, NewLocation("Three"))
    secret, _ = await create_token(storage, NewToken("a", location_id=one.id))
    company_secret, _ = await create_token(storage, NewToken("b", company_id=one.company_id))
    actor, agency = await authenticate(storage, secret), await authenticate(storage, company_secret)
    assert agency.location_id is None
    for _ in range(2):
        assert await resolve_location(storage, actor, one.id) == one
        assert await resolve_location(storage, agency, one.id) == one
        assert await resolve_location(storage, agency, two.id) == two
        for who, where in (
            (actor, two.id),
            (actor, foreign.id),
            (agency, foreign.id),
            (agency, "none"),
            (actor, "none"),
        ):
            with pytest.raises(LocationForbidden):
                await resolve_location(storage, who, where)


async def test_where_a_company_token_finds_an_object_or_a_field(storage: Storage) -> None:
    one = await world_in(storage)
    two = await world_in(storage, await create_location(storage, NewLocation("Two", one.location.company_id)))
    foreign = await world_in(storage)
    for world in (one, foreign):
        await world.pet()
    secret, _ = await create_token(storage, NewToken("b", company_id=one.location.company_id))
    agency = await authenticate(storage, secret)
    pet, business = await one.object(), await two.object("business")
    for key in (PET, "custom_object.pet", pet.id):
        assert await locations_with_object(storage, agency, key) == [one.location]
    assert await locations_with_object(storage, agency, "business") == [one.location, two.location]
    assert await locations_with_object(storage, agency, (await foreign.object()).id) == []
    for field_id in (pet.fields[0].id, pet.folders[0].id):
        assert await locations_with_field(storage, agency, field_id) == [one.location]
    assert await locations_with_field(storage, agency, business.fields[0].id) == [two.location]
    assert await locations_with_field(storage, agency, (await foreign.object()).fields[0].id) == []


async def test_users_of_a_company_and_of_its_locations(storage: Storage) -> None:
    one = await create_location(storage, NewLocation("One"))
    ann = await create_user(storage, NewUser(one.company_id, None, "Ann", "A", "ann@example.com"))
    bob = await create_user(storage, NewUser(one.company_id, one.id, "Bob", "B", "bob@example.com"))
    await create_user(storage, NewUser(one.company_id, "elsewhere", "Cat", "C", "cat@example.com"))
    await create_user(storage, NewUser("other", None, "Dan", "D", "dan@example.com"))
    users = await storage.read(None, lambda tx: access_store.list_users(tx, one.company_id, one.id))
    assert sorted(users, key=lambda user: user.email) == [ann, bob]


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("calendars.readonly", True),
        ("calendars/events.write", True),
        ("wordpress.site.readonly", True),
        ("documents_contracts_template/sendLink.write", True),
        ("payments/custom-provider.write", True),
        ("phonenumbers.read", True),
        ("contacts.readonly", False),
        ("calendars", False),
        ("openid", False),
        ("calendars.readonly ", False),
        ("calendars.readonly\n", False),
        ("calendars.readonly,contacts.readonly", False),
        ("calendars//events.write", False),
        ("kalénder.write", False),
        (".write", False),
        ("a" * 95 + ".write", False),
    ],
)
def test_which_scopes_open_nothing_here(text: str, foreign: bool) -> None:
    assert is_foreign_scope(text) == foreign


@pytest.mark.parametrize(
    ("token", "spec", "live"),
    [
        (
            "pit-00000000-0000-4000-8000-000000000000",
            "Invalid token: access token is invalid",
            "Invalid Private Integration token",
        ),
        ("eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl", "Invalid JWT", "Invalid JWT"),
        ("garbled", "Invalid token: access token is invalid", "Invalid token: access token is invalid"),
    ],
)
async def test_what_is_said_of_an_unknown_token(storage: Storage, token: str, spec: str, live: str) -> None:
    for profile, message in (("spec", spec), ("live", live)):
        settings = load_settings({"profile": profile}, {}, None)
        transport = httpx.ASGITransport(make_application(storage, settings))
        headers = {"Authorization": f"Bearer {token}", "Version": "2021-07-28"}
        async with httpx.AsyncClient(transport=transport, base_url="http://server") as client:
            reply = await client.get("/objects/?locationId=ve9EPM428h8vShlRW1KT", headers=headers)
        assert (reply.status_code, reply.json()["message"]) == (401, message)
