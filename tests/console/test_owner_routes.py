"""What owners of everything do in the console: operators, apps, backups, and the first set-up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from groundlevel.app import make_application
from groundlevel.backup.rules import list_backups, take_kept
from groundlevel.cli.serve import console_link
from groundlevel.console.model import Role
from groundlevel.console.rules import NewOperator, create_link, create_operator
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.engines import open_storage
from groundlevel.locations.rules import NewLocation, create_location
from tests.console.test_routes import EMAIL, OURS, PASSWORD, Scene, scene

OTHER_PASSWORD = "another long password"
OF_OWNERS = (
    ("GET", "/console/operators", None),
    ("POST", "/console/operators", {"email": "eve@example.com", "password": PASSWORD, "role": "owner"}),
    ("PUT", "/console/operators/x", {"role": "owner"}),
    ("DELETE", "/console/operators/x", None),
    ("GET", "/console/apps", None),
    ("POST", "/console/apps", {"name": "App", "redirectUris": ["https://app.example.com/back"]}),
    ("POST", "/console/apps/x/secret", None),
    ("DELETE", "/console/apps/x", None),
    ("POST", "/console/apps/x/installs", {"locationId": "x"}),
    ("DELETE", "/console/apps/x/installs/x", None),
    ("GET", "/console/server", None),
    ("POST", "/console/backups", None),
    ("GET", "/console/backups/x", None),
)


async def ask(at: Scene, method: str, path: str, body: Any = None) -> httpx.Response:
    """What the page of the console asks."""
    return await at.browser.request(method, path, json=body, headers=OURS)


@pytest.fixture
async def at(storage: Storage) -> AsyncIterator[Scene]:
    """A scene with an owner of everything in it."""
    async with scene(storage) as found:
        await found.sign_in()
        yield found


@pytest.mark.parametrize("limited", [False, True])
async def test_only_owners_of_everything_may(storage: Storage, limited: bool) -> None:
    async with scene(storage) as at:
        new = NewOperator(EMAIL, PASSWORD, Role.OWNER, (at.mine.id,)) if limited else None
        await create_operator(storage, new or NewOperator(EMAIL, PASSWORD, Role.EDITOR))
        for method, path, body in OF_OWNERS:
            assert (await ask(at, method, path, body)).status_code == 401, path
        await at.sign_in(email=EMAIL, password=PASSWORD)
        for method, path, body in OF_OWNERS:
            assert (await ask(at, method, path, body)).status_code == 403, path
            headers = {"Sec-Fetch-Site": "cross-site", **OURS}
            foreign = await at.browser.request(method, path, json=body, headers=headers)
            assert foreign.status_code == 403, path
            assert foreign.headers["x-groundlevel-doc"].endswith("/console_foreign_page")


# --- operators ----------------------------------------------------------------------------------------------------


async def test_an_operator_is_made_changed_and_removed(at: Scene) -> None:
    body = {"email": "Ada@Example.com", "password": PASSWORD, "role": "viewer", "locations": [at.mine.id]}
    made = (await ask(at, "POST", "/console/operators", body)).json()["operator"]
    assert (made["email"], made["role"], made["locations"]) == (EMAIL, "viewer", [at.mine.id])
    assert "password" not in made
    path = f"/console/operators/{made['id']}"
    changed = (await ask(at, "PUT", path, {"role": "editor", "locations": []})).json()["operator"]
    assert (changed["role"], changed["locations"]) == ("editor", [])
    listed = (await ask(at, "GET", "/console/operators")).json()
    assert [each["email"] for each in listed["operators"]] == [EMAIL]
    assert listed["roles"]["viewer"] < listed["roles"]["editor"] < listed["roles"]["owner"]
    assert (await ask(at, "DELETE", path)).status_code == 200
    assert (await ask(at, "DELETE", path)).status_code == 404
    assert (await ask(at, "PUT", path, {"role": "owner"})).status_code == 404


@pytest.mark.parametrize(
    "body", [{"role": "king"}, {"password": "short"}, {"locations": ["nowhere"]}, {"email": "no address"}]
)
async def test_what_is_no_operator_is_refused(at: Scene, body: dict[str, Any]) -> None:
    right = {"email": EMAIL, "password": PASSWORD, "role": "viewer"}
    answer = await ask(at, "POST", "/console/operators", {**right, **body})
    assert answer.status_code == 400
    assert (await ask(at, "GET", "/console/operators")).json()["operators"] == []
    made = (await ask(at, "POST", "/console/operators", right)).json()["operator"]
    if "email" not in body:
        assert (await ask(at, "PUT", f"/console/operators/{made['id']}", body)).status_code == 400


@pytest.mark.parametrize("change", [{"role": "viewer"}, {"password": OTHER_PASSWORD}, {"locations": []}])
async def test_a_changed_operator_signs_in_again(storage: Storage, change: dict[str, Any]) -> None:
    operator = await create_operator(storage, NewOperator(EMAIL, PASSWORD, Role.OWNER))
    async with scene(storage) as at:
        await at.sign_in(email=EMAIL, password=PASSWORD)
        bought = (await at.token()).json()["token"]
        assert (await ask(at, "PUT", f"/console/operators/{operator.id}", change)).status_code == 200
        assert (await ask(at, "GET", "/console/session")).status_code == 401
        headers = {"Authorization": f"Bearer {bought}", "Version": "2021-07-28"}
        assert (await at.browser.get(f"/objects/?locationId={at.mine.id}", headers=headers)).status_code == 401
        password = change.get("password", PASSWORD)
        again = await at.sign_in(email=EMAIL, password=password)
        assert again.json()["role"] == change.get("role", "owner")


# --- apps ---------------------------------------------------------------------------------------------------------


async def test_an_app_is_made_installed_taken_out_and_deleted(at: Scene) -> None:
    body = {"name": "Pet tags", "redirectUris": ["https://tags.example.com/back"], "scopes": ["contacts.readonly"]}
    made = (await ask(at, "POST", "/console/apps", body)).json()
    assert len(made["secret"]) == 64
    path = f"/console/apps/{made['id']}"
    assert (await ask(at, "POST", f"{path}/installs", {"locationId": at.mine.id})).status_code == 200
    (app,) = (await ask(at, "GET", "/console/apps")).json()["apps"]
    assert (app["name"], app["scopes"]) == ("Pet tags", ["contacts.readonly"])
    assert [each["locationId"] for each in app["installs"]] == [at.mine.id]
    assert made["secret"] not in str(app)
    other = (await ask(at, "POST", f"{path}/secret")).json()["secret"]
    assert other != made["secret"]
    assert (await ask(at, "DELETE", f"{path}/installs/{at.mine.id}")).status_code == 200
    assert (await ask(at, "DELETE", f"{path}/installs/{at.mine.id}")).status_code == 404
    assert (await ask(at, "DELETE", path)).status_code == 200
    assert (await ask(at, "GET", "/console/apps")).json()["apps"] == []


async def test_an_app_that_cannot_be_is_refused(at: Scene) -> None:
    for body in ({"name": "x", "redirectUris": ["javascript:alert(1)"]}, {"name": " ", "redirectUris": []}):
        assert (await ask(at, "POST", "/console/apps", body)).status_code in (400, 422)
    assert (await ask(at, "GET", "/console/apps")).json()["apps"] == []


# --- the server ---------------------------------------------------------------------------------------------------


async def on_disk(directory: Path, **more: Any) -> tuple[Storage, Settings]:
    """A database in a file, as a server has it."""
    settings = Settings(database=f"sqlite:///{directory / 'own.db'}", **more)
    return await open_storage(settings), settings


async def test_a_backup_is_made_listed_and_downloaded(tmp_path: Path) -> None:
    storage, settings = await on_disk(tmp_path)
    async with scene(storage, settings) as at:
        await at.sign_in()
        before = (await ask(at, "GET", "/console/server")).json()
        assert (before["engine"], before["backups"]) == ("sqlite", [])
        assert before["databaseBytes"] > 0
        assert before["freeBytes"] > 0
        made = (await ask(at, "POST", "/console/backups")).json()["backup"]
        (listed,) = (await ask(at, "GET", "/console/server")).json()["backups"]
        assert listed == made
        answer = await ask(at, "GET", f"/console/backups/{made['name']}")
        (file,) = list_backups(settings)
        assert answer.content == file.read_bytes()
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.parent.stat().st_mode & 0o777 == 0o700
        for name in ("..%2Fown.db", "own.db", "nothing.tar.gz"):
            assert (await ask(at, "GET", f"/console/backups/{name}")).status_code == 404
    await storage.close()


async def test_a_database_that_is_not_backed_up_here_says_so(storage: Storage) -> None:
    settings = Settings(database="postgresql://ada:geheim@db.example.com/crm")
    async with scene(storage, settings) as at:
        await at.sign_in()
        found = (await ask(at, "GET", "/console/server")).json()
        assert (found["backupDirectory"], found["freeBytes"]) == ("", -1)
        assert "geheim" not in str(found)
        assert found["database"] == "postgresql://ada@db.example.com/crm"
        refused = await ask(at, "POST", "/console/backups")
        assert refused.status_code == 400
        assert "pg_dump" in refused.headers["x-groundlevel-hint"]


async def test_settings_say_where_they_come_from(
    storage: Storage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "groundlevel.toml").write_text("pool_size = 7\nport = 9000\n")
    monkeypatch.setenv("GROUNDLEVEL_PROFILE", "live")
    monkeypatch.setenv("GROUNDLEVEL_SECRET", "x" * 40)
    settings = Settings(pool_size=7, port=9001, profile="live", secret="x" * 40)
    async with scene(storage, settings) as at:
        await at.sign_in()
        found = {each["name"]: each for each in (await ask(at, "GET", "/console/server")).json()["settings"]}
    assert {name: found[name]["source"] for name in ("pool_size", "port", "profile", "limits", "secret")} == {
        "pool_size": "groundlevel.toml",
        "port": "--port",
        "profile": "GROUNDLEVEL_PROFILE",
        "limits": "default",
        "secret": "GROUNDLEVEL_SECRET",
    }
    assert found["secret"]["value"] == "set"
    assert found["deliver"]["value"] == "true"
    assert found["public_url"]["value"] == "none"


# --- the first set-up ---------------------------------------------------------------------------------------------


@asynccontextmanager
async def served_empty(storage: Storage, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A browser at a server whose database is as it is."""
    transport = httpx.ASGITransport(make_application(storage, settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8080") as browser:
        yield browser


async def test_the_first_link_leads_to_the_set_up_while_there_is_nothing(storage: Storage) -> None:
    settings = Settings()
    assert "#setup=" in str(await console_link(storage, settings, "http://localhost:8080"))
    await create_location(storage, NewLocation("Mine"))
    assert "#link=" in str(await console_link(storage, settings, "http://localhost:8080"))
    guarded = Settings(console="password")
    assert "#setup=" in str(await console_link(storage, guarded, "http://localhost:8080"))
    await create_operator(storage, NewOperator(EMAIL, PASSWORD, Role.OWNER))
    assert "#link=" in str(await console_link(storage, guarded, "http://localhost:8080"))


async def test_the_first_operator_is_made_once(storage: Storage) -> None:
    async with scene(storage) as at:
        link, spare = await create_link(storage), await create_link(storage)
        body = {"link": link, "email": EMAIL, "password": PASSWORD}
        wrong = await ask(at, "POST", "/console/setup", {**body, "link": "made up"})
        assert wrong.status_code == 401
        short = await ask(at, "POST", "/console/setup", {**body, "password": "short"})
        assert short.status_code == 400
        made = await ask(at, "POST", "/console/setup", body)
        assert (made.json()["email"], made.json()["role"], made.json()["unlimited"]) == (EMAIL, "owner", True)
        assert (await ask(at, "GET", "/console/session")).json()["email"] == EMAIL
        assert (await at.sign_in(link=link)).status_code == 401
        again = await ask(at, "POST", "/console/setup", {**body, "link": spare, "email": "eve@example.com"})
        assert again.status_code == 403


async def test_a_backup_is_restored_instead_when_the_server_starts_again(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    old, old_settings = await on_disk(tmp_path / "old")
    async with scene(old, old_settings) as at:
        await at.sign_in()
        await ask(at, "POST", "/console/backups")
    await old.close()
    (file,) = list_backups(old_settings)
    new, settings = await on_disk(tmp_path / "new")
    async with scene(new, settings) as at:
        link = await create_link(new)
        path = f"/console/setup/restore?link={link}"
        full = await at.browser.post(path, content=file.read_bytes(), headers=OURS)
        assert full.status_code == 400, "there are locations already"
    await new.close()
    (tmp_path / "empty").mkdir()
    empty, settings = await on_disk(tmp_path / "empty")
    async with served_empty(empty, settings) as browser:
        path = f"/console/setup/restore?link={await create_link(empty)}"
        damaged = await browser.post(path, content=file.read_bytes()[:-100], headers=OURS)
        assert damaged.status_code == 400
        assert (await browser.post("/console/setup/restore?link=no", content=b"", headers=OURS)).status_code == 401
        assert await take_kept(settings) is None
        assert (await browser.post(path, content=file.read_bytes(), headers=OURS)).status_code == 200
    await empty.close()
    replaced = await take_kept(settings)
    assert replaced is not None
    assert replaced.exists()
    storage = await open_storage(settings)
    async with served_empty(storage, settings) as browser:
        await browser.post("/console/session", json={"link": await create_link(storage)}, headers=OURS)
        places = (await browser.get("/console/session", headers=OURS)).json()["places"]
        assert [place["name"] for place in places] == ["Mine", "Other"]
    await storage.close()
    assert await take_kept(settings) is None
