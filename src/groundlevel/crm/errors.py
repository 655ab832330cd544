"""Refusals about contacts, opportunities and pipelines (docs/contract.md#sales-operations)."""

from __future__ import annotations

from collections.abc import Mapping

from groundlevel.kernel.errors import BadRequest
from groundlevel.kernel.model import Json


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
