"""Requests known to succeed, one for each operation on imports, on what became of records, and on how much there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.compat.known_sales import Parts
from tests.world import wait_until

if TYPE_CHECKING:
    from tests.compat.known import World

_OBJECT = "custom_objects.pet"


def upload(world: World) -> str:
    """The id of a new import whose file was read."""
    world.make_object()
    query = {**world.located, "object": _OBJECT, "name": "pets.csv"}
    made: dict[str, Any] = world.client.post("/x/imports", params=query, content=b"name\nRex\n").json()
    import_id = str(made["import"]["id"])
    wait_until(lambda: world.get(f"/x/imports/{import_id}")["import"]["state"] == "done")
    return import_id


def deleted_record(world: World) -> str:
    """The id of a record that can be brought back."""
    record = world.record()
    assert world.client.delete(f"/objects/{_OBJECT}/records/{record}").is_success
    return record


def history_request(world: World, operation: str) -> Parts | None:
    """A request of the operation that succeeds; None for an operation on something else."""
    make = _KNOWN.get(operation)
    return None if make is None else make(world)


def _of_import(world: World, body: Any = None) -> Parts:
    return {"importId": upload(world)}, world.located, body


def _moment(world: World) -> dict[str, Any]:
    """The members that lead records back to where one of them was created that has been changed since."""
    path = f"/objects/{_OBJECT}/records/{world.record()}"
    created = world.client.get(path).json()["record"]["createdAt"]
    assert world.client.put(path, params=world.located, json={"properties": {"name": "Changed"}}).is_success
    return {"at": created, "dryRun": True}


_KNOWN: dict[str, Callable[[World], Parts]] = {
    "list-imports": lambda world: ({}, world.located, None),
    "get-import": _of_import,
    "start-import": lambda world: _of_import(world, {"dryRun": True}),
    "get-refused-rows": _of_import,
    "delete-import": _of_import,
    "get-record-history": lambda world: ({"schemaKey": _OBJECT, "id": world.record()}, {}, None),
    "restore-record-version": lambda world: ({"schemaKey": _OBJECT, "id": world.record()}, {}, {"version": 1}),
    "restore-records-as-of": lambda world: ({"schemaKey": _OBJECT}, {}, {**world.located, **_moment(world)}),
    "list-association-usage": lambda world: ({}, world.located, None),
    "list-bin": lambda world: ({}, world.located, None),
    "restore-deleted-record": lambda world: ({"id": deleted_record(world)}, world.located, None),
}
