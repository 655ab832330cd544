"""The official Python SDK, unchanged but for its base URL: every operation on objects and fields.

See docs/contract.md#python-sdk.
"""

from __future__ import annotations

import re
from contextlib import closing
from typing import Any

import httpx
import pytest
from highlevel import GHLError, HighLevel  # type: ignore[import-untyped]
from highlevel.services.custom_fields.models import ICustomField, ICustomFieldFolder  # type: ignore[import-untyped]

from tests.compat.deviations import FIELDS, OBJECTS, OPERATIONS
from tests.compat.expected import REFUSED, REPLIES, UNLOCATED, changed
from tests.compat.known import OBJECT, Request, World
from tests.compat.server import Server, Tenant

ALL = (*OPERATIONS[OBJECTS], *OPERATIONS[FIELDS])


def snake(name: str) -> str:
    return re.sub("[A-Z]", lambda capital: "_" + capital[0].lower(), name)


async def call(sdk: HighLevel, operation: str, request: Request) -> dict[str, Any]:
    """The reply to the method of the SDK that stands for the operation."""
    service = sdk.objects if operation in OPERATIONS[OBJECTS] else sdk.custom_fields
    arguments: dict[str, Any] = {snake(name): value for name, value in {**request.path, **request.query}.items()}
    if request.body is not None:
        arguments["request_body"] = request.body
    reply: dict[str, Any] = await getattr(service, operation.replace("-", "_"))(**arguments)
    return reply


@pytest.mark.parametrize("holder", ["location", "company"])
async def test_every_operation_succeeds(holder: str, sdk: HighLevel, world: World) -> None:
    sdk.set_private_integration_token(world.tenant.token if holder == "location" else world.tenant.company_token)

    replies = {operation: await call(sdk, operation, world.known(operation)) for operation in ALL}

    assert {operation: set(reply) - {"traceId"} for operation, reply in replies.items()} == {
        operation: REPLIES[operation] for operation in ALL
    }


async def test_every_operation_refuses(sdk: HighLevel, world: World) -> None:
    refusals = {}
    for operation in ALL:
        changes, _, message = REFUSED[operation]
        with pytest.raises(GHLError, match=f"^{message}$") as caught:
            await call(sdk, operation, changed(world.known(operation), changes))
        refusals[operation] = caught.value

    assert {operation: refusal.status_code for operation, refusal in refusals.items()} == {
        operation: REFUSED[operation][1] for operation in ALL
    }
    assert all(refusal.response["statusCode"] == refusal.status_code for refusal in refusals.values())


async def test_every_operation_refuses_a_stranger(sdk: HighLevel, world: World) -> None:
    sdk.set_private_integration_token(world.tenant.foreign_token)

    statuses = {}
    for operation in ALL:
        with pytest.raises(GHLError) as caught:
            await call(sdk, operation, world.known(operation))
        statuses[operation] = caught.value.status_code

    assert statuses == {operation: 404 if operation in UNLOCATED else 403 for operation in ALL}


async def test_a_token_that_is_none(sdk: HighLevel, tenant: Tenant) -> None:
    sdk.set_private_integration_token("pit-00000000-0000-4000-8000-000000000000")

    with pytest.raises(GHLError, match="Invalid token: access token is invalid") as caught:
        await sdk.objects.get_object_by_location_id(tenant.location)

    assert caught.value.status_code == 401


@pytest.mark.parametrize("kind", ["agency_access_token", "location_access_token"])
async def test_tokens_of_either_kind(
    kind: str, server: Server, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HighLevel, "BASE_URL", server.url)
    token = tenant.company_token if kind == "agency_access_token" else tenant.token
    client = HighLevel(
        client_id="0123456789abcdef01234567-app", client_secret="secret", log_level="none", **{kind: token}
    )

    with closing(World(server, tenant)) as world:
        made = await call(client, "create-custom-object-schema", world.known("create-custom-object-schema"))
    listed = await client.objects.get_object_by_location_id(tenant.location)
    await client.close()

    assert made["object"]["key"] in [each["key"] for each in listed["objects"]]


async def test_the_life_of_a_record(sdk: HighLevel, tenant: Tenant) -> None:
    labels = {"singular": "Boat", "plural": "Boats"}
    primary = {"key": "name", "name": "Name", "dataType": "TEXT"}
    located = {"locationId": tenant.location}
    new = {**located, "labels": labels, "key": "boat", "primaryDisplayPropertyDetails": primary}
    boat = (await sdk.objects.create_custom_object_schema(new))["object"]
    parts = await sdk.custom_fields.get_custom_fields_by_object_key(boat["key"], tenant.location)
    field = {
        **located,
        "objectKey": boat["key"],
        "fieldKey": f"{boat['key']}.rig",
        "dataType": "MULTIPLE_OPTIONS",
        "parentId": parts["folders"][0]["id"],
        "showInForms": True,
        "options": [{"key": "sloop", "label": "Sloop"}, {"key": "ketch", "label": "Ketch"}],
    }
    rig = (await sdk.custom_fields.create_custom_field(field))["field"]
    created = {**located, "properties": {"name": "Étoile", "rig": ["Sloop"]}, "owners": [tenant.users[0]]}
    record = (await sdk.objects.create_object_record(boat["key"], created))["record"]
    change = {"properties": {"rig": {"add": ["ketch"], "remove": ["sloop"]}}, "followers": {"add": [tenant.users[1]]}}
    await sdk.objects.update_object_record(boat["key"], record["id"], tenant.location, change)
    read = (await sdk.objects.get_record_by_id(boat["key"], record["id"]))["record"]
    search = {**located, "page": 1, "pageLimit": 10, "query": "étoile", "searchAfter": []}
    found = await sdk.objects.search_object_records(search, schema_key=boat["key"])
    after = {**search, "searchAfter": found["records"][0]["searchAfter"]}
    rest = await sdk.objects.search_object_records(after, schema_key=boat["id"])
    gone = await sdk.objects.delete_object_record(boat["key"], record["id"])

    assert ICustomField(**rig).fieldKey == "custom_objects.boat.rig"
    assert read["properties"] == {"name": "Étoile", "rig": ["ketch"]}
    assert read["owner"] == [tenant.users[0]]
    assert read["followers"] == [tenant.users[1]]
    assert (found["total"], [each["id"] for each in found["records"]]) == (1, [record["id"]])
    assert rest["records"] == []
    assert (gone["id"], gone["success"]) == (record["id"], True)


async def test_the_models_of_fields_fit(sdk: HighLevel, world: World) -> None:
    listed = await sdk.custom_fields.get_custom_fields_by_object_key(OBJECT, world.tenant.location)
    folder = await call(sdk, "create-custom-field-folder", world.known("create-custom-field-folder"))

    fields = [ICustomField(**each) for each in listed["fields"]]
    assert len({field.dataType for field in fields}) == 12
    assert all(ICustomField(**each).id == each["id"] for each in listed["folders"])
    assert ICustomFieldFolder(**folder).objectKey == OBJECT


async def test_what_the_sdk_sends(sdk: HighLevel, world: World) -> None:
    sent: list[httpx.Request] = []

    async def notice(request: httpx.Request) -> None:
        sent.append(request)

    sdk.http_client.event_hooks = {**sdk.http_client.event_hooks, "request": [notice]}
    options = {"headers": {"companyId": "none", "locationId": world.tenant.foreign_location}}
    record = world.record()

    await sdk.objects.get_object_by_location_id(world.tenant.location, options)
    await sdk.objects.delete_object_record(OBJECT, record, options)

    assert [request.url.path for request in sent] == ["/objects/", f"/objects/{OBJECT}/records/{record}"]
    for request in sent:
        assert request.content == b""
        assert request.headers["content-type"] == "application/json"
        assert request.headers["version"] == "v3"
        assert request.headers["locationid"] == world.tenant.foreign_location
