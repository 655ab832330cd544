"""Fills a database from a seed file: locations, users, objects and records, through the same use cases as requests.

A seed file is one JSON object, or says the same as YAML; unknown members are refused. `demo.json` beside this module
is the packaged example.

    {
      "locations": [
        {
          "name": "…",                          a location of this name that exists already is left as it is
          "details": {"city": "…"},             optional: members shown by GET /locations/{id}
          "users": [{"ref": "ann", "firstName": "…", "lastName": "…", "email": "…"}],
          "objects": [
            {
              "key": "pet",
              "labels": {"singular": "Pet", "plural": "Pets"},
              "description": "…",
              "primary": {"key": "name", "name": "Name", "dataType": "TEXT"},
              "searchable": ["name"],           optional: short keys, one to three; the primary one if absent
              "folders": ["Health"],            optional: folders beside the default one
              "fields": [
                {"key": "species", "name": "Species", "dataType": "SINGLE_OPTIONS", "folder": "Health",
                 "options": [{"key": "dog", "label": "Dog"}], "required": true, "unique": false,
                 "description": "…", "placeholder": "…", "showInForms": true,
                 "acceptedFormats": ".pdf", "maxFileLimit": 3, "allowCustomOption": false}
              ],
              "records": [
                {"properties": {"name": "Rex", "species": "dog"}, "owners": ["ann"], "followers": []}
              ]
            }
          ],
          "contactFields": [{"key": "…", "name": "…", "dataType": "…"}],  optional: added to contacts, as above
          "sales": {"contacts": […], …}         optional: see seed_sales.py
        }
      ]
    }

Owners and followers are named by the `ref` of a user of the file.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import msgspec
from msgspec import Struct, field

from groundlevel.access.rules import NewUser, create_user, list_locations
from groundlevel.kernel.errors import Conflict, InputError, Refusal
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import Json, Location, Origin
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction, list_objects
from groundlevel.kernel.usecase import Call, perform
from groundlevel.locations.rules import NewLocation, create_location
from groundlevel.records.rules import NewRecord, create_record
from groundlevel.schema.field_rules import NewField, NewOption, create_field, insert_field
from groundlevel.schema.folder_rules import NewFolder, create_folder
from groundlevel.schema.object_rules import NewObject, ObjectChange, create_object, get_object, update_object
from groundlevel.seed.sales import SeedSales, seed_sales
from groundlevel.seed.yaml_text import YamlMissing, json_of_yaml
from groundlevel.standard.objects import CONTACT

DEMO = "demo"
"""The name under which the packaged seed goes."""

ORIGIN = Origin(channel="OAUTH", source="INTEGRATION", source_id="groundlevel-seed")
"""What seeded records show as createdBy (docs/contract.md#record-replies)."""


class SeedError(InputError):
    """A seed file cannot be read or holds what the platform refuses; the message says where."""

    advice = "What was seeded before stays: correct the file and use an empty database."

    def __init__(self, message: str, advice: str | None = None) -> None:
        super().__init__(message)
        if advice is not None:
            self.advice = advice


class LocationFilled(Conflict):
    """The location holds something already"""

    code = "location_filled"
    hint = "Create another location, which is empty, and fill that."
    about = "Demo data is made only in a location without objects, fields and records of its own. Nothing was stored."


class _Part(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Part of a seed file."""


class SeedUser(_Part, frozen=True, kw_only=True):
    """A person; `ref` is its name inside the file."""

    ref: str
    first_name: str
    last_name: str
    email: str


class SeedOption(_Part, frozen=True, kw_only=True):
    """A choice of an option field."""

    key: str
    label: str
    url: str | None = None


class SeedField(_Part, frozen=True, kw_only=True):
    """A field; `folder` is the name of a folder of the object."""

    key: str
    name: str
    data_type: str
    folder: str | None = None
    options: list[SeedOption] | None = None
    required: bool = False
    unique: bool = False
    sensitive: bool = False
    description: str | None = None
    placeholder: str | None = None
    show_in_forms: bool = True
    accepted_formats: str | None = None
    max_file_limit: int | None = None
    allow_custom_option: bool | None = None


class SeedLabels(_Part, frozen=True, kw_only=True):
    """What an object is called."""

    singular: str
    plural: str


class SeedPrimary(_Part, frozen=True, kw_only=True):
    """The primary display property."""

    key: str
    name: str
    data_type: str = "TEXT"


class SeedRecord(_Part, frozen=True, kw_only=True):
    """A record; owners and followers by `ref`."""

    properties: dict[str, Json]
    owners: list[str] = field(default_factory=list)
    followers: list[str] = field(default_factory=list)


class SeedObject(_Part, frozen=True, kw_only=True):
    """An object with its fields and records."""

    key: str
    labels: SeedLabels
    primary: SeedPrimary
    description: str | None = None
    searchable: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    fields: list[SeedField] = field(default_factory=list)
    records: list[SeedRecord] = field(default_factory=list)


class SeedLocation(_Part, frozen=True, kw_only=True):
    """A location with everything in it."""

    name: str
    details: dict[str, Json] = field(default_factory=dict)
    users: list[SeedUser] = field(default_factory=list)
    objects: list[SeedObject] = field(default_factory=list)
    contact_fields: list[SeedField] = field(default_factory=list)
    sales: SeedSales = SeedSales()


class Seed(_Part, frozen=True, kw_only=True):
    """A seed file."""

    locations: list[SeedLocation]


class SeededLocation(Struct, frozen=True):
    """A location of a seed, and whether it was created."""

    location: Location
    created: bool
    """Whether it was made; False when a location of its name was there."""
    objects: int = 0
    records: int = 0


def load_seed(source: str) -> Seed:
    """The seed called `demo`, or the one in the file at this path. Raises SeedError."""
    try:
        if source == DEMO:
            text = (resources.files("groundlevel.seed") / "demo.json").read_bytes()
        else:
            text = Path(source).read_bytes()
    except OSError as problem:
        raise SeedError(f"{source} cannot be read: {problem.strerror}") from problem
    return read_seed(text, source)


def read_seed(text: bytes, source: str) -> Seed:
    """The seed that a text describes, as JSON where it begins with a brace, else as YAML. Raises SeedError.

    `source` is what messages call it.
    """
    try:
        seed = msgspec.json.decode(text if text.lstrip()[:1] == b"{" else json_of_yaml(text), type=Seed)
    except YamlMissing:
        raise SeedError(
            f"{source} is not a seed file: it does not begin with {{, and only groundlevel[yaml] reads YAML",
            "Install that, pip install 'groundlevel[yaml]', or write JSON.",
        ) from None
    except (ValueError, RecursionError) as problem:
        raise SeedError(f"{source} is not a seed file: {problem}") from None
    if not seed.locations:
        raise SeedError(f"{source} is not a seed file: it has no locations")
    return seed


async def seed_database(storage: Storage, seed: Seed) -> list[SeededLocation]:
    """Creates what a seed describes; locations that exist already, by name, are left alone.

    The locations of one seed belong to one company. Raises SeedError naming the part that was refused; what came
    before it stays. Of processes that seed at once each finds what the one before it has made.
    """
    async with storage.exclusively():
        return await _seed_locations(storage, seed)


async def seed_location(storage: Storage, seed: Seed, location: Location) -> SeededLocation:
    """Makes what the first location of a seed describes, save its name and details, in a location that is empty.

    Raises LocationFilled for any other, SeedError. Of requests that come at once the first finds it empty.
    """
    async with storage.exclusively():
        if not await storage.read(location, is_empty):
            raise LocationFilled
        return await _seed_location(storage, location, seed.locations[0])


async def is_empty(tx: Transaction) -> bool:
    """Whether the location has no object and no field of its own, and no record."""
    for definition in await list_objects(tx):
        if not definition.standard or any(not each.standard for each in definition.fields):
            return False
        if await tx.records.count(CompiledObject(definition)):
            return False
    return True


async def seed_copy(storage: Storage, seed: Seed, name: str, *, company_id: str | None) -> Location:
    """Makes what the first location of a seed describes in a new one with another name. Raises SeedError."""
    part = seed.locations[0]
    location = await create_location(storage, NewLocation(name, company_id, part.details))
    await _seed_location(storage, location, part)
    return location


async def _seed_locations(storage: Storage, seed: Seed) -> list[SeededLocation]:
    present: dict[str, Location] = {}
    for location in await list_locations(storage):
        present.setdefault(location.name, location)
    company_id: str | None = None
    seeded = []
    for part in seed.locations:
        if part.name in present:
            company_id = company_id or present[part.name].company_id
            seeded.append(SeededLocation(present[part.name], created=False))
            continue
        location = await create_location(storage, NewLocation(part.name, company_id, part.details))
        company_id = location.company_id
        seeded.append(await _seed_location(storage, location, part))
    return seeded


async def _seed_location(storage: Storage, location: Location, part: SeedLocation) -> SeededLocation:
    refs = {}
    for person in part.users:
        user = await create_user(
            storage, NewUser(location.company_id, location.id, person.first_name, person.last_name, person.email)
        )
        refs[person.ref] = user.id
    call = Call(location, ORIGIN, storage.ids)
    for definition in part.objects:
        try:
            await _seed_object(storage, call, definition)
            await _seed_records(storage, call, definition, refs=refs)
        except Refusal as refusal:
            raise SeedError(f"{part.name}, object {definition.key}: {refusal.message}") from refusal
    try:
        await _seed_contact_fields(storage, call, part.contact_fields)
        await seed_sales(storage, call, part.sales)
    except Refusal as refusal:
        raise SeedError(f"{part.name}, sales: {refusal.message}") from refusal
    return SeededLocation(
        location, created=True, objects=len(part.objects), records=sum(len(o.records) for o in part.objects)
    )


async def _seed_object(storage: Storage, call: Call, definition: SeedObject) -> None:
    made = await perform(
        storage,
        call,
        create_object,
        NewObject(
            key=definition.key,
            singular=definition.labels.singular,
            plural=definition.labels.plural,
            description=definition.description,
            primary_key=definition.primary.key,
            primary_name=definition.primary.name,
            primary_type=definition.primary.data_type,
        ),
    )
    folders: dict[str | None, str] = {None: made.folders[0].id}
    for name in definition.folders:
        view = await perform(storage, call, create_folder, NewFolder(object_key=made.key, name=name))
        assert view.folder is not None
        folders[name] = view.folder.id
    for part in definition.fields:
        if part.folder not in folders:
            raise SeedError(f"object {definition.key}, field {part.key}: there is no folder {part.folder}")
        await perform(storage, call, create_field, _new_field(made.key, part, folders[part.folder]))
    if definition.searchable:
        change = ObjectChange(
            key=made.key,
            searchable=definition.searchable,
            singular=None,
            plural=None,
            description=msgspec.UNSET,
        )
        await update_object(storage, call, change)


async def _seed_contact_fields(storage: Storage, call: Call, fields: list[SeedField]) -> None:
    folder = (await perform(storage, call, get_object, CONTACT)).folders[0]
    for part in fields:
        if part.folder is not None:
            raise SeedError(f"contactFields, field {part.key}: there is no folder {part.folder}")
        await perform(storage, call, insert_field, _new_field(CONTACT, part, folder.id))


def _new_field(object_key: str, part: SeedField, folder_id: str) -> NewField:
    return NewField(
        object_key=object_key,
        key=part.key,
        data_type=part.data_type,
        folder_id=folder_id,
        name=part.name,
        visible_in_forms=part.show_in_forms,
        description=part.description,
        placeholder=part.placeholder,
        options=None
        if part.options is None
        else [NewOption(label=o.label, key=o.key, url=o.url) for o in part.options],
        accepted_formats=part.accepted_formats,
        max_file_limit=part.max_file_limit,
        custom_option_allowed=part.allow_custom_option,
        required=part.required,
        unique=part.unique,
        sensitive=part.sensitive,
    )


async def _seed_records(storage: Storage, call: Call, definition: SeedObject, *, refs: dict[str, str]) -> None:
    for number, record in enumerate(definition.records, 1):
        unknown = [ref for ref in record.owners + record.followers if ref not in refs]
        if unknown:
            raise SeedError(f"object {definition.key}, record {number}: there is no user {unknown[0]}")
        new = NewRecord(
            object_key=definition.key if "." in definition.key else f"custom_objects.{definition.key}",
            properties=record.properties,
            owners=[refs[ref] for ref in record.owners] or None,
            followers=[refs[ref] for ref in record.followers] or None,
        )
        try:
            await perform(storage, call, create_record, new)
        except Refusal as refusal:
            raise SeedError(f"object {definition.key}, record {number}: {refusal.message}") from refusal
