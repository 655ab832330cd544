"""The cursor of a record is read back as the values by which it was sorted."""

from __future__ import annotations

import msgspec
import pytest

from groundlevel.kernel.model import Json, Record
from groundlevel.kernel.query.bind import bind
from groundlevel.kernel.query.cursor import cursor_of
from groundlevel.kernel.query.parse import parse_query
from tests.kernel.query.pets import PET, request_of

RECORD = Record(
    id="65a1b2c3d4e5f60718293a4b",
    created_at=1_705_095_875_852,
    updated_at=1_705_095_999_000,
    version=1,
    owners=(),
    followers=(),
    created_by="{}",
    updated_by="{}",
    properties=msgspec.json.encode(
        {"name": "Zoë", "price": {"currency": "EUR", "value": 3}, "born_on": "2024-07-11", "boxes.a": "x"}
    ).decode(),
)


@pytest.mark.parametrize(
    ("fields", "wire", "bound"),
    [
        ([], [1_705_095_875_852], ()),
        (["createdAt"], [1_705_095_875_852], ()),
        (["properties.name"], ["Zoë"], ("Zoë",)),
        (["properties.price", "createdAt"], [3], (3.0,)),
        (["properties.age", "properties.boxes.a"], [None, "x"], (None, "x")),
        (["updatedAt", "properties.born_on"], [1_705_095_999_000, "2024-07-11"], (1_705_095_999_000, "2024-07-11")),
    ],
)
def test_is_read_back(fields: list[str], wire: list[Json], bound: tuple[Json, ...]) -> None:
    body: dict[str, Json] = {"sort": [{"field": field} for field in fields]}
    plan = bind(parse_query(request_of(body), strict=True), PET, strict=True)
    cursor = cursor_of(plan, RECORD)
    assert cursor == [*wire, RECORD.id]
    again = bind(parse_query(request_of({**body, "searchAfter": cursor}), strict=True), PET, strict=True)
    assert again.after == (*bound, RECORD.id)
    assert again.order == plan.order
