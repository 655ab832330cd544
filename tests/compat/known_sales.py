"""Requests known to succeed, one for each operation on businesses, contacts, opportunities and pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.compat.known import World

Parts = tuple[dict[str, str], dict[str, str], Any]
"""The path, the query and the body of a request."""

_PERSON = {"firstName": "Ann", "lastName": "Lee", "city": "Delhi", "dnd": False, "tags": ["vip"]}
_NOTE = {"body": "Likes tea", "userId": "GCs5KuzPqTls7vWclkEV", "title": "Taste", "color": "#FFAA00", "pinned": True}
_TASK = {
    "title": "Call back",
    "body": "About the saddle",
    "dueDate": "2026-10-25T11:00:00Z",
    "completed": False,
    "assignedTo": "hxHGVRb1YJUscrCB8eXK",
}
_USER = "sx6wyHhbFdRXh302LLNR"
_COMPANY = {"name": "Acme", "phone": "+14155552671", "email": "desk@acme.example", "postalCode": "10001"}


def business(world: World) -> str:
    """The id of a new business."""
    return str(world.post("/businesses/", dict(_COMPANY))["business"]["id"])


def person(world: World) -> dict[str, Any]:
    """The members of a contact that there is not yet."""
    return {**_PERSON, "email": f"ann{world.number()}@example.com"}


def contact(world: World) -> str:
    """The id of a new contact."""
    return str(world.post("/contacts/", person(world))["contact"]["id"])


def new_tag(world: World) -> str:
    """The id of a new tag of the location."""
    path = f"/locations/{world.tenant.location}/tags"
    made: dict[str, Any] = world.client.post(path, json={"name": f"tag {world.number()}"}).json()
    return str(made["tag"]["id"])


def note(world: World) -> dict[str, str]:
    """The contact and the id of a new note."""
    contact_id = contact(world)
    return {"contactId": contact_id, "id": world.post(f"/contacts/{contact_id}/notes", dict(_NOTE))["note"]["id"]}


def task(world: World) -> dict[str, str]:
    """The contact and the id of a new task."""
    contact_id = contact(world)
    return {"contactId": contact_id, "taskId": world.post(f"/contacts/{contact_id}/tasks", dict(_TASK))["task"]["id"]}


def deal(world: World) -> dict[str, Any]:
    """The members of an opportunity of a new contact."""
    pipeline = world.get("/opportunities/pipelines")["pipelines"][0]
    stage = pipeline["stages"][0]["id"]
    ids = {"pipelineId": pipeline["id"], "pipelineStageId": stage, "contactId": contact(world)}
    return {**ids, "name": "Deal", "status": "open", "monetaryValue": 12.5}


def opportunity(world: World) -> str:
    """The id of a new opportunity."""
    return str(world.post("/opportunities/", deal(world))["opportunity"]["id"])


def sales_request(world: World, operation: str) -> Parts | None:
    """A request of the operation that succeeds; None for an operation on something else."""
    located = world.located
    match operation:
        case "create-business":
            return {}, {}, {**located, **_COMPANY}
        case "get-businesses-by-location":
            return {}, {**located, "limit": "5", "skip": "0"}, None
        case "get-business" | "delete-Business":
            return {"businessId": business(world)}, {}, None
        case "update-business":
            return {"businessId": business(world)}, {}, dict(_COMPANY)
        case "get-contacts-by-businessId":
            return {"businessId": business(world)}, {**located, "limit": "5"}, None
        case "add-remove-contact-from-business":
            return {}, {}, {**located, "ids": [contact(world)], "businessId": business(world)}
        case "create-pipeline":
            return {}, {}, {**located, "name": "Other", "stages": ["Begin", "End"]}
        case "get-pipelines":
            return {}, located, None
    makers = (_of_contacts, _of_contact_parts, _of_tags, _of_notes_and_tasks, _of_record_notes, _of_opportunities)
    return next((parts for make in makers if (parts := make(world, operation)) is not None), None)


def _of_contacts(world: World, operation: str) -> Parts | None:
    located = world.located
    match operation:
        case "create-contact" | "upsert-contact":
            return {}, {}, {**located, **person(world)}
        case "get-contacts":
            return {}, {**located, "limit": "5"}, None
        case "search-contacts-advanced":
            return {}, {}, {**located, "pageLimit": 5}
        case "get-contact" | "delete-contact":
            return {"contactId": contact(world)}, {}, None
        case "update-contact":
            return {"contactId": contact(world)}, {}, dict(_PERSON)
        case "add-tags" | "remove-tags":
            return {"contactId": contact(world)}, {}, {"tags": ["vip"]}
    return None


def _of_contact_parts(world: World, operation: str) -> Parts | None:
    match operation:
        case "add-followers-contact" | "remove-followers-contact":
            return {"contactId": contact(world)}, {}, {"followers": ["sx6wyHhbFdRXh302LLNR"]}
        case "get-duplicate-contact":
            return {}, {**world.located, "email": "ann@example.com"}, None
        case (
            "get-appointments-for-contact"
            | "remove-contact-from-every-campaign"
            | "remove-contact-from-every-campaign-v3"
        ):
            return {"contactId": contact(world)}, {}, None
        case "add-contact-to-campaign" | "remove-contact-from-campaign":
            return {"contactId": contact(world), "campaignId": "Y2I9XM7aO1hncuSOlc9L"}, {}, None
        case "add-contact-to-workflow":
            return {"contactId": contact(world), "workflowId": "sx6wyHhbFdRXh302LLNR"}, {}, {}
        case "delete-contact-from-workflow":
            return {"contactId": contact(world), "workflowId": "sx6wyHhbFdRXh302LLNR"}, {}, None
    return None


def _of_tags(world: World, operation: str) -> Parts | None:
    located = world.located
    match operation:
        case "get-location-tags":
            return dict(located), {}, None
        case "create-tag":
            return dict(located), {}, {"name": f"tag {world.number()}"}
        case "get-tag-by-id" | "delete-tag":
            return {**located, "tagId": new_tag(world)}, {}, None
        case "update-tag":
            return {**located, "tagId": new_tag(world)}, {}, {"name": f"tag {world.number()}"}
        case "update-tags-of-contacts":
            return {"type": "add"}, {}, {**located, "contacts": [contact(world)], "tags": ["vip"]}
    return None


def _of_notes_and_tasks(world: World, operation: str) -> Parts | None:
    match operation:
        case "get-all-notes":
            return {"contactId": contact(world)}, {}, None
        case "create-note":
            return {"contactId": contact(world)}, {}, dict(_NOTE)
        case "get-note" | "delete-note":
            return note(world), {}, None
        case "update-note":
            return note(world), {}, {"body": "Likes milk", "title": None}
        case "get-all-tasks":
            return {"contactId": contact(world)}, {}, None
        case "create-task":
            return {"contactId": contact(world)}, {}, dict(_TASK)
        case "get-task" | "delete-task":
            return task(world), {}, None
        case "update-task":
            return task(world), {}, {"title": "Write", "dueDate": "2026-10-26"}
        case "update-task-completed":
            return task(world), {}, {"completed": True}
    return None


def _of_record_notes(world: World, operation: str) -> Parts | None:
    located = world.located
    match operation:
        case "create-record-note":
            related = [{"objectKey": "contact", "recordId": contact(world)}]
            return {}, located, {"body": "Likes tea", "relations": related, "userId": _NOTE["userId"]}
        case "search-notes":
            return {}, {}, {**located, "limit": 5, "count": True}
        case "get-record-note" | "delete-record-note":
            return {"id": note(world)["id"]}, located, None
        case "update-record-note":
            return {"id": note(world)["id"]}, located, {"body": "Likes milk", "pinned": False}
        case "update-note-relations":
            related = [{"objectKey": "contact", "recordId": contact(world)}]
            return {"id": note(world)["id"]}, located, {"type": "add", "relations": related}
        case "update-note-attachments" | "restore-note":
            return {"id": note(world)["id"]}, located, None
    return None


def _of_opportunities(world: World, operation: str) -> Parts | None:
    located = world.located
    match operation:
        case "create-opportunity":
            return {}, {}, {**located, **deal(world)}
        case "search-opportunity":
            return {}, {**located, "limit": "5"}, None
        case "search-opportunities-advanced":
            return {}, {}, {**located, "limit": 5}
        case "get-opportunity" | "delete-opportunity":
            return {"id": opportunity(world)}, {}, None
        case "update-opportunity":
            return {"id": opportunity(world)}, {}, {"name": "Other", "monetaryValue": 1}
        case "update-opportunity-status":
            return {"id": opportunity(world)}, {}, {"status": "won"}
        case "Upsert-opportunity":
            people = {"followers": [_USER], "isRemoveAllFollowers": False, "followersActionType": "add"}
            return {}, {}, {**located, **deal(world), **people}
        case "add-followers-opportunity" | "remove-followers-opportunity":
            return {"id": opportunity(world)}, {}, {"followers": [_USER]}
        case "get-lost-reason":
            return {}, {**located, "limit": "5"}, None
        case "create-lost-reason":
            return {}, {}, {**located, "name": f"Reason {world.number()}"}
        case "delete-lost-reason":
            body = {**located, "name": f"Reason {world.number()}"}
            reason = world.post("/x/lost-reasons", body)["lostReason"]["id"]
            return {"id": reason}, located, None
    return None
