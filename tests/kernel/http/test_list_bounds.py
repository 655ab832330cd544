"""Every list in a body has a bound, which the reference shows and the server keeps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from msgspec import Struct, inspect

from groundlevel.api import ROUTES
from groundlevel.crm.custom_values import CustomValue, custom_properties
from groundlevel.kernel.http.bodies import MAX_ITEMS
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from tests.kernel.http.world import open_world
from tests.world import world_in


class Inner(Struct):
    """A list without a bound."""

    texts: list[str] | None


class Outer(Struct):
    """A list without a bound, of others."""

    inner: dict[str, list[Inner]]


BODIES = {body for route in ROUTES for body in (route.body, route.live_body) if body is not None}


def _unbounded(found: Any, path: str, above: frozenset[type] = frozenset()) -> Iterator[str]:
    """The lists without a bound inside of a type."""
    match found:
        case inspect.CollectionType():
            if found.max_length is None:
                yield path
            yield from _unbounded(found.item_type, f"{path}[]", above)
        case inspect.Metadata():
            yield from _unbounded(found.type, path, above)
        case inspect.UnionType():
            for each in found.types:
                yield from _unbounded(each, path, above)
        case inspect.DictType():
            yield from _unbounded(found.value_type, f"{path}{{}}", above)
        case inspect.StructType() if found.cls not in above:
            for field in found.fields:
                yield from _unbounded(field.type, f"{path}.{field.encode_name}", above | {found.cls})


def test_every_list_in_a_body_is_bounded() -> None:
    lacking = sorted(fault for body in BODIES for fault in _unbounded(inspect.type_info(body), body.__name__))
    assert lacking == [], "give each a max_length: kernel/http/bodies has BOUNDED for those without a rule of their own"


def test_a_list_without_a_bound_is_noticed() -> None:
    found = list(_unbounded(inspect.type_info(Outer), "Outer"))
    assert found == ["Outer.inner{}", "Outer.inner{}[].texts"]


@pytest.mark.parametrize(
    ("method", "path", "member", "sound"),
    [
        ("POST", "/x/webhooks", "events", {"url": "https://example.com/"}),
        ("POST", "/contacts/", "tags", {"firstName": "Ann"}),
        ("POST", "/contacts/", "customFields", {"firstName": "Ann"}),
        ("POST", "/objects/custom_objects.pet/records", "followers", {"properties": {}}),
        ("POST", "/objects/custom_objects.pet/records/search", "filters", {"page": 1, "pageLimit": 1}),
        ("POST", "/objects/custom_objects.pet/records/search", "searchAfter", {"page": 1, "pageLimit": 1}),
    ],
)
async def test_a_longer_list_is_refused(
    storage: Storage, method: str, path: str, member: str, sound: dict[str, Any]
) -> None:
    async with open_world(storage, Settings()) as world:
        item: Any = {"id": "x", "value": 1} if member == "customFields" else "x"
        body = {"locationId": world.location, **sound, member: [item] * (MAX_ITEMS + 1)}
        reply = await world.client.request(method, path, json=body, headers=world.headers())
        assert reply.status_code == 422, reply.text
        assert reply.json()["message"] == [f"{member} must contain no more than {MAX_ITEMS} elements"]


async def test_many_values_cost_one_look_at_each_field(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not one look at each field for each value."""
    world = await world_in(storage)
    await world.pet()
    fields = [await world.field(f"f{n}") for n in range(3)]
    schema = await storage.read(world.location, lambda tx: tx.schema("custom_objects.pet"))
    looks = 0
    original: Any = type(fields[0]).standard

    def counted(field: Any) -> Any:
        nonlocal looks
        looks += 1
        return original.__get__(field)

    monkeypatch.setattr(type(fields[0]), "standard", property(counted))
    sent = [CustomValue(field.id, None, "x") for field in fields] * 100
    assert custom_properties(schema, sent) == {"f0": "x", "f1": "x", "f2": "x"}
    assert 0 < looks <= 2 * len(schema.fields)
