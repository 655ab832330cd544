"""Finds the locations of a company, and deletes one with everything of it."""

from __future__ import annotations

from msgspec import Struct

from groundlevel.access.store import location_of
from groundlevel.associations import relation_store
from groundlevel.associations import store as associations_store
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import Location
from groundlevel.kernel.storage.transaction import Transaction, list_objects
from groundlevel.schema import store as schema_store

AT_ONCE = 10_000
"""Relations that one statement deletes."""
_BY_NUMBER = (
    "delete_pipelines",
    "delete_notes",
    "delete_note_relations",
    "delete_tasks",
    "delete_lost_reasons",
    "delete_attempts_of_location",
    "delete_deliveries_of_location",
    "delete_events_of_location",
    "delete_idempotency_keys",
    "delete_custom_values",
    "delete_import_jobs_of_location",
    "delete_import_parts_of_location",
    "delete_tags",
    "delete_memberships",
    "delete_changes_of_location",
    "delete_import_positions_of_location",
)
_BY_ID = (
    "delete_archive_mark",
    "delete_webhooks_of_location",
    "delete_grants_of_location",
    "delete_installs_of_location",
    "delete_users_of_location",
    "delete_choices_of_location",
)


class LocationQuery(Struct, frozen=True):
    """Which locations of a company to list: all, or the one with an id, or those with an email address."""

    company_id: str
    location_id: str | None
    email: str | None
    newest_first: bool
    skip: int
    limit: int


async def search_locations(tx: Transaction, wanted: LocationQuery) -> list[Location]:
    """A page of locations of a company, by age."""
    statement = tx.sql["search_newest_locations" if wanted.newest_first else "search_locations"]
    email = (wanted.email or "").lower()
    rows = await tx.connection.rows(
        statement, wanted.company_id, wanted.location_id or "", email, wanted.limit, wanted.skip
    )
    return [location_of(row) for row in rows]


async def list_archived(tx: Transaction) -> set[str]:
    """The ids of the locations that are archived."""
    return {row[0] for row in await tx.connection.rows(tx.sql["list_archived_locations"])}


async def mark_archived(tx: Transaction, location_id: str, *, archived: bool) -> None:
    """Archives a location, or brings it back."""
    if archived:
        await tx.connection.run(tx.sql["archive_location"], location_id, tx.ids.now())
    else:
        await tx.connection.run(tx.sql["delete_archive_mark"], location_id)


async def delete_location(tx: Transaction) -> None:
    """Deletes the transaction's location with everything of it, and emits no event."""
    unfinished = await associations_store.deleted_associations(tx)
    for association in (*await associations_store.list_associations(tx), *unfinished):
        while await relation_store.delete_relations_by(tx, association, most=AT_ONCE):
            pass
        while await relation_store.delete_counts_by(tx, association, most=AT_ONCE):
            pass
        await associations_store.delete_association(tx, association)
        await associations_store.forget_deleted_association(tx, association.number)
    for definition in (*await list_objects(tx), *await schema_store.deleted_objects(tx)):
        await tx.records.erase(CompiledObject(definition))
        await schema_store.delete_object(tx, definition)
        await schema_store.forget_deleted_object(tx, definition.number)
    tx.cache.note_change("location", tx.location.id)
    for row in await tx.connection.rows(tx.sql["delete_tokens_of_location"], tx.location.id):
        tx.cache.note_change("token", row[0])
    for name in _BY_NUMBER:
        await tx.connection.run(tx.sql[name], tx.loc)
    for name in _BY_ID:
        await tx.connection.run(tx.sql[name], tx.location.id)
    await tx.connection.run(tx.sql["delete_location"], tx.loc)
