"""Refusals about contacts, opportunities and pipelines (docs/contract.md#sales-operations)."""

from __future__ import annotations

from collections.abc import Mapping

from groundlevel.kernel.errors import BadRequest, NotFound
from groundlevel.kernel.model import Json


class TagNotFound(NotFound):
    """Tag not found"""

    code = "tag_not_found"
    hint = "GET /locations/{locationId}/tags lists the tags with their ids."
    about = "No tag of the location has this id."

    def __init__(self, tag_id: str) -> None:
        super().__init__(f"Tag ({tag_id[:100]}) not found")

    @classmethod
    def example(cls) -> TagNotFound:
        return cls("flGwEuzsfJOia1i1ikRN")


class DuplicateContact(BadRequest):
    """This location does not allow duplicated contacts."""

    code = "duplicate_contact"
    hint = "meta.contactId is the contact that has it: update that one, or use POST /contacts/upsert."
    about = "Another contact of the location has this email address or phone number. Nothing was stored."

    def __init__(self, contact_id: str, matching: str) -> None:
        super().__init__()
        self.contact_id = contact_id
        """The contact that has it, by its id of 20 characters."""
        self.matching = matching
        """Which of the two it has: `email` or `phone`."""

    @property
    def meta(self) -> Mapping[str, Json]:
        return {"contactId": self.contact_id, "matchingField": self.matching}

    @classmethod
    def example(cls) -> DuplicateContact:
        return cls("ocQHyuzHvysMo5N5VsXc", "email")
