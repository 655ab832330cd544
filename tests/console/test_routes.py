"""Who may use the console: links, passwords, sessions, and requests that come from elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from msgspec import Struct

from groundlevel.access.rules import authenticate, list_tokens
from groundlevel.app import make_application
from groundlevel.console import rules
from groundlevel.console.errors import OperatorInvalid, OperatorNotFound
from groundlevel.console.model import Role
from groundlevel.console.rules import NewOperator, create_link, create_operator, sign_in_by_link
from groundlevel.kernel.model import Location
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.locations.rules import NewLocation, create_location
from tests.oauth.world import Moving

PASSWORD = "a long enough password"
EMAIL = "ada@example.com"
OURS = {"X-GroundLevel-Console": "1"}
HOUR_MS = 3_600_000
LOCATED = "/console/session/token"


class Scene(Struct):
    """A server with two locations, and a browser that nobody has signed in with."""

    browser: httpx.AsyncClient
    storage: Storage
    mine: Location
    other: Location

    async def sign_in(self, **body: str) -> httpx.Response:
        """Signs the browser in; by a new link, unless told otherwise."""
        if not body:
            body = {"link": await create_link(self.storage)}
        return await self.browser.post("/console/session", json=body, headers=OURS)

    async def token(self, location: Location | None = None) -> httpx.Response:
        """Asks for a token for a location."""
        body = {"locationId": (location or self.mine).id}
        return await self.browser.post(LOCATED, json=body, headers=OURS)


@asynccontextmanager
async def scene(storage: Storage, settings: Settings | None = None) -> AsyncIterator[Scene]:
    """A scene on an empty storage."""
    mine = await create_location(storage, NewLocation("Mine"))
    other = await create_location(storage, NewLocation("Other"))
    transport = httpx.ASGITransport(make_application(storage, settings or Settings()))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8080") as browser:
        yield Scene(browser, storage, mine, other)


# --- signing in ---------------------------------------------------------------------------------------------------


async def test_a_link_signs_in_once(storage: Storage) -> None:
    async with scene(storage) as at:
        link = await create_link(storage)
        answer = await at.sign_in(link=link)
        assert answer.status_code == 200
        assert answer.json()["role"] == "owner"
        assert [place["name"] for place in answer.json()["places"]] == ["Mine", "Other"]
        cookie = answer.headers["set-cookie"]
        assert all(part in cookie for part in ("HttpOnly", "SameSite=Strict", "Path=/console"))
        again = await at.sign_in(link=link)
        assert again.status_code == 401
        assert "groundlevel console" in again.headers["x-groundlevel-hint"]


async def test_over_tls_the_cookie_is_for_tls_alone(storage: Storage) -> None:
    settings = Settings(console="password", public_url="https://crm.example.com")
    async with scene(storage, settings) as at:
        at.browser.base_url = "https://crm.example.com"
        cookie = (await at.sign_in()).headers["set-cookie"]
    assert cookie.startswith("__Secure-groundlevel=")
    assert "; Secure" in cookie


async def test_a_link_ends_with_its_time(storage: Storage) -> None:
    storage.ids.clock = clock = Moving()
    async with scene(storage) as at:
        link = await create_link(storage)
        clock.timestamp += rules.LINK_MS
        assert (await at.sign_in(link=link)).status_code == 401


async def test_a_password_signs_in_and_a_wrong_one_does_not(storage: Storage) -> None:
    await create_operator(storage, NewOperator("Ada@Example.com ", PASSWORD, Role.EDITOR))
    async with scene(storage) as at:
        assert (await at.sign_in(email=EMAIL, password=PASSWORD)).json()["email"] == EMAIL
        wrong = await at.sign_in(email=EMAIL, password="something else entirely")
        unknown = await at.sign_in(email="nobody@example.com", password=PASSWORD)
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json()["message"] == unknown.json()["message"]


async def test_tries_are_limited_for_a_minute(storage: Storage) -> None:
    storage.ids.clock = clock = Moving()
    await create_operator(storage, NewOperator(EMAIL, PASSWORD, Role.OWNER))
    async with scene(storage) as at:
        statuses = [(await at.sign_in(email=EMAIL, password="not this one")).status_code for _ in range(6)]
        assert statuses == [401] * 5 + [429]
        assert (await at.sign_in(email=EMAIL, password=PASSWORD)).status_code == 429
        assert (await at.sign_in()).status_code == 200
        clock.timestamp += 60_000
        assert (await at.sign_in(email=EMAIL, password=PASSWORD)).status_code == 200


@pytest.mark.parametrize(
    ("email", "password"), [("no address", PASSWORD), (EMAIL, "short"), (EMAIL, "x" * 1001), ("a@b", PASSWORD)]
)
async def test_what_is_no_operator(storage: Storage, email: str, password: str) -> None:
    with pytest.raises(OperatorInvalid):
        await create_operator(storage, NewOperator(email, password, Role.OWNER))
    assert await rules.list_operators(storage) == []


async def test_an_operator_is_one_of_their_e_mail_and_of_locations_that_exist(storage: Storage) -> None:
    await create_operator(storage, NewOperator(EMAIL, PASSWORD, Role.OWNER))
    with pytest.raises(OperatorInvalid, match="already"):
        await create_operator(storage, NewOperator(EMAIL.upper(), PASSWORD, Role.OWNER))
    with pytest.raises(OperatorInvalid, match="no location"):
        await create_operator(storage, NewOperator("b@example.com", PASSWORD, Role.OWNER, ("nowhere",)))
    with pytest.raises(OperatorNotFound):
        await rules.remove_operator(storage, "b@example.com")


# --- sessions -----------------------------------------------------------------------------------------------------


async def test_a_session_ends_by_signing_out_with_its_tokens(storage: Storage) -> None:
    async with scene(storage) as at:
        await at.sign_in()
        token = (await at.token()).json()["token"]
        headers = {"Authorization": f"Bearer {token}", "Version": "2021-07-28"}
        where = {"locationId": at.mine.id}
        assert (await at.browser.get("/objects/", params=where, headers=headers)).status_code == 200
        await at.browser.delete("/console/session", headers=OURS)
        assert (await at.browser.get("/console/session", headers=OURS)).status_code == 401
        assert (await at.browser.get("/objects/", params=where, headers=headers)).status_code == 401


@pytest.mark.parametrize("change", ["remove", "password"])
async def test_a_session_ends_with_its_operator_and_password(storage: Storage, change: str) -> None:
    await create_operator(storage, NewOperator(EMAIL, PASSWORD, Role.OWNER))
    async with scene(storage) as at:
        await at.sign_in(email=EMAIL, password=PASSWORD)
        if change == "remove":
            await rules.remove_operator(storage, EMAIL)
        else:
            await rules.change_password(storage, EMAIL, PASSWORD + "!")
        assert (await at.token()).status_code == 401


async def test_a_session_ends_when_it_is_not_used(storage: Storage) -> None:
    storage.ids.clock = clock = Moving()
    async with scene(storage) as at:
        await at.sign_in()
        clock.timestamp += 11 * HOUR_MS
        assert (await at.token()).status_code == 200
        clock.timestamp += 11 * HOUR_MS
        assert (await at.token()).status_code == 200
        clock.timestamp += 12 * HOUR_MS
        assert (await at.token()).status_code == 401


async def test_a_session_ends_after_a_week_however_much_it_is_used(storage: Storage) -> None:
    storage.ids.clock = clock = Moving()
    async with scene(storage) as at:
        await at.sign_in()
        for _ in range(24 * 7 // 8 - 1):
            clock.timestamp += 8 * HOUR_MS
            assert (await at.token()).status_code == 200
        clock.timestamp += 8 * HOUR_MS
        assert (await at.token()).status_code == 401


async def test_sessions_are_listed_and_ended_by_an_owner(storage: Storage) -> None:
    await create_operator(storage, NewOperator(EMAIL, PASSWORD, Role.VIEWER))
    async with scene(storage) as at:
        _, elsewhere = await rules.sign_in_by_password(storage, EMAIL, PASSWORD, agent="Elsewhere")
        await at.sign_in()
        listed = (await at.browser.get("/console/sessions", headers=OURS)).json()["sessions"]
        assert {each["email"] for each in listed} == {None, EMAIL}
        assert [each["own"] for each in listed if each["email"] is None] == [True]
        assert (await at.browser.delete(f"/console/sessions/{elsewhere.id}", headers=OURS)).status_code == 200
        assert len((await at.browser.get("/console/sessions", headers=OURS)).json()["sessions"]) == 1


async def test_others_see_and_end_only_themselves(storage: Storage) -> None:
    await create_operator(storage, NewOperator(EMAIL, PASSWORD, Role.VIEWER))
    async with scene(storage) as at:
        _, owner = await sign_in_by_link(storage, await create_link(storage), agent="Owner")
        await at.sign_in(email=EMAIL, password=PASSWORD)
        listed = (await at.browser.get("/console/sessions", headers=OURS)).json()["sessions"]
        assert [each["email"] for each in listed] == [EMAIL]
        assert (await at.browser.delete(f"/console/sessions/{owner.id}", headers=OURS)).status_code == 404


# --- what a session reaches ---------------------------------------------------------------------------------------


async def test_a_bought_token_is_short_lived_for_one_location_and_signs_as_a_person(storage: Storage) -> None:
    storage.ids.clock = clock = Moving()
    operator = await create_operator(storage, NewOperator(EMAIL, PASSWORD, Role.OWNER))
    async with scene(storage) as at:
        await at.sign_in(email=EMAIL, password=PASSWORD)
        headers = {"Authorization": f"Bearer {(await at.token()).json()['token']}", "Version": "2021-07-28"}
        pet = {
            "locationId": at.mine.id,
            "labels": {"singular": "Pet", "plural": "Pets"},
            "key": "pet",
            "primaryDisplayPropertyDetails": {"key": "name", "name": "Name", "dataType": "TEXT"},
        }
        await at.browser.post("/objects/", json=pet, headers=headers)
        body = {"locationId": at.mine.id, "properties": {"name": "Rex"}}
        made = await at.browser.post("/objects/custom_objects.pet/records", json=body, headers=headers)
        by = made.json()["record"]["createdBy"]
        assert (by["channel"], by["source"], by["sourceId"]) == ("APP", "WEB_USER", operator.id)
        there = await at.browser.get("/objects/", params={"locationId": at.other.id}, headers=headers)
        assert there.status_code == 403
        clock.timestamp += rules.TOKEN_MS
        late = await at.browser.get("/objects/", params={"locationId": at.mine.id}, headers=headers)
        assert late.status_code == 401
        assert await list_tokens(storage) == []


@pytest.mark.parametrize(
    ("role", "write_record", "write_schema"),
    [(Role.VIEWER, False, False), (Role.EDITOR, True, False), (Role.OWNER, True, True)],
)
async def test_roles_are_scopes(storage: Storage, role: Role, write_record: bool, write_schema: bool) -> None:
    await create_operator(storage, NewOperator(EMAIL, PASSWORD, role))
    async with scene(storage) as at:
        await at.sign_in(email=EMAIL, password=PASSWORD)
        scopes = (await at.token()).json()["scopes"]
    assert "objects/record.readonly" in scopes
    assert ("objects/record.write" in scopes) is write_record
    assert ("objects/schema.write" in scopes) is write_schema


async def test_an_operator_of_one_location_reaches_no_other(storage: Storage) -> None:
    async with scene(storage) as at:
        await create_operator(storage, NewOperator(EMAIL, PASSWORD, Role.OWNER, (at.mine.id,)))
        session = (await at.sign_in(email=EMAIL, password=PASSWORD)).json()
        assert [place["id"] for place in session["places"]] == [at.mine.id]
        assert session["unlimited"] is False
        assert (await at.token(at.other)).status_code == 403
        assert (await at.browser.get("/console/requests", headers=OURS)).status_code == 403
        new = {"name": "Third"}
        assert (await at.browser.post("/console/places", json=new, headers=OURS)).status_code == 403
        stranger = {"name": "x", "locationId": at.other.id}
        assert (await at.browser.post("/console/tokens", json=stranger, headers=OURS)).status_code == 403


async def test_tokens_and_places_are_made_in_the_console(storage: Storage) -> None:
    async with scene(storage) as at:
        await at.sign_in()
        new = {"name": "n8n", "locationId": at.mine.id, "scopes": ["objects/record.readonly"]}
        made = (await at.browser.post("/console/tokens", json=new, headers=OURS)).json()
        assert made["secret"].startswith("pit-")
        path = f"/console/places/{at.mine.id}/tokens"
        (listed,) = (await at.browser.get(path, headers=OURS)).json()["tokens"]
        assert (listed["name"], listed["scopes"], listed["state"]) == ("n8n", ["objects/record.readonly"], "valid")
        assert listed["lastUsedAt"] is None
        await authenticate(storage, made["secret"])
        (listed,) = (await at.browser.get(path, headers=OURS)).json()["tokens"]
        assert listed["lastUsedAt"] >= listed["createdAt"]
        assert (await at.browser.delete(f"/console/tokens/{made['id']}", headers=OURS)).status_code == 200
        (listed,) = (await at.browser.get(path, headers=OURS)).json()["tokens"]
        assert listed["state"] == "revoked"
        place = await at.browser.post("/console/places", json={"name": "Third"}, headers=OURS)
        assert place.json()["place"]["name"] == "Third"
        assert (await at.browser.delete("/console/tokens/none", headers=OURS)).status_code == 404


async def test_an_owner_of_everything_sees_requests_of_nobody_known(storage: Storage) -> None:
    async with scene(storage) as at:
        await at.sign_in()
        await at.browser.get("/objects/", headers={"Authorization": "Bearer pit-wrong", "Version": "2021-07-28"})
        (shown,) = (await at.browser.get("/console/requests", headers=OURS)).json()["requests"]
    assert (shown["status"], shown["caller"]) == (401, None)


# --- requests from elsewhere --------------------------------------------------------------------------------------


async def test_the_cookie_is_worth_nothing_on_the_api(storage: Storage) -> None:
    async with scene(storage) as at:
        await at.sign_in()
        cookie = "; ".join(f"{name}={value}" for name, value in at.browser.cookies.items())
        headers = {**OURS, "Cookie": cookie, "Version": "2021-07-28"}
        for path in ("/objects/", "/x/requests", "/x/webhooks", f"/locations/{at.mine.id}"):
            assert (await at.browser.get(path, headers=headers)).status_code == 401, path


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {**OURS, "Sec-Fetch-Site": "cross-site"},
        {**OURS, "Sec-Fetch-Site": "same-site"},
        {**OURS, "Sec-Fetch-Site": "none"},
        {**OURS, "Origin": "https://evil.example"},
        {**OURS, "Origin": "null"},
        {**OURS, "Origin": "http://localhost:9999"},
    ],
)
async def test_what_another_page_sends_is_refused(storage: Storage, headers: dict[str, str]) -> None:
    async with scene(storage) as at:
        await at.sign_in()
        body = {"locationId": at.mine.id}
        assert (await at.browser.post(LOCATED, json=body, headers=headers)).status_code == 403
        assert (await at.browser.get("/console/session", headers=headers)).status_code == 403
        link = {"link": await create_link(storage)}
        assert (await at.browser.post("/console/session", json=link, headers=headers)).status_code == 403


async def test_what_our_own_page_sends_is_not(storage: Storage) -> None:
    async with scene(storage) as at:
        await at.sign_in()
        headers = {**OURS, "Sec-Fetch-Site": "same-origin", "Origin": "http://localhost:8080"}
        body = {"locationId": at.mine.id}
        assert (await at.browser.post(LOCATED, json=body, headers=headers)).status_code == 200


PUBLIC = Settings(console="password", public_url="https://crm.example.com", host="crm.lan")


@pytest.mark.parametrize(
    ("settings", "host", "status"),
    [
        (Settings(), "localhost:8080", 200),
        (Settings(), "127.0.0.1:8080", 200),
        (Settings(), "[::1]:8080", 200),
        (Settings(), "evil.example", 403),
        (Settings(), "localhost.evil.example", 403),
        (Settings(), "192.168.0.7:8080", 403),
        (PUBLIC, "crm.example.com", 200),
        (PUBLIC, "CRM.example.com", 200),
        (PUBLIC, "crm.lan:8080", 200),
        (PUBLIC, "192.168.0.7:8080", 200),
        (PUBLIC, "evil.example", 403),
        (PUBLIC, "[", 403),
        (Settings(console="off"), "localhost", 404),
    ],
)
async def test_the_console_answers_under_its_own_names(
    storage: Storage, settings: Settings, host: str, status: int
) -> None:
    async with scene(storage, settings) as at:
        for path in ("/console/", "/console/session"):
            found = (await at.browser.get(path, headers={**OURS, "Host": host})).status_code
            assert found == (401 if status == 200 and path.endswith("session") else status)


async def test_behind_a_plain_proxy_a_stranger_is_believed_nothing(storage: Storage) -> None:
    """Decision 36: the peer and the Host are those of this machine, and say nothing about who asks."""
    async with scene(storage) as at:
        headers = {**OURS, "Host": "127.0.0.1:8080"}
        assert (await at.browser.get("/console/session", headers=headers)).status_code == 401
        assert (await at.browser.post(LOCATED, json={"locationId": at.mine.id}, headers=headers)).status_code == 401


# --- places -------------------------------------------------------------------------------------------------------


async def test_an_owner_renames_a_place_archives_it_and_brings_it_back(storage: Storage) -> None:
    async with scene(storage) as at:
        await at.sign_in()
        path = f"/console/places/{at.mine.id}"
        renamed = await at.browser.put(path, json={"name": "Ours"}, headers=OURS)
        assert renamed.json()["place"]["name"] == "Ours"
        archived = await at.browser.put(path, json={"archived": True}, headers=OURS)
        assert archived.json()["place"]["archived"] is True
        places = (await at.browser.get("/console/session", headers=OURS)).json()["places"]
        assert {place["name"]: place["archived"] for place in places} == {"Ours": True, "Other": False}
        assert (await at.token()).status_code == 200
        back = await at.browser.put(path, json={"archived": False}, headers=OURS)
        assert back.json()["place"]["archived"] is False
        blank = await at.browser.put(path, json={"name": " "}, headers=OURS)
        assert blank.status_code == 400
        unknown = await at.browser.put("/console/places/nowhere", json={"archived": True}, headers=OURS)
        assert unknown.status_code == 404


async def test_an_editor_renames_no_place(storage: Storage) -> None:
    await create_operator(storage, NewOperator(EMAIL, PASSWORD, Role.EDITOR))
    async with scene(storage) as at:
        await at.sign_in(email=EMAIL, password=PASSWORD)
        answer = await at.browser.put(f"/console/places/{at.mine.id}", json={"name": "Ours"}, headers=OURS)
        assert answer.status_code == 403
