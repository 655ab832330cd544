"""Stores the tags of a location, and to which campaigns and workflows contacts belong."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from groundlevel.kernel.storage.transaction import Transaction


class Tag(Struct, frozen=True, gc=False):
    """A tag that contacts of the location may have."""

    id: str
    name: str
    """In lower case, unique in the location."""


class MemberOf(StrEnum):
    """What a contact can belong to."""

    CAMPAIGN = "campaign"
    WORKFLOW = "workflow"


async def list_tags(tx: Transaction) -> list[Tag]:
    """All of the location, by name."""
    return [Tag(*row) for row in await tx.connection.rows(tx.sql["list_tags"], tx.loc)]


async def find_tag(tx: Transaction, tag_id: str) -> Tag | None:
    """The tag, or None."""
    row = await tx.connection.row(tx.sql["find_tag"], tx.loc, tag_id)
    return None if row is None else Tag(*row)


async def find_tag_by_name(tx: Transaction, name: str) -> Tag | None:
    """The tag, or None."""
    row = await tx.connection.row(tx.sql["find_tag_by_name"], tx.loc, name)
    return None if row is None else Tag(*row)


async def insert_tags(tx: Transaction, names: Iterable[str]) -> None:
    """Stores those tags that the location does not have yet."""
    for name in names:
        await tx.connection.run(tx.sql["insert_tag"], tx.loc, tx.ids.short_id(), name)


async def rename_tag(tx: Transaction, tag: Tag) -> None:
    """Stores another name."""
    await tx.connection.run(tx.sql["rename_tag"], tx.loc, tag.id, tag.name)


async def delete_tag(tx: Transaction, tag_id: str) -> None:
    """Deletes a tag of the location; contacts keep theirs."""
    await tx.connection.run(tx.sql["delete_tag"], tx.loc, tag_id)


async def insert_membership(tx: Transaction, contact_id: str, kind: MemberOf, target_id: str) -> None:
    """Stores that a contact, by its record id, belongs to something, unless it does already."""
    await tx.connection.run(tx.sql["insert_membership"], tx.loc, contact_id, kind.value, target_id, tx.ids.now())


async def delete_membership(tx: Transaction, contact_id: str, kind: MemberOf, target_id: str | None) -> None:
    """Deletes a membership, or with None all of the kind."""
    if target_id is None:
        await tx.connection.run(tx.sql["delete_memberships_of_kind"], tx.loc, contact_id, kind.value)
    else:
        await tx.connection.run(tx.sql["delete_membership"], tx.loc, contact_id, kind.value, target_id)


async def delete_memberships_of_contact(tx: Transaction, contact_id: str) -> None:
    """Deletes all that a contact has."""
    await tx.connection.run(tx.sql["delete_memberships_of_contact"], tx.loc, contact_id)
