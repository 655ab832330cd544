"""Refusals about contacts, opportunities and pipelines (contract 4.3)."""

from __future__ import annotations

from groundlevel.errors.base import SHOWN, BadRequest, NotFound


class DuplicateContact(BadRequest):
    """This location does not allow duplicated contacts."""

    code = "duplicate_contact"
    hint = "meta.contactId is the contact that has it: update that one, or use POST /contacts/upsert."
    about = "Another contact of the location has this email address or phone number. Nothing was stored."


class ContactNotFound(NotFound):
    """Contact not found"""

    code = "contact_not_found"
    hint = "Check the id; contact ids have 20 letters and digits."
    about = "No contact with this id is in reach of the token."

    def __init__(self, contact_id: str) -> None:
        super().__init__(f"Contact ({contact_id[:SHOWN]}) not found")


class OpportunityNotFound(NotFound):
    """Opportunity not found"""

    code = "opportunity_not_found"
    hint = "Check the id; opportunity ids have 20 letters and digits."
    about = "No opportunity with this id is in reach of the token."

    def __init__(self, opportunity_id: str) -> None:
        super().__init__(f"Opportunity ({opportunity_id[:SHOWN]}) not found")


class PipelineNotFound(NotFound):
    """Pipeline not found"""

    code = "pipeline_not_found"
    hint = "GET /opportunities/pipelines?locationId= lists the pipelines with their stages."
    about = "The location has no pipeline with this id, or the pipeline no stage with this id."

    def __init__(self, pipeline_id: str) -> None:
        super().__init__(f"Pipeline ({pipeline_id[:SHOWN]}) not found")
