"""Refusals about contacts, opportunities and pipelines (contract 4.3)."""

from __future__ import annotations

from groundlevel.errors.base import BadRequest
from groundlevel.errors.records import RecordNotFound


class DuplicateContact(BadRequest):
    """This location does not allow duplicated contacts."""

    code = "duplicate_contact"
    hint = "meta.contactId is the contact that has it: update that one, or use POST /contacts/upsert."
    about = "Another contact of the location has this email address or phone number. Nothing was stored."


class ContactNotFound(RecordNotFound):
    """Contact not found"""

    code = "contact_not_found"
    hint = "Check the id; contact ids have 20 letters and digits."
    about = "No contact with this id is in reach of the token."
    noun = "Contact"


class OpportunityNotFound(RecordNotFound):
    """Opportunity not found"""

    code = "opportunity_not_found"
    hint = "Check the id; opportunity ids have 20 letters and digits."
    about = "No opportunity with this id is in reach of the token."
    noun = "Opportunity"


class UnknownReference(BadRequest):
    """The body names what the location does not have"""

    code = "unknown_reference"
    hint = "Take the id from the reply that created it; GET /opportunities/pipelines?locationId= lists the pipelines."
    about = "A body names a contact, company, pipeline or stage by an id that the location does not have."
