"""The MCP server `ghl-mcp-server` of npm, unmodified but for GHL_BASE_URL: every tool on what this server has."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer
from typing import Any

import pytest

from tests.compat.known import OBJECT, World
from tests.compat.known_platform import ends
from tests.compat.known_sales import business
from tests.compat.node.driver import MODULES, NODE, bare_environment
from tests.compat.server import Server
from tests.world import PATIENCE_SECONDS

_OURS = re.compile("contact|location|opportunit|object|association|relation|custom_field|task|pipeline|timezone")
"""What the names of the tools have that are about what this server has."""
_WRONG_PATH = {
    "bulk_update_contact_tags": "/contacts/tags/bulk",
    "bulk_update_contact_business": "/contacts/business/bulk",
    "remove_contact_from_all_campaigns": "/contacts/.*/campaigns",
}
"""Tools that ask for paths which no document has."""
_SOMEBODY = "sx6wyHhbFdRXh302LLNR"

_HELLO = {"protocolVersion": "2024-11-05", "capabilities": {}, "clientInfo": {"name": "tests", "version": "1"}}


class Tools:
    """The tools, called over standard input and output as an assistant would."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.called: set[str] = set()
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

    def call(self, name: str, /, **arguments: Any) -> Any:
        """What a tool answers. Fails the test where it refuses."""
        answer = self._called(name, arguments)
        assert "error" not in answer, answer
        assert not answer["result"].get("isError"), answer
        return json.loads("".join(part["text"] for part in answer["result"]["content"]))

    def refusal(self, name: str, /, **arguments: Any) -> str:
        """Why a tool refuses. Fails the test where it does not."""
        answer = self._called(name, arguments)
        assert "error" in answer, answer
        return str(answer["error"]["message"])

    def _called(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        self.called.add(name)
        return self.ask("tools/call", name=name, arguments=arguments)


@contextmanager
def running(server: Server, location: str, token: str) -> Iterator[Tools]:
    """The tools of a location, in a process of their own."""
    environment = bare_environment() | {"GHL_BASE_URL": server.url, "GHL_API_KEY": token, "GHL_LOCATION_ID": location}
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


@pytest.mark.usefixtures("require_node")
def test_every_tool_on_what_is_here(server: Server, world: World) -> None:
    tenant = world.tenant
    with running(server, tenant.location, tenant.company_token) as tools:
        _locations(tools, world)
        called = tools.called
    with running(server, tenant.location, tenant.token) as tools:
        _objects(tools, world)
        _fields(tools, world)
        _associations(tools, world)
        _contacts(tools, world)
        _notes_and_tasks(tools, world)
        _opportunities(tools, world)
        _parts_of_locations(tools, world)
        called |= tools.called
        offered = {each["name"] for each in tools.ask("tools/list")["result"]["tools"]}

    assert called == {name for name in offered if _OURS.search(name)}


def _objects(tools: Tools, world: World) -> None:
    names = {"labels": {"singular": "Toy", "plural": "Toys"}, "key": "custom_objects.toy"}
    primary = {"key": "name", "name": "Name", "dataType": "TEXT"}
    record = world.record()
    here = {"schemaKey": OBJECT, "recordId": record}

    made = tools.call("create_object_schema", **names, primaryDisplayPropertyDetails=primary)
    assert made["object"]["key"] == "custom_objects.toy"
    assert OBJECT in {each["key"] for each in tools.call("get_all_objects")["objects"]}
    assert "large_text" in str(tools.call("get_object_schema", key=OBJECT, fetchProperties=True))
    searched = [f"{OBJECT}.name"]
    assert tools.call("update_object_schema", key=OBJECT, searchableProperties=searched)["success"]
    created = tools.call("create_object_record", schemaKey=OBJECT, properties={"name": "Tool"})
    assert created["record"]["properties"] == {"name": "Tool"}
    assert tools.call("get_object_record", **here)["record"]["properties"]["name"] == "Rex"
    found = tools.call("search_object_records", schemaKey=OBJECT, query="Rex")
    assert record in {each["id"] for each in found["records"]}
    assert tools.call("update_object_record", **here, properties={"name": "Max"})["success"]
    assert tools.call("delete_object_record", **here)["deletedId"] == record
    assert world.client.get(f"/objects/{OBJECT}/records/{record}").status_code == 404


def _fields(tools: Tools, world: World) -> None:
    folder = world.new_folder()
    field = {"objectKey": OBJECT, "fieldKey": f"{OBJECT}.tool", "dataType": "TEXT", "name": "Tool", "showInForms": True}

    assert "large_text" in str(tools.call("ghl_get_custom_fields_by_object_key", objectKey=OBJECT))
    assert world.folder in str(tools.call("ghl_get_custom_field_by_id", id=world.folder))
    made = tools.call("ghl_create_custom_field", **field, parentId=world.folder)["data"]["field"]["id"]
    assert tools.call("ghl_update_custom_field", id=made, name="Hammer", showInForms=False)["success"]
    assert world.get(f"/custom-fields/{made}")["field"]["name"] == "Hammer"
    assert tools.call("ghl_delete_custom_field", id=made)["success"]
    assert tools.call("ghl_create_custom_field_folder", objectKey=OBJECT, name="Tools")["success"]
    assert tools.call("ghl_update_custom_field_folder", id=folder, name="Other tools")["success"]
    assert tools.call("ghl_delete_custom_field_folder", id=folder)["success"]


def _associations(tools: Tools, world: World) -> None:
    labels = {"firstObjectLabel": "Pet", "secondObjectLabel": "Walker"}
    keys = {"firstObjectKey": OBJECT, "secondObjectKey": "contact"}
    sides = ends(world)

    made = tools.call("ghl_create_association", key="walker", **labels, **keys)["data"]["id"]
    assert made in str(tools.call("ghl_get_all_associations"))
    assert made in str(tools.call("ghl_get_association_by_id", associationId=made))
    assert made in str(tools.call("ghl_get_association_by_key", keyName="walker"))
    assert made in str(tools.call("ghl_get_association_by_object_key", objectKey=OBJECT))
    changed = {"firstObjectLabel": "Dog", "secondObjectLabel": "Walker"}
    assert "Dog" in str(tools.call("ghl_update_association", associationId=made, **changed))
    relation = tools.call("ghl_create_relation", **sides)["data"]["id"]
    assert relation in str(tools.call("ghl_get_relations_by_record", recordId=sides["firstRecordId"]))
    assert relation in str(tools.call("ghl_delete_relation", relationId=relation))
    assert made in str(tools.call("ghl_delete_association", associationId=made))


def _contacts(tools: Tools, world: World) -> None:
    person = {"firstName": "Ann", "lastName": "Lee", "email": "ann@tools.example"}
    made = tools.call("create_contact", **person, phone="+14155552671", source="tools")["id"]
    firm = business(world)
    one = {"contactId": made}

    assert tools.call("get_contact", **one)["email"] == "ann@tools.example"
    assert [each["id"] for each in tools.call("search_contacts", query="ann@tools")["contacts"]] == [made]
    assert tools.call("update_contact", **one, lastName="Smith")["lastName"] == "Smith"
    assert tools.call("upsert_contact", email=person["email"], source="again")["new"] is False
    # It encodes what it looks for twice: an address or a number with a plus arrives as none.
    assert tools.call("get_duplicate_contact", phone="4155552671")["id"] == made
    assert tools.call("add_contact_tags", **one, tags=["vip"])["tags"] == ["vip"]
    assert tools.call("remove_contact_tags", **one, tags=["vip"])["tags"] == []
    assert tools.call("add_contact_followers", **one, followers=[_SOMEBODY])["followers"] == [_SOMEBODY]
    assert tools.call("remove_contact_followers", **one, followers=[_SOMEBODY])["followers"] == []
    assert tools.call("get_contact_appointments", **one) == []
    world.post("/contacts/bulk/business", {"ids": [made], "businessId": firm})
    assert [each["id"] for each in tools.call("get_contacts_by_business", businessId=firm)["contacts"]] == [made]
    campaign = {**one, "campaignId": "Y2I9XM7aO1hncuSOlc9L"}
    assert tools.call("add_contact_to_campaign", **campaign)["succeded"]
    assert tools.call("remove_contact_from_campaign", **campaign)["succeded"]
    workflow = {**one, "workflowId": "sx6wyHhbFdRXh302LLNR"}
    assert tools.call("add_contact_to_workflow", **workflow, eventStartTime="2026-06-23T03:30:00+01:00")["succeded"]
    assert tools.call("remove_contact_from_workflow", **workflow)["succeded"]
    others = {"tags": ["x"], "operation": "add", "contactIds": [made], "businessId": firm, **one}
    for name, path in _WRONG_PATH.items():
        assert re.search(f"Cannot [A-Z]+ {path}", tools.refusal(name, **others)), name
    assert tools.call("delete_contact", **one)["succeded"]


def _notes_and_tasks(tools: Tools, world: World) -> None:
    one = {"contactId": tools.call("create_contact", email="bob@tools.example")["id"]}
    note = tools.call("create_contact_note", **one, body="Likes tea", userId=_SOMEBODY)["id"]
    task = tools.call("create_contact_task", **one, title="Call", dueDate="2026-10-25T11:00:00Z")["id"]
    this_note, this_task = {**one, "noteId": note}, {**one, "taskId": task}

    assert tools.call("get_contact_note", **this_note)["body"] == "Likes tea"
    assert tools.call("update_contact_note", **this_note, body="Likes milk")["body"] == "Likes milk"
    assert [each["id"] for each in tools.call("get_contact_notes", **one)] == [note]
    assert tools.call("delete_contact_note", **this_note)["succeded"]
    assert tools.call("get_contact_task", **this_task)["completed"] is False
    assert tools.call("update_contact_task", **this_task, title="Write")["title"] == "Write"
    assert tools.call("update_task_completion", **this_task, completed=True)["completed"] is True
    assert [each["id"] for each in tools.call("get_contact_tasks", **one)] == [task]
    found = tools.call("search_location_tasks", locationId=world.tenant.location, contactId=[one["contactId"]])
    assert [each["title"] for each in found["tasks"]] == ["Write"]
    assert tools.call("delete_contact_task", **this_task)["succeded"]


def _opportunities(tools: Tools, world: World) -> None:
    (pipeline, *_) = tools.call("get_pipelines")["pipelines"]
    contact = tools.call("create_contact", email="cleo@tools.example")["id"]
    deal = {"pipelineId": pipeline["id"], "contactId": contact, "name": "Deal", "status": "open"}

    assert tools.call("create_opportunity", **deal, monetaryValue=12.5)["success"]
    (made,) = tools.call("search_opportunities", contactId=contact)["opportunities"]
    one = {"opportunityId": made["id"]}
    assert made["id"] in str(tools.call("get_opportunity", **one))
    assert tools.call("update_opportunity", **one, name="Big deal")["success"]
    assert tools.call("upsert_opportunity", **deal)["success"]
    assert tools.call("update_opportunity_status", **one, status="won")["success"]
    assert tools.call("add_opportunity_followers", **one, followers=[_SOMEBODY])["followersAdded"] == [_SOMEBODY]
    assert tools.call("remove_opportunity_followers", **one, followers=[_SOMEBODY])["followers"] == []
    assert tools.call("delete_opportunity", **one)["success"]


def _locations(tools: Tools, world: World) -> None:
    """What takes a token of the company. The tenant is in the United States from then on."""
    company = {"companyId": world.tenant.company}
    made = tools.call("create_location", name="Tools", **company, country="US", timezone="US/Central")["location"]["id"]

    assert made in {each["id"] for each in tools.call("search_locations", **company, limit=100)["locations"]}
    assert tools.call("update_location", **world.located, **company, country="US")["location"]["country"] == "US"
    assert tools.call("get_location", locationId=made)["location"]["timezone"] == "US/Central"
    assert tools.call("delete_location", locationId=made, deleteTwilioAccount=False)["success"]
    assert tools.call("get_timezones", **world.located)["success"]


def _parts_of_locations(tools: Tools, world: World) -> None:
    here = {"locationId": world.tenant.location}
    tag = {**here, "tagId": tools.call("create_location_tag", **here, name="Gold")["tag"]["id"]}
    field = {**here, "customFieldId": _new_field(tools, here)}
    value = {**here, "customValueId": _new_value(tools, here)}

    assert "gold" in {each["name"] for each in tools.call("get_location_tags", **here)["tags"]}
    assert tools.call("update_location_tag", **tag, name="Silver")["tag"]["name"] == "silver"
    assert tools.call("get_location_tag", **tag)["tag"]["name"] == "silver"
    assert tools.call("delete_location_tag", **tag)["success"]
    assert "Size" in {each["name"] for each in tools.call("get_location_custom_fields", **here)["customFields"]}
    assert tools.call("update_location_custom_field", **field, name="Shoe size")["customField"]["name"] == "Shoe size"
    assert tools.call("get_location_custom_field", **field)["customField"]["dataType"] == "NUMERICAL"
    assert tools.call("delete_location_custom_field", **field)["success"]
    assert "Hours" in {each["name"] for each in tools.call("get_location_custom_values", **here)["customValues"]}
    assert tools.call("update_location_custom_value", **value, name="Hours", value="10 to 18")["success"]
    assert tools.call("get_location_custom_value", **value)["customValue"]["value"] == "10 to 18"
    assert tools.call("delete_location_custom_value", **value)["success"]
    for name in ("get_location_templates", "delete_location_template"):
        refused = tools.refusal(name, **here, originId="x", templateId="x")
        assert "Templates of messages are not supported" in refused


def _new_field(tools: Tools, here: dict[str, str]) -> str:
    made = tools.call("create_location_custom_field", **here, name="Size", dataType="NUMERICAL", model="contact")
    return str(made["customField"]["id"])


def _new_value(tools: Tools, here: dict[str, str]) -> str:
    return str(tools.call("create_location_custom_value", **here, name="Hours", value="9 to 17")["customValue"]["id"])
