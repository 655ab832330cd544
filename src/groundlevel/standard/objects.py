"""The standard objects and associations that every location has (docs/contract.md#relations, #standard-schemas)."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from groundlevel.kernel.ids import Ids
from groundlevel.kernel.model import Association, Cardinality, DataType, Field, Folder, Object

CONTACT, OPPORTUNITY, BUSINESS = "contact", "opportunity", "business"
"""The keys of the standard objects."""
BUSINESSES_CONTACTS = "BUSINESSES_CONTACTS_ASSOCIATION"
"""The association by which a contact belongs to a business: its relation alone says to which."""
OPPORTUNITIES_CONTACTS = "OPPORTUNITIES_CONTACTS_ASSOCIATION"
"""The association of opportunities with contacts, their primary contact among them."""

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
    unique: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    """The choices that take any text beside their options."""


STANDARD_OBJECTS = (
    StandardObject(
        key=CONTACT,
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
            ("name", "Name", TEXT),
            ("assigned_to", "Owner", TEXT),
            ("dnd", "DND", TEXT),
            ("dnd_settings", "DND Settings", DataType.LARGE_TEXT),
            ("inbound_dnd_settings", "Inbound DND Settings", DataType.LARGE_TEXT),
            ("gender", "Gender", TEXT),
            ("first_name_lower_case", "First Name, Lower Case", TEXT),
            ("last_name_lower_case", "Last Name, Lower Case", TEXT),
            ("full_name_lower_case", "Full Name, Lower Case", TEXT),
            ("email_lower_case", "Email, Lower Case", TEXT),
        ),
        unique=("email", "phone"),
        free=("tags",),
    ),
    StandardObject(
        key=OPPORTUNITY,
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
            ("last_status_change_at", "Last Status Change", DataType.NUMERICAL),
            ("last_stage_change_at", "Last Stage Change", DataType.NUMERICAL),
            ("contactName", "Contact Name", TEXT),
            ("contactEmail", "Contact Email", EMAIL),
            ("contactPhone", "Contact Phone", PHONE),
            ("businessName", "Business Name", TEXT),
            ("contactCountry", "Contact Country", TEXT),
            ("tags", "Tags", DataType.MULTIPLE_OPTIONS),
        ),
        free=("tags",),
    ),
    StandardObject(
        key=BUSINESS,
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


class StandardAssociation(Struct, frozen=True):
    """A row of the table below."""

    id: str
    first: str
    """The key of the first object, whose label is its singular name."""
    second: str
    cardinality: Cardinality
    first_limit: int
    """Published limit: most second records of one first record (docs/contract.md#relations)."""
    second_limit: int


STANDARD_ASSOCIATIONS = (
    StandardAssociation(BUSINESSES_CONTACTS, BUSINESS, CONTACT, Cardinality.ONE_TO_MANY, 10_000, 1),
    StandardAssociation(OPPORTUNITIES_CONTACTS, OPPORTUNITY, CONTACT, Cardinality.MANY_TO_MANY, 25, 1000),
)


def standard_associations(objects: Mapping[str, Object]) -> list[Association]:
    """All standard associations of a location, not yet stored, given its stored objects by key."""
    return [_association(row, objects[row.first], objects[row.second]) for row in STANDARD_ASSOCIATIONS]


def _association(row: StandardAssociation, first: Object, second: Object) -> Association:
    return Association(
        number=0,
        id=row.id,
        key=row.id,
        first_object=first.number,
        first_key=first.key,
        first_label=first.singular,
        second_object=second.number,
        second_key=second.key,
        second_label=second.singular,
        cardinality=row.cardinality,
        first_limit=row.first_limit,
        second_limit=row.second_limit,
        standard=True,
        created_at=second.created_at,
        updated_at=second.created_at,
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
            unique=key in row.unique,
            custom_option_allowed=key in row.free,
            standard=True,
            position=position,
            object_key=row.key,
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
