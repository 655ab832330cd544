"""Refusals about records of standard objects."""

from __future__ import annotations

from groundlevel.kernel.errors import RecordNotFound


class ContactNotFound(RecordNotFound):
    """Contact not found"""

    code = "contact_not_found"
    hint = "Check the id; contact ids have 20 letters and digits."
    about = "No contact with this id is in reach of the token."
    noun = "Contact"

    @classmethod
    def example(cls) -> ContactNotFound:
        return cls("ocQHyuzHvysMo5N5VsXc")


class OpportunityNotFound(RecordNotFound):
    """Opportunity not found"""

    code = "opportunity_not_found"
    hint = "Check the id; opportunity ids have 20 letters and digits."
    about = "No opportunity with this id is in reach of the token."
    noun = "Opportunity"

    @classmethod
    def example(cls) -> OpportunityNotFound:
        return cls("yWQobCRIhRguQtD2llvk")
