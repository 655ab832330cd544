"""What the kernel knows: locations, actors, objects, fields, records and events, as frozen values."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeAlias

from msgspec import Struct

Json: TypeAlias = Any
"""A JSON value: None, bool, int, float, str, list or dict of the same."""


MAX_SAFE_INTEGER = 2**53 - 1
"""Largest magnitude a number property may have, so that every client and engine holds it exactly."""


CUSTOM_PREFIX = "custom_objects."
"""What the key of every user-defined object starts with (docs/contract.md#decision-18)."""


class DataType(StrEnum):
    """The thirteen data types of docs/contract.md#field-types, by their wire names."""

    TEXT = "TEXT"
    LARGE_TEXT = "LARGE_TEXT"
    NUMERICAL = "NUMERICAL"
    PHONE = "PHONE"
    MONETARY = "MONETORY"
    CHECKBOX = "CHECKBOX"
    SINGLE_OPTIONS = "SINGLE_OPTIONS"
    MULTIPLE_OPTIONS = "MULTIPLE_OPTIONS"
    DATE = "DATE"
    TEXTBOX_LIST = "TEXTBOX_LIST"
    FILE_UPLOAD = "FILE_UPLOAD"
    RADIO = "RADIO"
    EMAIL = "EMAIL"


class IndexState(StrEnum):
    """How far the index over a field's values is: it is built online once filters or sorts want it."""

    NONE = "none"
    BUILDING = "building"
    """Writers keep it, but values written before are still being added."""
    READY = "ready"
    DROPPING = "dropping"
    """Nothing asks or keeps it any more, and what it holds is being removed."""


class Location(Struct, frozen=True, gc=False):
    """A sub-account, the tenant. `number` is its integer inside the database and never leaves it."""

    number: int
    id: str
    company_id: str
    name: str
    created_at: int
    details: dict[str, Json]
    """Free-form profile members shown by GET /locations/{id}: address, city, timezone, email, …"""


class Actor(Struct, frozen=True, gc=False):
    """Who calls: the holder of a token, and how far it reaches."""

    token_id: str
    company_id: str
    location_id: str | None
    """The one location it reaches; None for a company token, which reaches every location of its company."""
    scopes: frozenset[str]
    channel: str
    source: str
    source_id: str
    expires_at: int | None
    """The time (epoch ms) from which the token is refused; None means never."""
    kind: str = "token"
    """What holds it: a kind of author."""


class Option(Struct, frozen=True, gc=False, omit_defaults=True):
    """One choice of an option field. Records store `key`."""

    key: str
    label: str
    url: str | None = None


class Folder(Struct, frozen=True, gc=False):
    """A group of fields of one object."""

    id: str
    name: str
    standard: bool
    """Whether it is the object's default folder, which cannot be deleted."""
    created_at: int
    updated_at: int


class Field(Struct, frozen=True, gc=False):
    """The definition of one property of an object."""

    id: str
    number: int
    """The field's integer inside the database, unique in the whole database; never leaves it."""
    key: str
    """Short key, as used in `properties`."""
    stored_key: str
    """The key inside stored properties: `key`, or `key~N` when an earlier field of that name was deleted."""
    name: str
    data_type: DataType
    folder_id: str
    created_at: int
    updated_at: int
    description: str | None = None
    placeholder: str | None = None
    visible_in_forms: bool = True
    options: tuple[Option, ...] = ()
    accepted_formats: str | None = None
    max_file_limit: int | None = None
    custom_option_allowed: bool = False
    required: bool = False
    unique: bool = False
    sensitive: bool = False
    """Whether the log of changes says of a value only that it changed, never what it is (decision 0095)."""
    standard: bool = False
    position: int = 0
    index: IndexState = IndexState.NONE
    index_used_at: int = 0
    """How often records of the object had been written when a search was last known to use the index."""
    object_key: str = ""
    """The full key of the object whose field it is."""

    @property
    def full_key(self) -> str:
        """The key as the field shows itself, and as refusals name it: `custom_objects.pet.name`."""
        return f"{self.object_key}.{self.key}"


class Object(Struct, frozen=True, gc=False):
    """A schema: what records of one kind look like. Immutable; a change makes a new one with a new version."""

    number: int
    """The object's integer inside the database, unique in the whole database; never leaves it."""
    id: str
    key: str
    """Full key: `custom_objects.pet`, `business`."""
    singular: str
    plural: str
    description: str | None
    primary: str
    """Short key of the primary display property."""
    searchable: tuple[str, ...]
    """Short keys of the one to three (more for standard objects) properties that plain text search looks at."""
    standard: bool
    created_at: int
    updated_at: int
    version: int
    """The location's schema version at which this value was read. A write with a stale one is refused and retried."""
    fields: tuple[Field, ...] = ()
    folders: tuple[Folder, ...] = ()
    retired_keys: frozenset[str] = frozenset()
    """Stored keys of deleted fields: their values may still lie in old records and are never shown."""
    icon: str | None = None
    reindexing: bool = False
    """Whether some stored search texts are still made of other properties than `searchable`."""


class Record(Struct, frozen=True, gc=False):
    """A row as stored. Timestamps are epoch milliseconds."""

    id: str
    created_at: int
    updated_at: int
    version: int
    owners: tuple[str, ...]
    followers: tuple[str, ...]
    created_by: str
    """JSON text of an Origin."""
    updated_by: str
    """JSON text of an Origin."""
    properties: str
    """JSON text of the stored properties, by stored key."""


class Origin(Struct, frozen=True, gc=False, rename={"source_id": "sourceId"}):
    """From where a write came: what `createdBy` and `lastUpdatedBy` show."""

    channel: str
    source: str
    source_id: str


class Cardinality(StrEnum):
    """How many records of the second object one of the first may be related to, and the other way round."""

    ONE_TO_ONE = "ONE_TO_ONE"
    ONE_TO_MANY = "ONE_TO_MANY"
    MANY_TO_ONE = "MANY_TO_ONE"
    MANY_TO_MANY = "MANY_TO_MANY"


class Association(Struct, frozen=True, gc=False):
    """A rule by which records of two objects may be related, seen from the first object."""

    number: int
    """The association's integer inside the database; never leaves it."""
    id: str
    """24 hex characters, or the name of a system association."""
    key: str
    first_object: int
    """The number of the first object."""
    first_key: str
    """The key of the first object."""
    first_label: str
    second_object: int
    second_key: str
    second_label: str
    cardinality: Cardinality
    first_limit: int | None
    """Published limit: most second records of one first record; None for the usual one."""
    second_limit: int | None
    standard: bool
    created_at: int
    updated_at: int


class Relation(Struct, frozen=True, gc=False):
    """A link between two records. Its time of creation is in its id."""

    id: str
    association: int
    """The number of the association."""
    first_id: str
    second_id: str


class Event(Struct, frozen=True, gc=False):
    """Something that happened."""

    type: str
    subject: str
    """The id of what it happened to: events of one subject are delivered in their order."""
    payload: str
    """JSON text of an object: what the noun says of what happened."""
    at: int
    app_id: str | None = None
    """The app whom alone it concerns."""
    subscriber_id: str | None = None
    """The subscriber that alone receives it, whatever it asked for."""


class Subscriber(Struct, frozen=True, gc=False):
    """Who receives events of a location."""

    id: str
    events: frozenset[str]
    """The types it asked for; empty for all."""
    app_id: str | None
    scopes: frozenset[str]
    """What the app may read there; an app receives nothing else. Empty for a subscriber that is no app."""
