"""Whatever a client sends is answered with a clear 4xx, changes nothing and is never a fault of the server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from groundlevel.kernel.http.guard import MAX_OPEN_BODY
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from tests.conformance.given import ALL_FIELDS, PET
from tests.conformance.scenario import Scenario, Variables, play
from tests.kernel.http.world import World, open_world

LIMIT = 200_000
_RECORDS = "/objects/custom_objects.pet/records"

MALFORMED: dict[str, bytes] = {
    "an open object": b'{"properties": {"name": "Rex"',
    "a trailing comma": b'{"properties": {"name": "Rex",}}',
    "single quotes": b"{'properties': {'name': 'Rex'}}",
    "text behind the value": b'{"properties": {"name": "Rex"}} {}',
    "a byte order mark": b'\xef\xbb\xbf{"properties": {"name": "Rex"}}',
    "UTF-16": '{"properties": {"name": "Rex"}}'.encode("utf-16"),
    "invalid UTF-8": b'{"properties": {"name": "Rex\xff"}}',
    "invalid UTF-8 in an unknown member": b'{"x\xff": 1, "properties": {"name": "Rex"}}',
    "a lone surrogate": b'{"properties": {"name": "\\ud800"}}',
    "a lone surrogate in a name": b'{"properties": {"name": "Rex"}, "\\udfff": 1}',
    "NaN": b'{"properties": {"name": "Rex", "age": NaN}}',
    "Infinity": b'{"properties": {"name": "Rex", "age": -Infinity}}',
    "a number out of range": b'{"properties": {"name": "Rex", "age": 1e400}}',
    "a number of many digits": b'{"properties": {"name": "Rex", "age": 1' + b"0" * 5_000 + b"}}",
    "a bare comma": b",",
}
SHAPELESS: dict[str, tuple[bytes, int]] = {
    "an array": (b"[]", 422),
    "a string": (b'"properties"', 422),
    "a number": (b"1", 422),
    "null": (b"null", 422),
    "an unknown member": (b'{"properties": {"name": "Rex"}, "colour": "red"}', 422),
    "properties of the wrong type": (b'{"properties": "Rex"}', 422),
    "owners of the wrong type": (b'{"properties": {"name": "Rex"}, "owners": "me"}', 422),
    "followers that are no users": (b'{"properties": {"name": "Rex"}, "followers": [1, null]}', 422),
    "a location of the wrong type": (b'{"properties": {"name": "Rex"}, "locationId": 5}', 422),
    "an empty location": (b'{"properties": {"name": "Rex"}, "locationId": ""}', 422),
    "a NUL in the location": (b'{"properties": {"name": "Rex"}, "locationId": "\\u0000"}', 422),
    "a member twice": (b'{"properties": {"name": "Rex"}, "properties": {"name": "Tom"}}', 400),
    "a property twice": (b'{"properties": {"name": "Rex", "name": "Tom"}}', 400),
    "a part of a value twice": (
        b'{"properties": {"name": "R", "price": {"value": 1, "value": 2, "currency": "USD"}}}',
        400,
    ),
    "a name twice in two spellings": (b'{"properties": {"name": "Rex", "n\\u0061me": "Tom"}}', 400),
    "a name twice beside colons": (b'{"properties": {"name": "a:b::\\":", "note" : ":", "note" : "x"}}', 400),
    "no body": (b"", 400),
    "an empty object": (b"{}", 400),
    "an unknown property": (b'{"properties": {"name": "Rex", "wings": 2}}', 400),
    "a NUL in a value": (b'{"properties": {"name": "R\\u0000x"}}', 400),
    "a number as a text": (b'{"properties": {"name": "Rex", "age": "3"}}', 400),
    "a text as a number": (b'{"properties": {"name": 3}}', 400),
    "true as a number": (b'{"properties": {"name": "Rex", "age": true}}', 400),
    "a number beyond 2^53": (b'{"properties": {"name": "Rex", "age": 9007199254740993}}', 400),
    "a number beyond 2^64": (b'{"properties": {"name": "Rex", "age": 99999999999999999999999}}', 400),
    "a large fraction": (b'{"properties": {"name": "Rex", "age": 1.5e300}}', 400),
    "an impossible date": (b'{"properties": {"name": "Rex", "born": "2021-02-30"}}', 400),
    "an unknown option": (b'{"properties": {"name": "Rex", "size": "huge"}}', 400),
    "a phone that is none": (b'{"properties": {"name": "Rex", "phone": "call me"}}', 400),
    "money without currency": (b'{"properties": {"name": "Rex", "price": {"value": 1}}}', 400),
    "a file that is no link": (b'{"properties": {"name": "Rex", "files": [{"url": "file:///etc/passwd"}]}}', 400),
    "a value nested deeply": (b'{"properties": {"name": ' + b"[" * 300 + b"]" * 300 + b"}}", 400),
}
SEARCHES: dict[str, tuple[dict[str, Any], int]] = {
    "a page as a text": ({"page": "1"}, 422),
    "a page beyond every number": ({"page": 10**30}, 400),
    "a fraction of a page": ({"page": 1.5}, 422),
    "a negative limit": ({"pageLimit": -1}, 422),
    "a query too long": ({"query": "x" * 76}, 422),
    "a query with NUL": ({"query": "a\0b"}, 422),
    "a sort that is no array": ({"sort": {"field": "createdAt"}}, 422),
    "a sort by nothing": ({"sort": [{"direction": "asc"}]}, 422),
    "a cursor of another search": ({"searchAfter": ["x", "y", "z"]}, 400),
    "a cursor that is an object": ({"searchAfter": {"id": 1}}, 422),
    "an unknown operator": ({"filters": [{"field": "properties.name", "operator": "like", "value": "x"}]}, 422),
    "an unknown field": ({"filters": [{"field": "properties.wings", "operator": "eq", "value": "x"}]}, 422),
    "a value of the wrong type": ({"filters": [{"field": "properties.age", "operator": "eq", "value": "x"}]}, 422),
}
QUERIES: dict[str, str] = {
    "a location twice": "locationId={location}&locationId={sister}",
    "an empty location": "locationId=",
    "a NUL in the location": "locationId=%00",
    "far too many parameters": "&".join(f"p{n}=1" for n in range(500)),
}
PATHS: dict[str, str] = {
    "a NUL": "/objects/custom_objects.pet/records/%00",
    "a NUL in the key": "/objects/%00/records/000000000000000000000000",
    "invalid UTF-8": "/objects/custom_objects.pet/records/%ff%fe",
    "an encoded slash": "/objects/custom_objects.pet/records/a%2Fb",
    "a dot segment": "/objects/custom_objects.pet/records/..%2f..",
    "an id of upper case": "/objects/custom_objects.pet/records/ABCDEFABCDEFABCDEFABCDEF",
    "a very long id": "/objects/custom_objects.pet/records/" + "a" * 8_000,
    "an empty id": "/objects//records//",
    "quotes": "/objects/custom_objects.pet'%20OR%201=1--/records/000000000000000000000000",
}
AUTHORIZATIONS: dict[str, str] = {
    "another scheme": "Basic dXNlcjpwYXNz",
    "no token": "Bearer ",
    "only a token": "pit-00000000-0000-4000-8000-000000000000",
    "an unknown token": "Bearer pit-00000000-0000-4000-8000-000000000000",
    "two tokens": "Bearer a b",
    "a very long token": "Bearer " + "x" * 10_000,
    "characters beyond ASCII": "Bearer t\u00f6ken",
}


@pytest.fixture
async def world(storage: Storage) -> AsyncIterator[World]:
    """A world that has pets with a field of every type."""
    async with open_world(storage, Settings(max_body_bytes=LIMIT)) as opened:
        variables: Variables = {"location": opened.location}
        await play(Scenario("given", "pets", (PET, *ALL_FIELDS)), opened, variables)
        yield opened


async def _refused(world: World, method: str, path: str, **request: Any) -> dict[str, Any]:
    """The body of a refusal, after making sure that it is a clear one and that nothing was stored."""
    request.setdefault("headers", world.headers())
    reply = await world.client.request(method, path, **request)
    assert 400 <= reply.status_code < 500, reply.text
    body: dict[str, Any] = reply.json()
    assert body["statusCode"] == reply.status_code
    assert body["message"]
    assert body["error"]
    assert body["traceId"] == reply.headers["x-trace-id"]
    assert reply.headers["x-groundlevel-doc"].startswith("/docs/errors/")
    assert reply.headers["x-groundlevel-hint"]
    found = await world.client.post(
        f"{_RECORDS}/search", json={"page": 1, "pageLimit": 5}, headers=world.headers(), timeout=30
    )
    assert found.json()["total"] == 0
    return body


@pytest.mark.parametrize("content", MALFORMED.values(), ids=MALFORMED.keys())
async def test_malformed_json(world: World, content: bytes) -> None:
    body = await _refused(world, "POST", _RECORDS, content=content)

    assert body["statusCode"] == 400


@pytest.mark.parametrize(("content", "status"), SHAPELESS.values(), ids=SHAPELESS.keys())
async def test_bad_record(world: World, content: bytes, status: int) -> None:
    body = await _refused(world, "POST", _RECORDS, content=content)

    assert body["statusCode"] == status


@pytest.mark.parametrize("depth", [1_000, 90_000])
@pytest.mark.parametrize("opening", [b"[", b'{"a":'], ids=["arrays", "objects"])
async def test_deep_nesting(world: World, depth: int, opening: bytes) -> None:
    content = b'{"properties": {"name": ' + opening * min(depth, LIMIT // len(opening) - 20)

    body = await _refused(world, "POST", _RECORDS, content=content)

    assert body["statusCode"] in (400, 413)


async def test_a_value_nested_deeply_but_soundly(world: World) -> None:
    content = b'{"properties": {"name": ' + b'{"a":' * 5_000 + b"1" + b"}" * 5_000 + b"}}"

    body = await _refused(world, "POST", _RECORDS, content=content)

    assert body["message"] == "The request body is nested too deeply"


async def test_a_body_that_says_it_is_too_large_is_not_read(world: World) -> None:
    body = await _refused(world, "POST", _RECORDS, content=b"x" * (LIMIT + 1))

    assert body["statusCode"] == 413


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/chooselocation", "/oauth/reconnect"])
async def test_who_shows_no_token_may_send_little(world: World, path: str) -> None:
    statuses = []
    for size in (MAX_OPEN_BODY, MAX_OPEN_BODY + 1):
        reply = await world.client.post(path, content=b"{" + b" " * (size - 2) + b"}")
        statuses.append(reply.status_code)
    assert statuses[0] in (400, 422)
    assert statuses[1] == 413


async def test_a_body_that_turns_out_too_large_is_read_no_further(world: World) -> None:
    sent = 0

    async def parts() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1_000):
            sent += 50_000
            yield b" " * 50_000

    body = await _refused(world, "POST", _RECORDS, content=parts())

    assert body["statusCode"] == 413
    assert sent <= LIMIT + 100_000


@pytest.mark.parametrize(("members", "status"), SEARCHES.values(), ids=SEARCHES.keys())
async def test_bad_search(world: World, members: dict[str, Any], status: int) -> None:
    body = await _refused(world, "POST", f"{_RECORDS}/search", json={"page": 1, "pageLimit": 5, **members})

    assert body["statusCode"] == status


async def test_filters_nested_deeply(world: World) -> None:
    filters: Any = []
    for _ in range(200):
        filters = [{"group": "AND", "filters": filters}]

    body = await _refused(world, "POST", f"{_RECORDS}/search", json={"page": 1, "pageLimit": 5, "filters": filters})

    assert body["statusCode"] == 400


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES.keys())
async def test_bad_query(world: World, query: str) -> None:
    filled = query.format(location=world.location, sister=world.sister)

    body = await _refused(world, "GET", f"/objects/?{filled}")

    assert body["statusCode"] == 422
    assert isinstance(body["message"], list)


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS.keys())
async def test_bad_path(world: World, path: str) -> None:
    body = await _refused(world, "GET", path)

    assert body["statusCode"] == 404


@pytest.mark.parametrize("authorization", AUTHORIZATIONS.values(), ids=AUTHORIZATIONS.keys())
async def test_bad_authorization(world: World, authorization: str) -> None:
    headers = {b"authorization": authorization.encode("utf-8"), b"version": b"2021-07-28"}

    body = await _refused(world, "GET", f"/objects/?locationId={world.location}", headers=headers)

    assert body["message"] == "Invalid token: access token is invalid"


@pytest.mark.parametrize("token", ["expired", "revoked"])
async def test_a_token_that_was_good(world: World, token: str) -> None:
    body = await _refused(world, "GET", f"/objects/?locationId={world.location}", headers=world.headers(token))

    assert body["statusCode"] == 401


@pytest.mark.parametrize("version", ["", "2021-7-28", "V3", "v3\t1", "latest"])
async def test_an_unknown_version(world: World, version: str) -> None:
    headers = world.headers(version=version)

    body = await _refused(world, "GET", f"/objects/?locationId={world.location}", headers=headers)

    assert body["statusCode"] == 401


@pytest.mark.parametrize("token", ["own", "company"])
async def test_ids_of_other_locations(world: World, token: str) -> None:
    headers = world.headers(token)
    body = {"locationId": world.foreign, "properties": {"name": "Rex"}}

    refused = await _refused(world, "POST", _RECORDS, json=body, headers=headers)

    assert refused["statusCode"] == 403
    assert world.foreign not in str(refused)


async def test_an_object_with_nul_in_its_labels(world: World) -> None:
    body = {
        "locationId": world.location,
        "labels": {"singular": "C\0r", "plural": "Cars"},
        "key": "car",
        "primaryDisplayPropertyDetails": {"key": "name", "name": "Name", "dataType": "TEXT"},
    }

    refused = await _refused(world, "POST", "/objects/", json=body)

    assert refused["message"] == ["labels.singular must not hold NUL characters"]


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("maxFileLimit", 10**30),
        ("maxFileLimit", -1),
        ("maxFileLimit", 1.5),
        ("maxFileLimit", True),
        ("acceptedFormats", ".exe"),
    ],
)
async def test_settings_of_a_field_out_of_range(world: World, member: str, value: Any) -> None:
    body = {
        "locationId": world.location,
        "objectKey": "custom_objects.pet",
        "fieldKey": "scans",
        "dataType": "FILE_UPLOAD",
        "parentId": "x",
        "showInForms": True,
        member: value,
    }

    refused = await _refused(world, "POST", "/custom-fields/", json=body)

    assert refused["statusCode"] == 422
    assert refused["message"][0].startswith(member)


async def test_bodies_of_readers_are_ignored(world: World) -> None:
    reply = await world.client.request(
        "GET", f"/objects/?locationId={world.location}", content=b"{broken", headers=world.headers()
    )

    assert reply.status_code == 200


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16"]
)
async def test_the_content_type_does_not_count(world: World, media_type: str) -> None:
    headers = {**world.headers(), "Content-Type": media_type}

    reply = await world.client.post(_RECORDS, content=b'{"properties": {"name": "Rex"}}', headers=headers)

    assert reply.status_code == 201
