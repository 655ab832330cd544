"""The pages of the reference: whole, of this server alone, and kept by the browser for as long as they are the same."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator
from importlib import resources
from pathlib import Path
from typing import Any

import httpx
import jinja2
import pytest

from groundlevel.kernel.errors import RouteNotFound, refusals
from groundlevel.kernel.http import rendering
from groundlevel.kernel.model import DataType
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.oauth import consent_page
from groundlevel.oauth.consent_page import problem_page
from groundlevel.system import assets, docs
from groundlevel.system.assets import PREFIX, asset_page, asset_path
from tests.kernel.http.world import World, open_world

PAGES = ("/docs", "/docs/data-types", "/docs/errors", "/docs/errors/in_use")
STATIC = Path(str(resources.files(assets.__package__) / "static"))
TEMPLATES = [
    Path(str(template))
    for package in (rendering.__package__, assets.__package__, consent_page.__package__)
    for template in (resources.files(package) / "templates").iterdir()
]


@pytest.fixture
async def world(storage: Storage) -> AsyncIterator[World]:
    async with open_world(storage, Settings()) as opened:
        yield opened


def links(page: str) -> list[str]:
    """All that a page loads."""
    return re.findall(r"<(?:link|script|img)\b[^>]*\b(?:href|src)='([^']*)'", page)


async def get(world: World, path: str, **headers: str) -> httpx.Response:
    """A reply to somebody without a token."""
    return await world.client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_loads_only_what_this_server_has(path: str, world: World) -> None:
    reply = await get(world, path)

    policy = dict(each.strip().split(" ", 1) for each in reply.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert len(links(reply.text)) > 1
    for link in set(links(reply.text)) - {"data:,"}:
        assert link.startswith(PREFIX)
        assert (await get(world, link)).status_code == 200
    # The policy would have a browser ignore these.
    assert not re.search(r"<script>|<script [^>]*>[^<]|<style|\bstyle=|\bon\w+=", reply.text)


async def test_links_between_the_pages_lead_somewhere(world: World) -> None:
    for path in PAGES:
        for link in set(re.findall(r"<a href='([^']*)'>", (await get(world, path)).text)):
            assert (await get(world, link)).status_code == 200, link


@pytest.mark.parametrize(
    "name", ["swagger-ui-bundle.js", "swagger-ui.css", "docs.css", "reference.css", "reference.js"]
)
async def test_a_file_is_kept_until_it_changes(name: str, world: World) -> None:
    reply = await get(world, asset_path(name))

    kind = {"js": "text/javascript", "css": "text/css"}[name.rpartition(".")[2]]
    assert reply.headers["content-type"] == f"{kind}; charset=utf-8"
    assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert hashlib.sha256(reply.content).hexdigest().startswith(reply.headers["etag"].strip('"'))
    again = await get(world, asset_path(name), if_none_match=f'"other", W/{reply.headers["etag"]}')
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", reply.headers["etag"])
    assert "content-length" not in again.headers
    assert (await get(world, asset_path(name), if_none_match='"other"')).status_code == 200


async def test_the_openapi_document_is_asked_for_again_and_sent_when_it_has_changed(world: World) -> None:
    reply = await get(world, "/openapi.json")

    assert reply.headers["cache-control"] == "no-cache"
    assert reply.json()["openapi"].startswith("3.")
    assert (await get(world, "/openapi.json", if_none_match=reply.headers["etag"])).status_code == 304
    assert (await get(world, "/openapi.json", if_none_match="*")).status_code == 304
    assert (await get(world, "/openapi.json")).content == reply.content


@pytest.mark.parametrize(
    "name",
    [
        "",
        "docs.css",
        "docs.0000000000000000.css",
        "nothing.0000000000000000.js",
        "swagger-ui/LICENSE",
        "..%2F..%2Fserver.py",
    ],
)
async def test_nothing_else_is_served(name: str, world: World) -> None:
    reply = await world.client.get(PREFIX + name, headers=world.headers())
    assert reply.status_code == 404
    with pytest.raises(RouteNotFound):
        asset_page(name, "")


@pytest.mark.parametrize("folder", [path for path in STATIC.iterdir() if path.is_dir()], ids=lambda path: path.name)
def test_what_others_made_is_as_they_published_it_and_has_its_licence(folder: Path) -> None:
    lines = (folder / "SHA256SUMS").read_text("ascii").splitlines()
    published = {name: digest for digest, name in (line.split("  ") for line in lines)}
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    del found["SHA256SUMS"]

    assert found == published
    assert {"LICENSE", "package.json"} < set(found)


def test_the_viewer_is_told_to_ask_no_other_server() -> None:
    script = (STATIC / "reference.js").read_text("utf-8")

    assert "validatorUrl: null" in script
    assert not re.search(r"https?:", script)


def test_the_lists_name_everything() -> None:
    types, errors = docs.data_types_page().content.decode(), docs.errors_page().content.decode()

    for data_type in DataType:
        assert f"<code>{data_type.value}</code>" in types
    for refusal in refusals():
        assert f"<a href='/docs/errors/{refusal.code}'>" in errors


@pytest.mark.parametrize("text", ["<b>&</b>", "'onclick='x", '"><script>', "{{ 7 * 7 }}"])
def test_every_value_is_escaped(text: str) -> None:
    page = problem_page(text, text).content.decode()

    for special in "<>'\"":
        assert page.count(special) == problem_page("", "").content.decode().count(special)
    assert "49" not in page


def test_a_value_that_is_missing_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError):
        rendering.render(docs.__package__, "error.html", asset=asset_path, title="x")


@pytest.mark.parametrize("template", sorted(TEMPLATES), ids=lambda path: path.name)
def test_no_template_says_that_a_value_is_safe(template: Any) -> None:
    assert not re.search(r"\|\s*safe|autoescape|Markup", template.read_text("utf-8"))


async def test_the_root_is_a_page_for_browsers_and_json_for_programs(storage: Storage) -> None:
    async with open_world(storage, Settings()) as world:
        page = await world.client.get("/", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
        data = await world.client.get("/", headers={"Accept": "*/*"})

        assert page.status_code == data.status_code == 200
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert "default-src 'none'" in page.headers["content-security-policy"]
        links = re.findall(r"href='(/[^']*)'", page.text)
        assert {"/docs", "/docs/errors", "/openapi.json", "/health"} <= set(links)
        assert "/console/" in links
        for link in links:
            assert (await world.client.get(link, headers={"Host": "localhost"})).status_code == 200, link
        assert data.json()["docs"] == "http://server/docs"
        assert (await world.client.get(data.json()["docs"])).status_code == 200


def test_a_page_that_anybody_may_ask_for_is_made_once() -> None:
    for make in (docs.reference_page, docs.data_types_page, docs.errors_page):
        assert make() is make()
    assert all(docs.error_page(refusal) is docs.error_page(refusal) for refusal in refusals())
    assert docs.home_page("http://a", console=True) is docs.home_page("http://a", console=True)
    for number in range(3 * docs.KEPT):
        docs.home_page(f"http://{number}", console=True)
    assert docs.home_page.cache_info().currsize <= docs.KEPT, "whoever sends many names of hosts fills no memory"
