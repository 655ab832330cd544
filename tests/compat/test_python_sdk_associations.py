"""The official Python SDK (docs/contract.md#python-sdk): every operation on associations, relations and businesses."""

from __future__ import annotations

import re
from typing import Any

import pytest
from highlevel import GHLError, HighLevel  # type: ignore[import-untyped]

from tests.compat.deviations import OPERATIONS
from tests.compat.deviations_platform import ASSOCIATIONS, BUSINESSES
from tests.compat.expected import REFUSED, REPLIES, changed
from tests.compat.known import OBJECT, Request, World
from tests.compat.known_platform import new_association, relation
from tests.compat.known_sales import contact

ALL = (*OPERATIONS[ASSOCIATIONS], *OPERATIONS[BUSINESSES])
METHODS = {
    "get-association-by-ID": "get_association_by_i_d",
    "delete-Business": "delete_business",
}
"""Of operations whose method is not simply spelled with underscores."""


async def call(sdk: HighLevel, operation: str, request: Request) -> dict[str, Any]:
    """The reply to the method of the SDK that stands for the operation."""
    service = sdk.businesses if operation in OPERATIONS[BUSINESSES] else sdk.associations
    arguments = {_snake(name): value for name, value in {**request.path, **request.query}.items()}
    if request.body is not None:
        arguments["request_body"] = request.body
    method = METHODS.get(operation, operation.replace("-", "_"))
    reply: dict[str, Any] = await getattr(service, method)(**arguments)
    return reply


def _snake(name: str) -> str:
    return re.sub("[A-Z]", lambda capital: "_" + capital[0].lower(), name)


@pytest.mark.parametrize("holder", ["location", "company"])
async def test_every_operation_succeeds(holder: str, sdk: HighLevel, world: World) -> None:
    sdk.set_private_integration_token(world.tenant.token if holder == "location" else world.tenant.company_token)

    replies = {operation: await call(sdk, operation, world.known(operation)) for operation in ALL}

    assert {operation: set(reply) - {"traceId"} for operation, reply in replies.items()} == {
        operation: REPLIES[operation] for operation in ALL
    }


async def test_every_operation_refuses(sdk: HighLevel, world: World) -> None:
    statuses = {}
    for operation in ALL:
        changes, _, message = REFUSED[operation]
        with pytest.raises(GHLError, match=f"^{message}$") as caught:
            await call(sdk, operation, changed(world.known(operation), changes))
        statuses[operation] = caught.value.status_code

    assert statuses == {operation: REFUSED[operation][1] for operation in ALL}


async def test_relations_from_every_side(sdk: HighLevel, world: World) -> None:
    """Two associations of one record, asked for each alone as the SDK sends a list, and where records show them."""
    location = world.tenant.location
    first, second = new_association(world)["id"], new_association(world)["id"]
    rex, ann = world.record(), contact(world)
    for association in (first, second):
        ends = {"associationId": association, "firstRecordId": rex, "secondRecordId": ann}
        await sdk.associations.create_relation({"locationId": location, **ends})

    of_rex = await sdk.associations.get_relations_by_record_id(rex, location, 0, 10)
    of_ann = await sdk.associations.get_relations_by_record_id(ann, location, 0, 10)
    of_one = await sdk.associations.get_relations_by_record_id(ann, location, 0, 10, association_ids=[second])
    of_both = await sdk.associations.get_relations_by_record_id(ann, location, 0, 10, association_ids=[first, second])
    read = await sdk.objects.get_record_by_id(OBJECT, rex)
    related = [
        {"field": "recordId", "operator": "eq", "value": [ann]},
        {"field": "associationId", "operator": "eq", "value": [first]},
    ]
    filters = [{"field": "relations", "operator": "nested", "value": related}]
    search = {"locationId": location, "page": 1, "pageLimit": 10, "query": "", "searchAfter": [], "filters": filters}
    found = await sdk.objects.search_object_records(search, schema_key=OBJECT)

    assert [each["associationId"] for each in of_rex["relations"]] == [first, second]
    assert of_ann["relations"] == of_rex["relations"] == of_both["relations"]
    assert (of_one["total"], [each["associationId"] for each in of_one["relations"]]) == (1, [second])
    shown = [(each["associationId"], each["objectKey"], each["recordId"]) for each in read["record"]["relations"]]
    assert shown == [(first, "contact", ann), (second, "contact", ann)]
    assert [(each["id"], len(each["relations"])) for each in found["records"]] == [(rex, 2)]


async def test_what_goes_with_an_association(sdk: HighLevel, world: World) -> None:
    location = world.tenant.location
    made = relation(world)

    await sdk.associations.delete_association(made["associationId"])
    left = await sdk.associations.get_relations_by_record_id(made["firstRecordId"], location, 0, 10)

    assert (left["relations"], left["total"]) == ([], 0)
    with pytest.raises(GHLError, match="not found"):
        await sdk.associations.get_association_key_by_key_name(made["key"], location)


async def test_a_business_is_a_record(sdk: HighLevel, world: World) -> None:
    location = world.tenant.location
    made = (await sdk.businesses.create_business({"locationId": location, "name": "Acme"}))["buiseness"]

    await sdk.objects.update_object_record("business", made["id"], location, {"properties": {"city": "Delhi"}})

    read = (await sdk.businesses.get_business(made["id"]))["business"]
    listed = (await sdk.businesses.get_businesses_by_location(location, limit="10", skip="0"))["businesses"]
    assert (read["name"], read["city"]) == ("Acme", "Delhi")
    assert listed == [read]
