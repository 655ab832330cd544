"""What a transaction does with associations."""

from __future__ import annotations

from collections.abc import Iterable

from groundlevel.fields.shape import Shape
from groundlevel.model import Association, Cardinality
from groundlevel.storage.connection import Row, StaleSchemaError
from groundlevel.storage.objects import ObjectMethods


class AssociationMethods(ObjectMethods):
    """The part of a transaction that knows by which rules records may be related."""

    async def associations(self) -> tuple[Association, ...]:
        """All associations of the location, remembered between requests: system ones first, then by age."""
        known = self.catalog.associations.get(self.loc)
        if known is not None and not self.schema_changed:
            version, found = known
            self.rely(version)
            return found
        version = await self.schema_version()
        found = await self.list_associations()
        if not self.schema_changed:
            self.catalog.keep_associations(self.loc, version, found, epoch=self.epoch)
        return found

    async def list_associations(self) -> tuple[Association, ...]:
        """All associations of the location as they stand in the database."""
        rows = await self.connection.rows(self.sql["list_associations"], self.loc)
        return tuple(_association_of(row) for row in rows)

    async def find_association(self, name: str) -> Association | None:
        """The association with this id or key, remembered between requests, or None."""
        return _named(name, await self.associations())

    async def fresh_association(self, name: str) -> Association | None:
        """The association with this id or key as it stands in the database now, or None."""
        return _named(name, await self.list_associations())

    async def association(self, number: int) -> Association:
        """The association with this number. Raises StaleSchemaError for one that another process has just made."""
        for each in await self.associations():
            if each.number == number:
                return each
        raise StaleSchemaError

    async def associations_of(self, shape: Shape) -> tuple[Association, ...]:
        """The associations that the object takes part in, no older than the shape; remembered between requests."""
        known = self.catalog.involved.get((self.loc, shape.object.number))
        if known is not None and known[0] == shape.object.version and not self.schema_changed:
            return known[1]
        every = await self.associations()
        if self.relied is not None and self.relied != shape.object.version:
            every = tuple(await self.list_associations())
        found = tuple(each for each in every if shape.object.number in (each.first_object, each.second_object))
        if not self.schema_changed:
            self.catalog.keep_involved(self.loc, shape, found, epoch=self.epoch)
        return found

    async def add_association(self, association: Association) -> Association:
        """Stores a new association, which gets its number here. Returns it as stored."""
        self.schema_changed = True
        await self.connection.run(
            self.sql["add_association"],
            self.loc,
            association.id,
            association.key,
            association.first_object,
            association.first_label,
            association.second_object,
            association.second_label,
            association.cardinality.value,
            association.first_limit,
            association.second_limit,
            int(association.standard),
            association.created_at,
        )
        await self.raise_schema_version()
        return next(each for each in await self.list_associations() if each.id == association.id)

    async def change_association(self, association: Association) -> None:
        """Stores the labels of an association."""
        self.schema_changed = True
        await self.connection.run(
            self.sql["change_association"],
            self.loc,
            association.number,
            association.first_label,
            association.second_label,
            association.updated_at,
        )
        await self.raise_schema_version()

    async def delete_association(self, association: Association) -> None:
        """Deletes the rule; its relations are deleted apart."""
        self.schema_changed = True
        await self.connection.run(self.sql["delete_association"], self.loc, association.number)
        await self.raise_schema_version()

    async def locations_with_association(self, company_id: str, association_id: str) -> list[str]:
        """The ids of a company's locations that have an association with this id."""
        rows = await self.connection.rows(self.sql["locations_with_association"], company_id, association_id)
        return [row[0] for row in rows]


def _named(name: str, associations: Iterable[Association]) -> Association | None:
    found = [each for each in associations if name in (each.id, each.key)]
    # One association's key may be another's id, and the id counts.
    return next((each for each in found if each.id == name), found[0] if found else None)


def _association_of(row: Row) -> Association:
    return Association(
        number=row[0],
        id=row[1],
        key=row[2],
        first_object=row[3],
        first_key=row[4],
        first_label=row[5],
        second_object=row[6],
        second_key=row[7],
        second_label=row[8],
        cardinality=Cardinality(row[9]),
        first_limit=row[10],
        second_limit=row[11],
        standard=bool(row[12]),
        created_at=row[13],
        updated_at=row[14],
    )
