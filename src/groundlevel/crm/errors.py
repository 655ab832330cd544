"""Refusals about contacts, opportunities and pipelines (contract 4.3)."""

from __future__ import annotations

from groundlevel.kernel.errors import BadRequest


class DuplicateContact(BadRequest):
    """This location does not allow duplicated contacts."""

    code = "duplicate_contact"
    hint = "meta.contactId is the contact that has it: update that one, or use POST /contacts/upsert."
    about = "Another contact of the location has this email address or phone number. Nothing was stored."
