"""The members of a contact."""

from __future__ import annotations

from groundlevel.crm.contacts.dates import iso_day
from groundlevel.crm.contacts.tags import fold_tag, written_tags
from groundlevel.crm.members import Member, camel, search_names
from groundlevel.kernel.codec import decode_object, encode_text
from groundlevel.kernel.model import Json
from groundlevel.kernel.query.names import OF_LISTS, Name, flag, lower, to_record_id
from groundlevel.standard.objects import BUSINESSES_CONTACTS


def _day(value: Json) -> Json:
    return iso_day(value) if isinstance(value, str) else value


def _is_true(stored: Json) -> Json:
    return stored == "true"


def _settings(value: Json) -> Json:
    return encode_text(value) if isinstance(value, dict) else value


MEMBERS = (
    Member("name", other_names=("contact_name",)),
    Member("first_name"),
    Member("last_name"),
    Member("email", searched_key="email_lower_case", read=lower),
    Member("phone"),
    Member("company_name"),
    Member("address1", other_names=("address",)),
    Member("city"),
    Member("state"),
    Member("postal_code"),
    Member("country"),
    Member("website"),
    Member("timezone"),
    Member("source"),
    Member("type"),
    Member("gender"),
    Member("date_of_birth", write=_day),
    Member("assigned_to"),
    Member("dnd", write=flag, show=_is_true, read=flag),
    Member("dnd_settings", write=_settings, show=decode_object, searched=False),
    Member("inbound_dnd_settings", write=_settings, show=decode_object, searched=False),
    Member("tags", write=written_tags, read=fold_tag, same_operators=OF_LISTS),
)
"""What is sent of a contact and shown of it. A field keeps a boolean, and what has parts, as text."""

LOWER_CASE = {
    "first_name_lower_case": "first_name",
    "last_name_lower_case": "last_name",
    "full_name_lower_case": "name",
    "email_lower_case": "email",
}
"""What is kept in lower case too, so that filters and sorts may leave case aside."""
FOLLOWING = tuple(Member(key, read=lower) for key in LOWER_CASE)
"""What follows from other members: it is shown, and never sent."""
SHOWN = (*MEMBERS, *FOLLOWING)

NAMES = {
    **search_names(SHOWN, camel),
    "businessId": Name(BUSINESSES_CONTACTS, association=True),
    "id": Name("id", to_record_id),
    "dateAdded": Name("dateAdded"),
    "dateUpdated": Name("dateUpdated"),
    "createdAt": Name("createdAt"),
    "updatedAt": Name("updatedAt"),
}
"""What contacts can be searched and sorted by, beside `customFields.<id>`. An e-mail address is compared without
regard to case."""
