"""Clients of others in Python, as PyPI has them: with another base URL, and nothing else changed."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import time
from types import ModuleType
from typing import Any

import ghl_api_extended.http as extended  # type: ignore[import-untyped]
import gohighlevel_api.api
import pytest
import requests
from ghl_api_extended import Filter, FilterGroup, GHLError, HighLevel, OpportunitiesByDateRangeParams, SortField
from gohighlevel import GoHighLevel  # type: ignore[import-untyped]
from gohighlevel.classes.auth.authdata import Auth  # type: ignore[import-untyped]
from gohighlevel.classes.auth.credentials import Credentials  # type: ignore[import-untyped]
from gohighlevel_api import AuthenticatedClient

from tests.compat.deviations import FIELDS
from tests.compat.deviations_contacts import CONTACTS
from tests.compat.documented_calls import Documented, documented, snake
from tests.compat.known import World
from tests.compat.known_sales import opportunity
from tests.compat.server import Server

_SOMEBODY = "sx6wyHhbFdRXh302LLNR"
_DAY = 86_400_000
"""In milliseconds."""


def test_gohighlevel_api(server: Server, world: World) -> None:
    """`gohighlevel-api`, generated from the documents: every operation that it has, each reply in its model."""
    client = AuthenticatedClient(base_url=server.url, token=world.tenant.token, raise_on_unexpected_status=True)
    modules = {name.rpartition(".")[2]: importlib.import_module(name) for name in _modules(gohighlevel_api.api)}
    operations = {each.snake: each for each in documented(CONTACTS, FIELDS)}

    with client:
        replies = {name: _reply(client, module, (world, operations[name])) for name, module in modules.items()}

    assert modules.keys() == operations.keys()
    assert {name: reply.status_code for name, reply in replies.items()} == {
        name: each.route.status for name, each in operations.items()
    }
    assert [name for name, reply in replies.items() if operations[name].shown and reply.parsed is None] == []
    lacking = {
        name: operations[name].shown - reply.parsed.to_dict().keys()
        for name, reply in replies.items()
        if operations[name].shown
    }
    assert {name: members for name, members in lacking.items() if members} == {}


def _modules(package: ModuleType) -> list[str]:
    """The modules in a package and in those below it that stand for operations."""
    found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    return [each.name for each in found if not each.ispkg]


def _reply(client: AuthenticatedClient, module: ModuleType, what: tuple[World, Documented]) -> Any:
    """What the function of a module gets for a request that succeeds."""
    world, operation = what
    request = world.known(operation.route.operation_id)
    types = {
        name: parameter.annotation
        for name, parameter in inspect.signature(module.sync_detailed, eval_str=True).parameters.items()
    }
    given: dict[str, Any] = {snake(name): value for name, value in {**request.path, **request.query}.items()}
    given = {next(name for name in types if name.rstrip("_") == key): value for key, value in given.items()}
    if "body" in types:
        given["body"] = types["body"].from_dict(request.body or {})
    return module.sync_detailed(client=client, version=types["version"]("2021-07-28"), **given)


def test_gohl(server: Server, world: World) -> None:
    """`gohl`, written by hand: all of it on contacts and businesses whose requests are those documented."""
    client = GoHighLevel(Credentials(api_key=world.tenant.token))
    client.set_auth(Auth(world.tenant.token, location_id=world.tenant.location))
    client.auth_data.baseurl = server.url
    firm = client.businesses.add({"name": "Acme", **world.located})["id"]
    one = client.contacts.create({"firstName": "Ann", "email": "ann@gohl.example"})["id"]

    _gohl_contacts(client.contacts, world, one)
    _gohl_notes_and_tasks(client.contacts, one)
    assert client.businesses.get(firm)["name"] == "Acme"
    assert client.businesses.update(firm, {"name": "Acme & Sons"})["name"] == "Acme & Sons"
    assert [each["id"] for each in client.businesses.get_all(world.tenant.location)] == [firm]
    assert client.businesses.remove(firm)
    assert client.contacts.remove(one)
    with pytest.raises(requests.HTTPError) as refusal:
        client.contacts.get_one(one)
    assert refusal.value.response is not None
    assert refusal.value.response.status_code == 404


def _gohl_contacts(contacts: Any, world: World, one: str) -> None:
    filters = [{"field": "email", "operator": "eq", "value": "ann@gohl.example"}]

    assert contacts.get_one(one)["email"] == "ann@gohl.example"
    assert contacts.update(one, {"lastName": "Lee"})["lastName"] == "Lee"
    assert contacts.get(world.tenant.location, {"query": "ann@gohl", "limit": 5})["count"] == 1
    found = contacts.search_with_filters({**world.located, "pageLimit": 5, "filters": filters})
    assert (found["total"], [each["id"] for each in found["contacts"]]) == (1, [one])
    assert contacts.tags.add(one, ["vip"]) == ["vip"]
    assert contacts.appointments.get(one) == []
    assert contacts.campaigns.add(one, "Y2I9XM7aO1hncuSOlc9L")
    assert contacts.campaigns.remove(one, "Y2I9XM7aO1hncuSOlc9L")
    assert contacts.workflows.add(one, _SOMEBODY, "2026-06-23T03:30:00+01:00")
    assert contacts.workflows.remove(one, _SOMEBODY)


def _gohl_notes_and_tasks(contacts: Any, one: str) -> None:
    note = contacts.notes.add(one, {"body": "Likes tea", "userId": _SOMEBODY})["id"]
    task = contacts.tasks.add(one, {"title": "Call", "dueDate": "2026-10-25T11:00:00Z", "completed": False})["id"]

    assert contacts.notes.get(one, note)["body"] == "Likes tea"
    assert contacts.notes.update(one, note, {"body": "Likes milk"})["body"] == "Likes milk"
    assert [each["id"] for each in contacts.notes.get_all(one)] == [note]
    assert contacts.notes.remove(one, note)
    assert contacts.tasks.get(one, task)["title"] == "Call"
    assert contacts.tasks.update(one, task, {"title": "Write"})["title"] == "Write"
    assert [each["id"] for each in contacts.tasks.get_all(one)] == [task]
    assert contacts.tasks.remove(one, task)


def test_ghl_api_extended(server: Server, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """`ghl-api-extended`: its search of opportunities, with filters, sorts and pages. What it does not set is null."""
    monkeypatch.setattr(extended, "DEFAULT_BASE_URL", server.url)
    client = HighLevel(location_access_token=world.tenant.token)
    made = [opportunity(world) for _ in range(3)]
    pipeline = world.get("/opportunities/pipelines")["pipelines"][0]["id"]
    filters = [FilterGroup("AND", [Filter("pipeline_id", "eq", pipeline), Filter("status", "eq", "open")])]

    page = client.search_opportunities(world.tenant.location, filters=filters, sort=[SortField("date_added")], limit=2)
    today = OpportunitiesByDateRangeParams(world.tenant.location, start_date=time.time() * 1_000 - _DAY, page_limit=2)
    every = client.fetch_opportunities_by_date_range(today)

    assert (page["total"], [each["id"] for each in page["opportunities"]]) == (3, made[:2])
    assert sorted(each["id"] for each in every) == sorted(made)
    with pytest.raises(GHLError) as refusal:
        client.search_contacts(world.tenant.location)
    assert refusal.value.status_code == 404
