"""The compiled form of an object: turns wire properties into stored ones and back."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TypeAlias

import msgspec
from msgspec import Struct

from groundlevel.kernel.codec import decode_object, encode_bytes
from groundlevel.kernel.errors import MatchNotUnique, RequiredPropertyMissing, UnknownProperty
from groundlevel.kernel.fields import type_of
from groundlevel.kernel.fields.base import FieldType, is_empty, type_error
from groundlevel.kernel.fields.fold import fold
from groundlevel.kernel.model import DataType, Field, IndexState, Json, Object, Option

IndexEntry: TypeAlias = tuple[int, str | float | None]
"""The number of an indexed field and a value of it, None for a record that has none."""


class Property(Struct, frozen=True, gc=False):
    """Where one wire property key leads."""

    field: Field
    type: FieldType
    stored_key: str
    """Key inside the stored properties; for a part of a text-box list the dotted one."""

    @property
    def indexed(self) -> bool:
        """Whether the field's values can be looked up in its index."""
        return self.field.index is IndexState.READY


class CompiledObject:
    """Everything about one version of an object that requests need, worked out once.

    A text-box list `f` with options `a`, `b` has the properties `f.a` and `f.b`, stored flat under those keys;
    `f` itself is accepted as a nested object and flattened (docs/contract.md#decision-34).
    """

    __slots__ = (
        "_lists",
        "fields",
        "indexed",
        "keys",
        "object",
        "plans",
        "properties_by_key",
        "renamed",
        "required",
        "searchable",
        "sensitive",
        "unique",
    )

    def __init__(self, definition: Object) -> None:
        self.object = definition
        self.fields: dict[str, Field] = {field.key: field for field in definition.fields}
        self.properties_by_key: dict[str, Property] = {}
        self._lists: dict[str, Field] = {}
        for field in definition.fields:
            kind = type_of(field.data_type).compiled_for(field)
            if field.data_type is DataType.TEXTBOX_LIST:
                self._lists[field.key] = field
                for option in field.options:
                    key = f"{field.key}.{option.key}"
                    self.properties_by_key[key] = Property(field, kind, f"{field.stored_key}.{option.key}")
            else:
                self.properties_by_key[field.key] = Property(field, kind, field.stored_key)
        self.keys = {prop.stored_key: key for key, prop in self.properties_by_key.items()}
        """The wire key of each stored one."""
        self.renamed = any(stored != key for stored, key in self.keys.items())
        """Whether some differ."""
        self.required = tuple(field for field in definition.fields if field.required)
        self.indexed = tuple(
            prop
            for prop in self.properties_by_key.values()
            if prop.field.index in (IndexState.BUILDING, IndexState.READY)
        )
        self.plans: dict[Hashable, object] = {}
        """What searches mean: see `kernel/query/prepared.py`."""
        self.sensitive = frozenset(prop.stored_key for prop in self.properties_by_key.values() if prop.field.sensitive)
        """The stored keys of values that are logged nowhere."""
        self.unique = tuple(field for field in definition.fields if field.unique)
        self.searchable = tuple(
            prop for key in definition.searchable for prop in self._properties_of(key) if prop.type.may_be_searchable
        )

    def _properties_of(self, key: str) -> tuple[Property, ...]:
        if key in self._lists:
            return tuple(prop for prop in self.properties_by_key.values() if prop.field.key == key)
        prop = self.properties_by_key.get(key)
        return (prop,) if prop else ()

    def short_key(self, key: str) -> str:
        """`key` without this object's own prefix, in the plural or the singular spelling.

        See docs/contract.md#decision-6, #decision-18.
        """
        full = self.object.key
        if key.startswith(full + "."):
            return key[len(full) + 1 :]
        singular = full.replace("custom_objects.", "custom_object.", 1)
        if singular != full and key.startswith(singular + "."):
            return key[len(singular) + 1 :]
        return key

    def full_key(self, key: str) -> str:
        """The full key that a field with this key, short or full, has or would have: `custom_objects.pet.name`."""
        return f"{self.object.key}.{self.short_key(key)}"

    def unknown_property(self, key: str) -> UnknownProperty:
        """The refusal of a key, as it was sent, that no field has."""
        return UnknownProperty(
            f"We couldn't validate the mapped field: {key} is not a field of {self.object.key}",
            field_key=self.full_key(key),
        )

    def unique_field(self, name: str) -> Field:
        """The field with this key, short or full, if it tells records apart. Raises UnknownProperty, MatchNotUnique."""
        field = self.fields.get(self.short_key(name))
        if field is None:
            raise self.unknown_property(name)
        if not field.unique:
            key = field.full_key
            raise MatchNotUnique(f"{key} does not tell records apart: it is not unique", field_key=key)
        return field

    def match_form(self, field: Field, value: Json) -> str | None:
        """The text under which a unique field holds a wire value; None for no value. Raises InvalidValue."""
        kind = self.properties_by_key[field.key].type
        stored = None if is_empty(value) else kind.normalise(field, value)
        return None if stored is None or stored == "" else kind.unique_form(field, stored)

    def validate_new(self, properties: dict[str, Json], *, strict: bool, complete: bool = True) -> dict[str, Json]:
        """The stored properties of a new record; those that are null or a text of blanks are left out.

        `strict` refuses full keys, `complete` asks for every required property.
        Raises UnknownProperty, InvalidValue, RequiredPropertyMissing.
        """
        stored: dict[str, Json] = {}
        by_key = self.properties_by_key
        for key, value in properties.items():
            prop = by_key.get(key)
            if prop is None:
                for prop, part in self._spread(key, value, strict=strict):
                    if not is_empty(part):
                        normal = prop.type.normalise(prop.field, part)
                        if normal is not None:
                            stored[prop.stored_key] = normal
            elif not is_empty(value):
                normal = prop.type.normalise(prop.field, value)
                if normal is not None:
                    stored[prop.stored_key] = normal
        if complete:
            self.check_required(stored)
        return stored

    def validate_change(
        self, stored: dict[str, Json], properties: dict[str, Json], *, strict: bool, complete: bool = True
    ) -> dict[str, Json]:
        """The stored properties after an update: absent keys stay, null and a text of blanks clear, array types
        take deltas.

        `complete` refuses to clear a required property.

        Raises UnknownProperty, InvalidValue, InvalidUpdate, RequiredPropertyMissing.
        """
        after = self.visible(stored)
        for key, value in properties.items():
            prop = self.properties_by_key.get(key)
            pairs = [(prop, value)] if prop is not None else self._spread(key, value, strict=strict)
            for prop, part in pairs:
                normal = None
                if not is_empty(part):
                    normal = prop.type.change(prop.field, after.get(prop.stored_key), part, strict=strict)
                if normal is None:
                    after.pop(prop.stored_key, None)
                else:
                    after[prop.stored_key] = normal
        if complete:
            # Only what this update clears: a field may have become required after the record was written.
            self.check_required(after, unless=stored)
        return after

    def _spread(self, key: str, value: Json, *, strict: bool) -> list[tuple[Property, Json]]:
        """The properties meant by a key that is not itself one: a full key, or a whole text-box list."""
        short = key if strict else self.short_key(key)
        prop = self.properties_by_key.get(short)
        if prop is not None:
            return [(prop, value)]
        field = self._lists.get(short)
        if field is None:
            raise self.unknown_property(key)
        if is_empty(value):
            return [(prop, None) for prop in self._properties_of(short)]
        if not isinstance(value, dict):
            raise type_error(field, value, "an object of option keys and texts")
        pairs = []
        for part, text in value.items():
            prop = self.properties_by_key.get(f"{short}.{part}")
            if prop is None:
                raise UnknownProperty(
                    f"We couldn't validate the mapped field: {short}.{part} is not an option of {field.name}",
                    field_key=self.full_key(f"{short}.{part}"),
                )
            pairs.append((prop, text))
        return pairs

    def check_required(
        self, stored: dict[str, Json], *, unless: dict[str, Json] | None = None, sensitive: bool = True
    ) -> None:
        """Raises RequiredPropertyMissing for one that is not stored: of those in `unless` alone where that is given,
        and of sensitive ones only if asked."""
        for field in self.required:
            if field.sensitive and not sensitive:
                continue
            if not self._has(field, stored) and (unless is None or self._has(field, unless)):
                raise RequiredPropertyMissing(
                    f"Missing required properties to create {self.object.singular} - {field.key}",
                    field_key=field.full_key,
                )

    def _has(self, field: Field, stored: dict[str, Json]) -> bool:
        if stored.get(field.stored_key) not in (None, ""):
            return True
        return field.key in self._lists and any(stored.get(prop.stored_key) for prop in self._properties_of(field.key))

    def visible(self, stored: dict[str, Json]) -> dict[str, Json]:
        """A copy of `stored` without the values of deleted fields."""
        retired = self.object.retired_keys
        if not retired:
            return dict(stored)
        return {key: value for key, value in stored.items() if key.partition(".")[0] not in retired}

    def to_wire(self, properties: str) -> msgspec.Raw:
        """The wire form of stored properties, as JSON text that is spliced into a reply.

        Only objects that have lost a field, or got one back under its old name, pay for decoding.
        """
        if not self.object.retired_keys:
            return msgspec.Raw(properties.encode())
        stored = self.visible(decode_object(properties))
        return msgspec.Raw(encode_bytes({self.keys.get(key, key): value for key, value in stored.items()}))

    def search_text(self, stored: dict[str, Json]) -> str:
        """The folded texts of the searchable properties, a line for each in `searchable` order; empty when all are.

        Folding leaves no line break inside a property, so a match never spans two of them.
        """
        lines = []
        for prop in self.searchable:
            value = stored.get(prop.stored_key)
            lines.append("" if value is None else fold(prop.type.search_text(prop.field, value)))
        return "\n".join(lines) if any(lines) else ""

    def search_lines(self, key: str) -> tuple[int, ...]:
        """Which lines (from 1) of the search text hold the property with this short key; empty if not searchable."""
        return tuple(n for n, prop in enumerate(self.searchable, 1) if prop.field.key == key)

    @property
    def search_layout(self) -> tuple[tuple[str, tuple[Option, ...]], ...]:
        """What search texts depend on: when it changes, those of all records have to be rebuilt."""
        return tuple((prop.stored_key, prop.field.options) for prop in self.searchable)

    def index_entries(self, stored: dict[str, Json]) -> frozenset[IndexEntry]:
        """What the indexes hold of a record: a field number and a value each, None for a field without a value."""
        entries: list[IndexEntry] = []
        for prop in self.indexed:
            number, value = prop.field.number, stored.get(prop.stored_key)
            for step in prop.type.path:
                value = value[step] if value is not None else None
            if isinstance(value, list):
                entries.extend((number, member) for member in value)
            else:
                entries.append((number, float(value) if isinstance(value, int) else value))
        return frozenset(entries)

    def unique_values(self, stored: dict[str, Json]) -> dict[int, str]:
        """The unique forms that a record holds, by field number."""
        values = {}
        for field in self.unique:
            value = stored.get(field.stored_key)
            if value is not None and value != "":
                values[field.number] = type_of(field.data_type).unique_form(field, value)
        return values
