"""Refusals about records that a body or a row names, or that were changed since the client read them."""

from __future__ import annotations

from collections.abc import Mapping

from groundlevel.kernel.errors import SHOWN, BadRequest, PreconditionFailed, Refusal


class UnknownReference(BadRequest):
    """The body names what the location does not have"""

    code = "unknown_reference"
    hint = "Take the id from the reply that created it; GET /opportunities/pipelines?locationId= lists the pipelines."
    about = "A body names a contact, company, pipeline or stage by an id that the location does not have."

    @classmethod
    def example(cls) -> UnknownReference:
        return cls("contactId: Contact (ocQHyuzHvysMo5N5VsXc) not found")


class MatchValueMissing(BadRequest):
    """The row has no value by which its record could be recognised"""

    code = "match_value_missing"
    hint = "Send the matched property under its short key, or the id of the record."
    about = "A row of an upsert, or an update or deletion by a field, holds no value of that field. It was left out."

    @classmethod
    def example(cls) -> MatchValueMissing:
        return cls(field_key="custom_objects.pet.chip")


class ChunkRefused(BadRequest):
    """The row was not written, since another row of its chunk was refused"""

    code = "chunk_refused"
    hint = "Mend the row that is refused for a reason of its own, and send the chunk again."
    about = "With atomic=chunk, the rows of a chunk are written together or not at all."

    def __init__(self, refused: Mapping[int, Refusal] | None = None) -> None:
        super().__init__()
        self.refused = refused or {}
        """The rows with reasons of their own, by their place in the chunk."""


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
