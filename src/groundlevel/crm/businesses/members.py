"""The members of a business."""

from __future__ import annotations

from groundlevel.crm.members import Member

MEMBERS = (
    Member("name"),
    Member("phone"),
    Member("email"),
    Member("website"),
    Member("address"),
    Member("city"),
    Member("state"),
    Member("postal_code", "postalcode"),
    Member("country"),
    Member("description"),
)
"""What is sent of a business and shown of it; one field is spelled otherwise (docs/contract.md#standard-schemas)."""
