"""The members of an opportunity."""

from __future__ import annotations

from groundlevel.crm.contacts.tags import fold_tag
from groundlevel.crm.members import Member, camel, search_names
from groundlevel.kernel.fields.money import DEFAULT_CURRENCY
from groundlevel.kernel.model import Json
from groundlevel.kernel.query.names import OF_LISTS, OF_TIMESTAMPS, Name, lower, same, to_record_id, to_timestamps
from groundlevel.kernel.timestamps import iso


def _amount(value: Json) -> Json:
    return {"currency": DEFAULT_CURRENCY, "value": value}


def _plain(stored: Json) -> Json:
    return stored["value"]


MEMBERS = (
    Member("name", clearable=False),
    Member("pipeline_id", clearable=False),
    Member("pipeline_stage_id", clearable=False),
    Member("contact_id", clearable=False),
    Member("status", clearable=False),
    Member("monetary_value", write=_amount, show=_plain),
    Member("source"),
    Member("assigned_to"),
    Member("lost_reason_id", "lost_reason"),
)
"""What is sent of an opportunity and shown of it. An amount is a plain number, in the location's currency."""
FOLLOWING = (
    Member("last_status_change_at", show=iso, searched=False),
    Member("last_stage_change_at", show=iso, searched=False),
)
"""What follows from other members: it is shown, and never sent."""
SHOWN = (*MEMBERS, *FOLLOWING)

_COLUMNS = {
    "date_added": Name("dateAdded"),
    "created_at": Name("createdAt"),
    "date_updated": Name("dateUpdated"),
    "updated_at": Name("updatedAt"),
    "id": Name("id", to_record_id),
    "followers": Name("followers", same_operators=OF_LISTS),
    "contact_name": Name("properties.contactName"),
    "company_name": Name("properties.businessName"),
    "email": Name("properties.contactEmail", lower),
    "phone": Name("properties.contactPhone"),
    "tags": Name("properties.tags", fold_tag, same_operators=OF_LISTS),
    "country": Name("properties.contactCountry"),
    **{
        name: Name(f"properties.last_{which}_change_at", to_timestamps, OF_TIMESTAMPS)
        for which in ("status", "stage")
        for name in (f"last_{which}_change_date", f"last_{which}_change_at")
    },
}
NAMES = {
    **search_names(SHOWN, same, camel),
    **{spelling(name): target for spelling in (same, camel) for name, target in _COLUMNS.items()},
}
"""What opportunities can be searched and sorted by, beside `custom_fields.<id>`: in snake_case, as is documented, and
as the members of their bodies are spelled."""
