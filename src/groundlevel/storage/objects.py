"""What a transaction does with objects, fields and folders."""

from __future__ import annotations

import msgspec

from groundlevel.errors import ObjectNotFound
from groundlevel.fields.shape import Shape
from groundlevel.model import Field, Folder, Object
from groundlevel.storage.connection import Row, StaleSchemaError
from groundlevel.storage.place import Placed

_texts = msgspec.json.Decoder(tuple[str, ...]).decode
_encode = msgspec.json.Encoder().encode


class ObjectMethods(Placed):
    """The schema part of a transaction."""

    async def shape(self, key: str) -> Shape:
        """The compiled form of the object with this key or id, remembered between requests. Raises ObjectNotFound."""
        known = self.catalog.shapes.get((self.loc, key))
        if known is not None and not self.schema_changed:
            self.rely(known.object.version)
            return known
        found = await self.find_object(key)
        if found is None:
            raise ObjectNotFound(key)
        shape = Shape(found)
        if not self.schema_changed:
            self.catalog.keep_shape(self.loc, shape, epoch=self.epoch)
        return shape

    async def fresh_shape(self, key: str) -> Shape:
        """The compiled form of the object as it stands in the database now. Raises ObjectNotFound."""
        found = await self.find_object(key)
        if found is None:
            raise ObjectNotFound(key)
        return Shape(found)

    async def find_object(self, key: str) -> Object | None:
        """The object with this key or id as it stands in the database, or None."""
        version = await self.schema_version()
        row = await self.connection.row(self.sql["find_object"], self.loc, key)
        return None if row is None else await self._object_of(row, version)

    async def list_objects(self) -> list[Object]:
        """All objects of the location: standard ones first, then by age."""
        version = await self.schema_version()
        rows = await self.connection.rows(self.sql["list_objects"], self.loc)
        return [await self._object_of(row, version) for row in rows]

    async def schema_version(self) -> int:
        """The location's schema version; every change of its objects raises it. 0 when the location is gone."""
        row = await self.connection.row(self.sql["schema_version"], self.loc)
        return int(row[0]) if row else 0

    async def verify(self) -> None:
        """Raises StaleSchemaError when something remembered was used that another process has changed since."""
        if self.relied is not None and await self.schema_version() != self.relied:
            raise StaleSchemaError

    async def _object_of(self, row: Row, version: int) -> Object:
        number, object_id, key, singular, plural, description, primary, searchable = row[:8]
        folders = await self.connection.rows(self.sql["list_folders"], self.loc, number)
        fields = await self.connection.rows(self.sql["list_fields"], self.loc, number)
        return Object(
            number=number,
            id=object_id,
            key=key,
            singular=singular,
            plural=plural,
            description=description,
            primary=primary,
            searchable=_texts(searchable),
            standard=bool(row[8]),
            created_at=row[9],
            updated_at=row[10],
            version=version,
            fields=tuple(_field_of(each) for each in fields),
            folders=tuple(Folder(each[0], each[1], bool(each[2]), each[3], each[4]) for each in folders),
            retired_keys=frozenset(_texts(row[11])),
            icon=row[12],
        )

    async def add_object(self, definition: Object) -> Object:
        """Stores a new object with its folders and fields; numbers are given here. Returns it as stored."""
        self.schema_changed = True
        row = await self.connection.row(
            self.sql["add_object"],
            self.loc,
            definition.id,
            definition.key,
            definition.singular,
            definition.plural,
            definition.description,
            definition.primary,
            _encode(definition.searchable).decode(),
            int(definition.standard),
            definition.icon,
            definition.created_at,
        )
        assert row is not None
        for folder in definition.folders:
            await self.add_folder(row[0], folder)
        for field in definition.fields:
            await self.add_field(row[0], field)
        return await self._changed(definition.key)

    async def change_object(self, definition: Object) -> Object:
        """Stores labels, description, searchable and retired keys of an object. Returns it as stored."""
        self.schema_changed = True
        await self.connection.run(
            self.sql["change_object"],
            self.loc,
            definition.number,
            definition.singular,
            definition.plural,
            definition.description,
            _encode(definition.searchable).decode(),
            _encode(sorted(definition.retired_keys)).decode(),
            definition.updated_at,
        )
        return await self._changed(definition.key)

    async def delete_object(self, definition: Object) -> None:
        """Deletes an object's definition with its fields and folders; its records are deleted apart."""
        self.schema_changed = True
        for name in ("delete_fields_of", "delete_folders_of", "delete_object"):
            await self.connection.run(self.sql[name], self.loc, definition.number)
        await self.raise_schema_version()

    async def _changed(self, key: str) -> Object:
        await self.raise_schema_version()
        stored = await self.find_object(key)
        assert stored is not None
        return stored

    async def raise_schema_version(self) -> None:
        """Makes every schema read before stale."""
        self.schema_changed = True
        await self.connection.run(self.sql["raise_schema_version"], self.loc)

    async def add_field(self, object_number: int, field: Field) -> None:
        """Stores a new field; the caller raises the schema version."""
        self.schema_changed = True
        await self.connection.row(
            self.sql["add_field"],
            self.loc,
            object_number,
            field.id,
            field.key,
            field.folder_id,
            field.position,
            _encode(field).decode(),
            field.created_at,
        )

    async def change_field(self, field: Field) -> None:
        """Stores a changed field; the caller raises the schema version."""
        self.schema_changed = True
        await self.connection.run(
            self.sql["change_field"], self.loc, field.number, _encode(field).decode(), field.updated_at
        )

    async def delete_field(self, field: Field) -> None:
        """Deletes a field's definition; the caller retires its stored key and raises the schema version."""
        self.schema_changed = True
        await self.connection.run(self.sql["delete_field"], self.loc, field.number)

    async def add_folder(self, object_number: int, folder: Folder) -> None:
        """Stores a new folder; the caller raises the schema version."""
        self.schema_changed = True
        await self.connection.run(
            self.sql["add_folder"],
            self.loc,
            object_number,
            folder.id,
            folder.name,
            int(folder.standard),
            folder.created_at,
        )

    async def rename_folder(self, folder_id: str, name: str, *, now: int) -> None:
        """Renames a folder; the caller raises the schema version."""
        self.schema_changed = True
        await self.connection.run(self.sql["rename_folder"], self.loc, folder_id, name, now)

    async def delete_folder(self, folder_id: str) -> None:
        """Deletes an empty folder; the caller raises the schema version."""
        self.schema_changed = True
        await self.connection.run(self.sql["delete_folder"], self.loc, folder_id)

    async def find_field_owner(self, field_id: str) -> str | None:
        """The key of the object that has the field or folder with this id, or None."""
        row = await self.connection.row(self.sql["find_field_owner"], self.loc, field_id)
        return None if row is None else str(row[0])

    async def refill_position(self, definition: Object) -> bytes | None:
        """The last record whose search text was made again; None when no refill is under way."""
        row = await self.connection.row(self.sql["find_refill"], self.loc, definition.number)
        return None if row is None else row[0]

    async def set_refill(self, definition: Object, position: bytes | None) -> None:
        """Notes how far the search texts were made again; None when they all are."""
        await self.connection.run(self.sql["set_refill"], self.loc, definition.number, position)


def _field_of(row: Row) -> Field:
    """The definition's JSON has everything but the number, which the database gives."""
    stored = msgspec.json.decode(row[5], type=Field)
    return msgspec.structs.replace(stored, number=row[0], updated_at=row[7])
