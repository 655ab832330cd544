"""The official Python SDK, unchanged but for its base URL: every operation on opportunities.

See docs/contract.md#python-sdk.
"""

from __future__ import annotations

from typing import Any

import pytest
from highlevel import HighLevel  # type: ignore[import-untyped]

from tests.compat.deviations_sales import OPERATIONS, OPPORTUNITIES
from tests.compat.known import World
from tests.compat.test_python_sdk import snake

_ONE = {"opportunity"}
_DONE = {"succeded", "succeeded"}
REPLIES = {
    "create-opportunity": _ONE,
    "get-opportunity": _ONE,
    "update-opportunity": _ONE,
    "Upsert-opportunity": {"opportunity", "new"},
    "update-opportunity-status": _DONE,
    "delete-opportunity": _DONE,
    "add-followers-opportunity": {"followers", "followersAdded"},
    "remove-followers-opportunity": {"followers", "followersRemoved"},
    "search-opportunity": {"opportunities", "total", "aggregations", "meta"},
    "search-opportunities-advanced": {"opportunities", "total", "aggregations"},
    "get-pipelines": {"pipelines"},
    "get-lost-reason": {"lostReasons", "total"},
}
"""The members of each reply, beside the id of its trace."""


async def call(sdk: HighLevel, world: World, operation: str) -> dict[str, Any]:
    """The reply to the method of the SDK that stands for the operation, to a request that succeeds."""
    request = world.known(operation)
    arguments: dict[str, Any] = {snake(name): value for name, value in {**request.path, **request.query}.items()}
    if request.body is not None:
        arguments["request_body"] = request.body
    reply: dict[str, Any] = await getattr(sdk.opportunities, operation.lower().replace("-", "_"))(**arguments)
    return reply


@pytest.mark.parametrize("holder", ["location", "company"])
async def test_every_operation_succeeds(holder: str, sdk: HighLevel, world: World) -> None:
    sdk.set_private_integration_token(world.tenant.token if holder == "location" else world.tenant.company_token)

    replies = {operation: await call(sdk, world, operation) for operation in OPERATIONS[OPPORTUNITIES]}

    assert {operation: set(reply) - {"traceId"} for operation, reply in replies.items()} == REPLIES
    assert replies["Upsert-opportunity"]["new"] is True
    assert replies["add-followers-opportunity"]["followersAdded"]
