"""The standard objects every location is born with (contract 4.1)."""

from __future__ import annotations

from msgspec import Struct

from groundlevel.ids import Ids
from groundlevel.model import DataType, Field, Folder, Object

TEXT, PHONE, EMAIL = DataType.TEXT, DataType.PHONE, DataType.EMAIL


class StandardObject(Struct, frozen=True):
    """A row of the table below; keys are short."""

    key: str
    singular: str
    plural: str
    primary: str
    required: tuple[str, ...]
    searchable: tuple[str, ...]
    fields: tuple[tuple[str, str, DataType], ...]
    """Key, name and type of each field."""


STANDARD_OBJECTS = (
    StandardObject(
        key="contact",
        singular="Contact",
        plural="Contacts",
        primary="email",
        required=("email",),
        searchable=("name", "email", "businessName", "tags", "phone"),
        fields=(
            ("first_name", "First Name", TEXT),
            ("last_name", "Last Name", TEXT),
            ("email", "Email", EMAIL),
            ("phone", "Phone", PHONE),
            ("company_name", "Company Name", TEXT),
            ("address1", "Street Address", TEXT),
            ("city", "City", TEXT),
            ("state", "State", TEXT),
            ("postal_code", "Postal Code", TEXT),
            ("country", "Country", TEXT),
            ("website", "Website", TEXT),
            ("timezone", "Time Zone", TEXT),
            ("source", "Contact Source", TEXT),
            ("date_of_birth", "Date Of Birth", DataType.DATE),
            ("type", "Contact Type", TEXT),
            ("tags", "Tags", DataType.MULTIPLE_OPTIONS),
        ),
    ),
    StandardObject(
        key="opportunity",
        singular="Opportunity",
        plural="Opportunities",
        primary="name",
        required=("name", "pipeline_id", "pipeline_stage_id", "contact_id"),
        searchable=("name", "contactName", "contactPhone", "contactEmail", "businessName", "tags"),
        fields=(
            ("name", "Opportunity Name", TEXT),
            ("pipeline_id", "Pipeline", TEXT),
            ("pipeline_stage_id", "Stage", TEXT),
            ("contact_id", "Primary Contact", TEXT),
            ("status", "Status", TEXT),
            ("monetary_value", "Opportunity Value", DataType.MONETARY),
            ("source", "Opportunity Source", TEXT),
            ("assigned_to", "Owner", TEXT),
            ("lost_reason", "Lost Reason", TEXT),
        ),
    ),
    StandardObject(
        key="business",
        singular="Company",
        plural="Companies",
        primary="name",
        required=("name",),
        searchable=("name", "email"),
        fields=(
            ("name", "Company Name", TEXT),
            ("phone", "Phone", PHONE),
            ("email", "Email", EMAIL),
            ("website", "Website", TEXT),
            ("address", "Address", TEXT),
            ("city", "City", TEXT),
            ("state", "State", TEXT),
            ("postalcode", "Postal Code", TEXT),
            ("country", "Country", TEXT),
            ("description", "Description", DataType.LARGE_TEXT),
        ),
    ),
)


def standard_objects(ids: Ids) -> list[Object]:
    """Fresh definitions of all standard objects, with ids of their own, not yet stored."""
    return [_definition(row, ids) for row in STANDARD_OBJECTS]


def _definition(row: StandardObject, ids: Ids) -> Object:
    now = ids.now()
    folder = Folder(ids.short_id(), f"{row.singular} Details", standard=True, created_at=now, updated_at=now)
    fields = tuple(
        Field(
            id=ids.short_id(),
            number=0,
            key=key,
            stored_key=key,
            name=name,
            data_type=data_type,
            folder_id=folder.id,
            created_at=now,
            updated_at=now,
            required=key in row.required,
            standard=True,
            position=position,
        )
        for position, (key, name, data_type) in enumerate(row.fields)
    )
    return Object(
        number=0,
        id=ids.object_id(),
        key=row.key,
        singular=row.singular,
        plural=row.plural,
        description=None,
        primary=row.primary,
        searchable=row.searchable,
        standard=True,
        created_at=now,
        updated_at=now,
        version=0,
        fields=fields,
        folders=(folder,),
    )
