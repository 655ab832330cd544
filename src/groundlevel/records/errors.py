"""Refusals about records that a body names, or that were changed since the client read them."""

from __future__ import annotations

from groundlevel.kernel.errors import SHOWN, BadRequest, PreconditionFailed


class UnknownReference(BadRequest):
    """The body names what the location does not have"""

    code = "unknown_reference"
    hint = "Take the id from the reply that created it; GET /opportunities/pipelines?locationId= lists the pipelines."
    about = "A body names a contact, company, pipeline or stage by an id that the location does not have."

    @classmethod
    def example(cls) -> UnknownReference:
        return cls("contactId: Contact (ocQHyuzHvysMo5N5VsXc) not found")


class RecordChanged(PreconditionFailed):
    """The record was changed since it was read"""

    code = "record_changed"
    hint = "Get the record again, decide anew, and send the ETag of that reply as If-Match."
    about = "If-Match names none of the states that the record is in: another request changed it. Nothing was stored."

    def __init__(self, record_id: str) -> None:
        super().__init__(f"Record ({record_id[:SHOWN]}) was changed since it was read")

    @classmethod
    def example(cls) -> RecordChanged:
        return cls("668fa61b0802420000000001")
