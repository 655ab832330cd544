"""The consent page: who may decide, what a browser is told, and where it is sent."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from msgspec import Struct

from groundlevel.access import store as access_store
from groundlevel.access.rules import NewToken, create_token
from groundlevel.kernel.ids import Ids
from groundlevel.kernel.scopes import declared_scopes
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.statements import Statement
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.locations.rules import NewLocation, create_location
from groundlevel.oauth.app_rules import NewApp, create_app, list_installs
from groundlevel.oauth.consent_page import permissions
from groundlevel.oauth.consent_rules import TICKET_MS, create_ticket
from groundlevel.oauth.grant_rules import Client, GrantType, TokenRequest, exchange
from groundlevel.oauth.model import App
from tests.kernel.http.world import World, open_world
from tests.oauth.world import Moving

PATHS = ("/oauth/chooselocation", "/v2/oauth/chooselocation")
REDIRECT = "https://app.example.com/cb?from=here"
ASKED = ("objects/record.readonly", "objects/schema.readonly")
NAME = "<script>alert(1)</script> & Co"


class Scene(Struct):
    """An app with a name that is not harmless, and the server its users meet."""

    world: World
    storage: Storage
    app: App
    secret: str

    def query(self, **members: str) -> dict[str, str]:
        """What the app sends a browser with."""
        whole = {"client_id": self.app.client_id, "redirect_uri": REDIRECT, "response_type": "code", "state": "a&b=ü"}
        return {**whole, **members}

    async def show(self, path: str = PATHS[0], headers: dict[str, str] | None = None, **members: Any) -> httpx.Response:
        """The page that a user sees."""
        return await self.world.client.get(path, params=self.query(**members), headers=headers)

    async def decide(self, headers: dict[str, str] | None = None, **members: Any) -> httpx.Response:
        """What becomes of the form of somebody with a new ticket, unless told otherwise."""
        if "token" not in members:
            members["token"] = await create_ticket(self.storage)
        return await self.world.client.post(PATHS[0], data=self.query(**members), headers=headers)

    async def installs(self) -> list[str | None]:
        """The locations into which the app was let; None for a whole company."""
        return [each.location_id for each in await list_installs(self.storage, self.app.id)]


@pytest.fixture
async def scene(storage: Storage) -> AsyncIterator[Scene]:
    async with open_world(storage, Settings()) as world:
        app, secret = await create_app(storage, NewApp(NAME, (REDIRECT, "http://[::1]:9/cb"), ASKED))
        yield Scene(world, storage, app, secret)


def answer(reply: httpx.Response) -> dict[str, list[str]]:
    """What a redirect tells the app."""
    assert reply.status_code == 302, reply.text
    assert reply.headers["location"].startswith(REDIRECT + "&")
    assert (reply.headers["cache-control"], reply.headers["referrer-policy"]) == ("no-store", "no-referrer")
    members = parse_qs(urlsplit(reply.headers["location"]).query)
    assert (members.pop("from"), members.pop("state")) == (["here"], ["a&b=ü"])
    return members


def tags(page: str, name: str) -> list[str]:
    """The start tags of a name."""
    return re.findall(rf"<{name}\b[^>]*>", page)


@pytest.mark.parametrize("path", PATHS)
async def test_the_page(path: str, scene: Scene) -> None:
    first = await scene.show(path, scope="objects/record.readonly", state="'><b>")
    assert tags(first.text, "select") == []
    assert scene.world.location not in first.text
    form = scene.query(scope="objects/record.readonly", state="'><b>", token=await create_ticket(scene.storage))
    reply = await scene.world.client.post(path, data=form)

    page = reply.text
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["x-frame-options"] == "DENY"
    assert reply.headers["referrer-policy"] == "same-origin"
    assert "form-action 'self' https://app.example.com;" in reply.headers["content-security-policy"]
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert tags(page, "script") + tags(page, "b") == []
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Co" in page
    assert "<li>See records</li>" in page
    assert "schema" not in page
    assert tags(page, "form") == [f"<form method='post' action='{path}'>"]
    for target in (f"location:{scene.world.location}", f"location:{scene.world.foreign}", "company:"):
        assert f"<option value='{target}" in page
    for label in re.findall(r"<label for='(\w+)'>", page):
        assert f"id='{label}'" in page
    assert tags(page, "html") == ["<html lang='en'>"]


async def test_a_redirect_that_a_policy_cannot_name(scene: Scene) -> None:
    reply = await scene.show(redirect_uri="http://[::1]:9/cb")

    assert "form-action 'self' http:;" in reply.headers["content-security-policy"]


async def test_the_way_from_the_page_to_a_token(scene: Scene) -> None:
    page = (await scene.show(scope="objects/record.readonly")).text
    fields = dict(re.findall(r"<input type='hidden' name='(\w+)' value='([^']*)'>", page))
    fields["state"] = fields["state"].replace("&amp;", "&")
    form = {**fields, "target": f"location:{scene.world.location}", "decision": "approve"}
    form["token"] = await create_ticket(scene.storage)

    reply = await scene.world.client.post(PATHS[1], data=form)

    (code,) = answer(reply)["code"]
    client = Client(scene.app.client_id, scene.secret)
    request = TokenRequest(client=client, grant_type=GrantType.AUTHORIZATION_CODE, grant=code, redirect_uri=REDIRECT)
    issued = await exchange(scene.storage, request, grace_seconds=0)
    assert (issued.token.location_id, issued.token.scopes) == (scene.world.location, ("objects/record.readonly",))


@pytest.mark.parametrize("members", [{"client_id": "nobody"}, {"redirect_uri": "https://evil.example/"}], ids=str)
async def test_an_unknown_app_is_sent_nowhere(members: dict[str, Any], scene: Scene) -> None:
    target = f"location:{scene.world.location}"

    for reply in (await scene.show(**members), await scene.decide(**members, target=target, decision="approve")):
        assert reply.status_code == 400
        assert "location" not in reply.headers
        assert tags(reply.text, "form") == []
    assert await scene.installs() == []


@pytest.mark.parametrize(
    ("members", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": ""}, "unsupported_response_type"),
        ({"scope": "objects/record.write"}, "invalid_scope"),
        ({"scope": "objects/record.readonly openid"}, "invalid_scope"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": "x" * 43, "code_challenge_method": "S512"}, "invalid_request"),
        ({"code_challenge_method": "S256"}, "invalid_request"),
    ],
    ids=str,
)
async def test_the_app_is_told_what_is_wrong(members: dict[str, Any], error: str, scene: Scene) -> None:
    for reply in (await scene.show(**members), await scene.decide(**members)):
        assert answer(reply)["error"] == [error]


async def test_a_user_may_say_no(scene: Scene) -> None:
    reply = await scene.decide(decision="cancel", target=f"location:{scene.world.location}")

    assert answer(reply)["error"] == ["access_denied"]
    assert await scene.installs() == []


@pytest.mark.parametrize("target", ["", "location:", "location:none", "company:none", "planet:earth"])
async def test_a_target_that_is_none(target: str, scene: Scene) -> None:
    reply = await scene.decide(decision="approve", target=target)

    assert reply.status_code in (200, 403)
    assert len(tags(reply.text, "select")) == 1
    assert await scene.installs() == []


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://crm.example"}, True),
        ({"Host": "crm.example:8080", "Origin": "http://crm.example:8080"}, True),
        ({"Host": "crm.example", "Origin": "https://CRM.example"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Host": "crm.example", "Origin": "https://evil.example"}, False),
        ({"Host": "crm.example", "Origin": "https://crm.example.evil.example"}, False),
        ({"Host": "crm.example", "Origin": "null"}, False),
    ],
    ids=str,
)
async def test_a_form_of_another_site_is_refused(headers: dict[str, str], ours: bool, scene: Scene) -> None:
    target = f"location:{scene.world.location}"

    reply = await scene.decide(headers, decision="approve", target=target)

    assert (reply.status_code, await scene.installs()) == ((302, [scene.world.location]) if ours else (400, []))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8080", "[::1]:80", "crm.example", ""])
async def test_nobody_is_believed_for_where_they_seem_to_be(host: str, scene: Scene) -> None:
    target = f"location:{scene.world.location}"

    shown = await scene.show(headers={"Host": host})
    decided = await scene.decide({"Host": host}, decision="approve", target=target, token="")

    assert scene.world.location not in shown.text + decided.text
    assert (decided.status_code, await scene.installs()) == (401, [])


async def test_a_ticket_is_good_once(scene: Scene) -> None:
    ticket = await create_ticket(scene.storage)
    target = f"location:{scene.world.location}"
    for _ in range(2):
        assert target in (await scene.decide(token=ticket, decision="continue")).text
    assert (await scene.decide(token=ticket, decision="approve", target="location:none")).status_code == 403

    at_once = await asyncio.gather(*(scene.decide(token=ticket, decision="approve", target=target) for _ in range(4)))

    assert sorted(each.status_code for each in at_once) == [302, 401, 401, 401]
    again = await scene.decide(token=ticket, decision="continue")
    assert (again.status_code, tags(again.text, "select")) == (401, [])


async def test_a_ticket_expires_and_is_stored_as_a_digest(scene: Scene) -> None:
    clock = Moving()
    scene.storage.ids = Ids(clock=clock)
    ticket = await create_ticket(scene.storage)
    assert ticket not in repr(await scene.storage.read(None, list_tickets))
    clock.timestamp += TICKET_MS - 1
    assert (await scene.decide(token=ticket, decision="continue")).status_code == 200
    clock.timestamp += 1

    assert (await scene.decide(token=ticket, decision="continue")).status_code == 401
    await create_ticket(scene.storage)

    assert len(await scene.storage.read(None, list_tickets)) == 1, "what has expired is dropped"


async def list_tickets(tx: Transaction) -> list[tuple[object, ...]]:
    """What is stored of tickets."""
    return [tuple(row) for row in await tx.connection.rows(Statement.query("SELECT * FROM consent_tickets"))]


async def test_a_token_shows_what_it_reaches_and_no_more(scene: Scene) -> None:
    far = {"Host": "crm.example"}
    tokens = scene.world.tokens
    whole, _ = await create_token(scene.storage, NewToken("all", company_id=await company_of(scene)))
    first = await scene.show(headers=far)
    assert [each for each in tags(first.text, "input") if "hidden" not in each] != []
    assert tags(first.text, "select") == []

    one = await scene.decide(far, token=tokens["own"], decision="continue")
    every = await scene.decide(far, token=whole, decision="continue")

    assert re.findall(r"<option value='(\w+:\w+)", one.text) == [f"location:{scene.world.location}"]
    company, *locations = re.findall(r"<option value='(\w+:\w+)", every.text)
    assert company == f"company:{await company_of(scene)}"
    assert locations == [f"location:{scene.world.location}", f"location:{scene.world.sister}"]
    for token, target, status in (
        ("", scene.world.location, 401),
        ("wrong", scene.world.location, 401),
        (tokens["revoked"], scene.world.location, 401),
        (tokens["unscoped"], scene.world.location, 401),
        (tokens["own"], scene.world.sister, 403),
        (whole, scene.world.foreign, 403),
    ):
        reply = await scene.decide(far, token=token, target=f"location:{target}", decision="approve")
        assert reply.status_code == status
        assert reply.text.count("role='alert'") == 1
    refused = await scene.decide(far, token=tokens["own"], target=company, decision="approve")
    assert (refused.status_code, await scene.installs()) == (403, [])

    assert answer(await scene.decide(far, token=whole, target=company, decision="approve")).keys() == {"code"}
    assert await scene.installs() == [None]


async def test_an_app_cannot_let_itself_in(scene: Scene) -> None:
    reply = await scene.decide(decision="approve", target=f"location:{scene.world.location}")
    client = Client(scene.app.client_id, scene.secret)
    request = TokenRequest(client=client, grant_type=GrantType.AUTHORIZATION_CODE, grant=answer(reply)["code"][0])
    issued = await exchange(scene.storage, request, grace_seconds=0)

    again = await scene.decide({"Host": "crm.example"}, token=issued.text, decision="continue")

    assert again.status_code == 401


async def company_of(scene: Scene) -> str:
    """The company of the world's own location."""
    location = await scene.storage.read(None, lambda tx: access_store.find_location(tx, scene.world.location))
    assert location is not None
    return location.company_id


async def test_names_of_targets_are_text(storage: Storage) -> None:
    async with open_world(storage, Settings()) as world:
        await create_location(storage, NewLocation("<i>Here</i>' x="))
        app, secret = await create_app(storage, NewApp("Sync", (REDIRECT,)))
        page = (await Scene(world, storage, app, secret).decide(decision="continue")).text

    assert tags(page, "i") == []
    assert "<option value='location:" in page
    assert "<i>Here</i>' x=" in html.unescape(page)
    assert "</i>' x=" not in page


@pytest.mark.parametrize("scope", declared_scopes())
def test_every_scope_has_words(scope: str) -> None:
    (words,) = permissions((scope,))

    assert not re.search(r"[/.]", words)


async def test_scopes_of_the_platform_that_open_nothing_are_granted(scene: Scene) -> None:
    foreign = "calendars.readonly calendars/events.write"
    asked = f"objects/record.readonly {foreign}"
    secret, _ = await create_token(
        scene.storage, NewToken("clerk", scene.world.location, scopes=("objects/record.readonly",))
    )

    page = (await scene.show(scope=asked)).text
    members = {"scope": asked, "target": f"location:{scene.world.location}", "decision": "approve", "token": secret}
    code = answer(await scene.decide(headers={}, **members))["code"][0]

    assert "Nothing by calendars.readonly, calendars/events.write, which this server does not have" in page
    client = Client(scene.app.client_id, scene.secret)
    request = TokenRequest(client=client, grant_type=GrantType.AUTHORIZATION_CODE, grant=code)
    assert " ".join((await exchange(scene.storage, request, grace_seconds=0)).token.scopes) == asked


def test_permissions_are_gathered() -> None:
    assert permissions(("contacts.readonly", "contacts.write", "businesses.write", "oauth.readonly")) == [
        "See, change and delete contacts",
        "Change and delete businesses",
        "See where the app itself is installed",
    ]
