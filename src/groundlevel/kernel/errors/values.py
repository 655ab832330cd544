"""Refusals about objects, records, their values and searches of them."""

from __future__ import annotations

from typing import ClassVar

from groundlevel.kernel.errors.base import SHOWN, BadRequest, NotFound, Unprocessable


class UnknownProperty(BadRequest):
    """We couldn't validate the mapped field"""

    code = "unknown_property"
    hint = "Use the short key of a field that exists: GET /objects/{key}?fetchProperties=true lists them."
    about = "A property key does not belong to the object. Fields are never created implicitly."

    @classmethod
    def example(cls) -> UnknownProperty:
        return cls(
            "We couldn't validate the mapped field: color is not a field of custom_objects.pet",
            field_key="custom_objects.pet.color",
        )


class InvalidValue(BadRequest):
    """The value does not fit the field"""

    code = "invalid_value"
    hint = "See the field's dataType: every data type accepts the JSON shown in its reference page."
    about = "A property value does not fit its field's data type. Nothing was stored."

    @classmethod
    def example(cls) -> InvalidValue:
        return cls("Age: expected a number, got a string", field_key="custom_objects.pet.age")


class RequiredPropertyMissing(BadRequest):
    """A required property is missing"""

    code = "required_property_missing"
    hint = "Send a value for every required property; the primary display property is always required."
    about = "A record was created without a required property, or an update would clear it."

    @classmethod
    def example(cls) -> RequiredPropertyMissing:
        return cls("Missing required properties to create Pet - name", field_key="custom_objects.pet.name")


class UniqueConflict(BadRequest):
    """The value must be unique"""

    code = "unique_property_conflict"
    hint = "Another record of this object holds the value. Search for it and update that record instead."
    about = "A property marked unique already has this value in another record."

    @classmethod
    def example(cls) -> UniqueConflict:
        return cls("Chip must be unique: another record of Pets has this value", field_key="custom_objects.pet.chip")


class MatchNotUnique(BadRequest):
    """The matched field does not tell records apart: it is not unique"""

    code = "match_not_unique"
    hint = "Name a field with unique values: of two writers of one value only one may create a record."
    about = "Records are recognised by a field whose values are unique. Nothing was stored."

    @classmethod
    def example(cls) -> MatchNotUnique:
        key = "custom_objects.pet.name"
        return cls(f"{key} does not tell records apart: it is not unique", field_key=key)


class InvalidCursor(BadRequest):
    """searchAfter is not a cursor of this search"""

    code = "invalid_cursor"
    hint = "Send the searchAfter of the last record of the previous page, with the same sort."
    about = "A cursor holds one value per sort key and the record id. It fits only the sort it came from."

    @classmethod
    def example(cls) -> InvalidCursor:
        return cls("searchAfter must hold the id of a record")


class InvalidField(Unprocessable):
    """Invalid field"""

    code = "invalid_field"
    hint = "Filter and sort by properties.<short key>, createdAt, updatedAt, id, owners or followers."
    about = "A filter or sort names no field of the object, or lacks the `properties.` prefix."

    @classmethod
    def example(cls) -> InvalidField:
        return cls("Invalid field - age")


class InvalidFilter(Unprocessable):
    """Invalid filter"""

    code = "invalid_filter"
    hint = "See the operators of the field's data type on the search reference page."
    about = "The filter's operator does not apply to the field's data type, or its value has the wrong type."

    @classmethod
    def example(cls) -> InvalidFilter:
        return cls("filters[0], properties.age: expected a number, got a string")


class InvalidUpdate(Unprocessable):
    """We couldn't apply updates due to an unexpected format"""

    code = "invalid_update"
    hint = 'Send {"add": [...], "remove": [...]} for a field with many values.'
    about = "An update of a field with many values has an unknown form."

    @classmethod
    def example(cls) -> InvalidUpdate:
        return cls("We couldn't apply updates to Tags due to an unexpected format", field_key="custom_objects.pet.tags")


class RecordNotFound(NotFound):
    """Record not found"""

    code = "record_not_found"
    hint = "Check the id, and that the path names the record's own object."
    about = "The object has no record with this id: it was deleted, belongs to another object, or never existed."
    noun: ClassVar[str] = "Record"

    def __init__(self, record_id: str) -> None:
        super().__init__(f"{self.noun} ({record_id[:SHOWN]}) not found")

    @classmethod
    def example(cls) -> RecordNotFound:
        return cls("668fa61b0802420000000001")


class InvalidKey(BadRequest):
    """The key is not valid"""

    code = "invalid_key"
    hint = "A key starts with a lower-case letter and has only lower-case letters, digits and underscores."
    about = "Keys match [a-z][a-z0-9_]* and never change."

    @classmethod
    def example(cls) -> InvalidKey:
        return cls("'Age' is not a valid field key", field_key="custom_objects.pet.Age")


class NotSupported(BadRequest):
    """The operation is not supported for this object"""

    code = "not_supported"
    hint = "Records can be kept for custom objects and for business; contact and opportunity have APIs of their own."
    about = "The object exists but the operation does not apply to it."

    @classmethod
    def example(cls) -> NotSupported:
        return cls("Records of contact are not available through the Objects API")


class LimitExceeded(BadRequest):
    """A limit was exceeded"""

    code = "limit_exceeded"
    hint = "Send fewer entries."
    about = "More entries than the platform allows: one owner, ten followers, three searchable properties, and so on."

    @classmethod
    def example(cls) -> LimitExceeded:
        return cls("A record can have at most 1 owner, but received 2")


class ObjectNotFound(NotFound):
    """Custom Object not found"""

    code = "object_not_found"
    hint = "Custom objects are addressed as custom_objects.<key> or by id; GET /objects/?locationId= lists them."
    about = "The location has no object with this key or id."

    def __init__(self, key: str) -> None:
        super().__init__(f"Custom Object ({key[:SHOWN]}) not found")

    @classmethod
    def example(cls) -> ObjectNotFound:
        return cls("custom_objects.owner")


class DuplicateKey(BadRequest):
    """The key is already in use"""

    code = "duplicate_key"
    hint = "Keys are unique and cannot be changed; pick another one."
    about = "An object, field or option with this key exists already."

    @classmethod
    def example(cls) -> DuplicateKey:
        return cls("A field with the key custom_objects.pet.age already exists", field_key="custom_objects.pet.age")


class InUse(BadRequest):
    """It cannot be deleted while it is in use"""

    code = "in_use"
    hint = "Remove what depends on it first."
    about = "The primary field, searchable ones, and folders with fields cannot be deleted."

    @classmethod
    def example(cls) -> InUse:
        return cls(
            "Pet name is the primary display property of Pet and cannot be deleted", field_key="custom_objects.pet.name"
        )
