"""The MCP server `ghl-mcp-server` of npm, unmodified but for GHL_BASE_URL: tools on objects and contacts."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from threading import Timer
from typing import Any

import pytest

from tests.compat.known import OBJECT, World
from tests.compat.node.driver import MODULES, NODE, bare_environment
from tests.compat.server import Server
from tests.world import PATIENCE_SECONDS

_HELLO = {"protocolVersion": "2024-11-05", "capabilities": {}, "clientInfo": {"name": "tests", "version": "1"}}


class Tools:
    """The tools, called over standard input and output as an assistant would."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._number = 0

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """The server's answer, its result or its error."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._number += 1
        request = {"jsonrpc": "2.0", "id": self._number, "method": method, "params": params}
        impatience = Timer(PATIENCE_SECONDS, self._process.kill)
        impatience.start()
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
            answer: dict[str, Any] = {}
            while answer.get("id") != self._number:
                line = self._process.stdout.readline()
                assert line, "the MCP server has ended"
                answer = json.loads(line)
        finally:
            impatience.cancel()
        return answer

    def call(self, name: str, **arguments: Any) -> str:
        """What a tool says. Fails the test where it refuses."""
        answer = self.ask("tools/call", name=name, arguments=arguments)
        assert "error" not in answer, answer
        assert not answer["result"].get("isError"), answer
        return "".join(part["text"] for part in answer["result"]["content"])


@pytest.fixture
def tools(require_node: None, server: Server, world: World) -> Iterator[Tools]:
    environment = bare_environment() | {
        "GHL_BASE_URL": server.url,
        "GHL_API_KEY": world.place.token,
        "GHL_LOCATION_ID": world.place.location,
    }
    command = [str(NODE), str(MODULES / "ghl-mcp-server" / "dist" / "server.js")]
    pipe = subprocess.PIPE
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, stderr=said) as process,
    ):
        try:
            made = Tools(process)
            made.ask("initialize", **_HELLO)
            yield made
        finally:
            process.kill()


def test_objects_and_records(tools: Tools, world: World) -> None:
    record = world.record()

    assert OBJECT in tools.call("get_all_objects")
    assert "large_text" in tools.call("get_object_schema", key=OBJECT, fetchProperties=True)
    assert "Tool" in tools.call("create_object_record", schemaKey=OBJECT, properties={"name": "Tool"})
    assert "Rex" in tools.call("get_object_record", schemaKey=OBJECT, recordId=record)
    assert record in tools.call("search_object_records", schemaKey=OBJECT, query="Rex")
    assert "Max" in tools.call("update_object_record", schemaKey=OBJECT, recordId=record, properties={"name": "Max"})
    assert record in tools.call("delete_object_record", schemaKey=OBJECT, recordId=record)
    assert world.client.get(f"/objects/{OBJECT}/records/{record}").status_code == 404


def test_fields_and_associations(tools: Tools, world: World) -> None:
    assert "large_text" in tools.call("ghl_get_custom_fields_by_object_key", objectKey=OBJECT)
    assert world.folder in tools.call("ghl_get_custom_field_by_id", id=world.folder)
    assert "associations" in tools.call("ghl_get_all_associations")


def test_contacts(tools: Tools, world: World) -> None:
    made = tools.call("create_contact", firstName="Ann", lastName="Lee", email="ann@tools.example")
    (contact,) = world.get("/contacts/")["contacts"]

    assert contact["id"] in made
    assert "ann@tools.example" in tools.call("get_contact", contactId=contact["id"])
    assert contact["id"] in tools.call("search_contacts", query="ann")
    assert "vip" in tools.call("add_contact_tags", contactId=contact["id"], tags=["vip"])
