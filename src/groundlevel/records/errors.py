"""Refusals about records that a body names."""

from __future__ import annotations

from groundlevel.kernel.errors import BadRequest


class UnknownReference(BadRequest):
    """The body names what the location does not have"""

    code = "unknown_reference"
    hint = "Take the id from the reply that created it; GET /opportunities/pipelines?locationId= lists the pipelines."
    about = "A body names a contact, company, pipeline or stage by an id that the location does not have."

    @classmethod
    def example(cls) -> UnknownReference:
        return cls("contactId: Contact (ocQHyuzHvysMo5N5VsXc) not found")
