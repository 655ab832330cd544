"""Examines whether everything in a database that must agree does: counters, search texts, unique values, relations."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from groundlevel.access.rules import list_locations
from groundlevel.associations import relation_store
from groundlevel.crm.opportunities.contact_values import with_contact_values
from groundlevel.crm.standard_object import records_by_id
from groundlevel.doctor.store import inspect
from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.fields.compiled import CompiledObject, IndexEntry
from groundlevel.kernel.ids import from_short_id, timestamp_of
from groundlevel.kernel.model import IndexState, Json, Location, Record
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.migrate import MigrationError, pending
from groundlevel.kernel.storage.transaction import Transaction, find_object, list_objects
from groundlevel.records.unique_values import unique_claims
from groundlevel.schema import store as schema_store
from groundlevel.standard.objects import CONTACT, OPPORTUNITY

CHUNK = 500
"""Records held in memory at once."""
EXAMPLES = 3
"""Faults of one kind that are named; the rest are counted."""


class Check(Struct, frozen=True):
    """One thing that was examined."""

    name: str
    ok: bool
    detail: str
    """What was counted when all is well, else what is wrong."""


class Report(Struct, frozen=True):
    """Everything that was examined, in the order in which it was."""

    checks: list[Check]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return all(check.ok for check in self.checks)


CHECKS = {
    "engine": "the engine's own check of its files",
    "migrations": "every migration is applied and none is of a newer program",
    "orphans": "every row belongs to an object, a field, an association, a contact or a record that exists",
    "definitions": "every object has its primary field and its default folder, every field its folder",
    "reindexing": "no search text waits to be rebuilt",
    "counters": "the counter of every object is the number of its records",
    "order": "records lie in the order of their ids, and were created at the timestamp in them",
    "properties": "every stored property belongs to a field, or to one that was deleted",
    "search texts": "the search text of every record is what its properties say, and there are no others",
    "full text": "the full-text index finds every record by its search text, and nothing else",
    "indexes": "the index of every field that has one holds every value of every record, and nothing else",
    "unique values": "every unique value of every record is held by it, and no other value is held",
    "contact values": "every opportunity keeps what its primary contact says, to be found by it",
    "relations": "every relation has both its records",
    "relation counts": "the counts of every record's relations are their numbers",
}
"""What is examined, in order; the name of each check and what it proves."""


class _Findings:
    """Faults and counts, gathered while walking."""

    def __init__(self) -> None:
        self.faults: dict[str, list[str]] = {name: [] for name in CHECKS}
        self.numbers: dict[str, int] = dict.fromkeys(CHECKS, 0)
        self.seen: dict[str, int] = dict.fromkeys(CHECKS, 0)

    def fault(self, name: str, text: str) -> None:
        """Notes a fault; of many, only the first few texts are kept."""
        self.numbers[name] += 1
        if len(self.faults[name]) < EXAMPLES:
            self.faults[name].append(text)

    def report(self) -> Report:
        """One check for each row of CHECKS."""
        return Report([Check(name, not self.numbers[name], self._detail(name)) for name in CHECKS])

    def _detail(self, name: str) -> str:
        more = self.numbers[name] - len(self.faults[name])
        if self.numbers[name]:
            return "; ".join(self.faults[name]) + (f"; and {more} more" if more else "")
        return f"{self.seen[name]} examined" if self.seen[name] else CHECKS[name]


async def examine(storage: Storage) -> Report:
    """Walks through the whole database, one object at a time, each on a snapshot of its own.

    It may run beside a server that writes. Raises StorageUnavailable.
    """
    findings = _Findings()
    await storage.scan(None, lambda tx: _examine_engine(tx, storage.engine, findings))
    if findings.numbers["engine"]:
        # Reading on would fail anywhere, and prove nothing.
        for name in list(CHECKS)[1:]:
            findings.fault(name, "not examined, since the engine finds its files damaged")
        return findings.report()
    for location in await list_locations(storage):
        keys = [each.key for each in await storage.read(location, list_objects)]
        for key in keys:
            await _examine_in(storage, location, key=key, findings=findings)
        await _examine_relations_in(storage, location, findings)
    return findings.report()


async def _examine_in(storage: Storage, location: Location, *, key: str, findings: _Findings) -> None:
    await storage.scan(location, lambda tx: _examine_object(tx, key, findings))


async def _examine_relations_in(storage: Storage, location: Location, findings: _Findings) -> None:
    await storage.scan(location, lambda tx: _examine_relations(tx, findings))


async def _examine_engine(tx: Transaction, engine: str, findings: _Findings) -> None:
    for damage in await inspect(tx).find_corruption():
        findings.fault("engine", damage)
    if findings.numbers["engine"]:
        return
    try:
        for step in await pending(tx.connection, engine):
            findings.fault("migrations", f"{step.version} ({step.name}) is not applied")
    except MigrationError as error:
        findings.fault("migrations", str(error))
    for table, number in (await inspect(tx).count_orphans()).items():
        findings.fault("orphans", f"{table}: {number} rows belong to nothing")


async def _examine_object(tx: Transaction, key: str, findings: _Findings) -> None:
    """Everything about one object; nothing when it was deleted meanwhile."""
    definition = await find_object(tx, key)
    if definition is None:
        return
    walk = _Walk(tx, CompiledObject(definition), findings)
    walk.examine_definition()
    await walk.examine_records()
    await walk.compare_counts()


async def _examine_relations(tx: Transaction, findings: _Findings) -> None:
    """The relations of a location against their records, and the counts of them."""
    relations, lost = await relation_store.count_dangling_relations(tx)
    if lost:
        findings.fault("relations", f"{tx.location.id}: {lost} relations lack a record")
    if miscounted := await relation_store.count_miscounted_relations(tx):
        findings.fault("relation counts", f"{tx.location.id}: {miscounted} counts of relations are wrong")
    for name in ("relations", "relation counts"):
        findings.seen[name] += relations


class _Walk:
    """The examination of one object."""

    def __init__(self, tx: Transaction, schema: CompiledObject, findings: _Findings) -> None:
        self.tx = tx
        self.schema = schema
        self.findings = findings
        self.known = {prop.stored_key for prop in schema.properties_by_key.values()}
        self.reindexing = False
        self.records = 0
        self.texts = 0
        self.values: dict[int, int] = {field.number: 0 for field in schema.unique}
        self.entries: dict[int, int] = {
            prop.field.number: 0 for prop in schema.indexed if prop.field.index is IndexState.READY
        }

    def fault(self, name: str, text: str) -> None:
        """Notes a fault of this object."""
        self.findings.fault(name, f"{self.tx.location.id} {self.schema.object.key}: {text}")

    def examine_definition(self) -> None:
        """Whether the object is whole."""
        definition = self.schema.object
        if definition.primary not in self.schema.fields:
            self.fault("definitions", f"the primary field {definition.primary} is missing")
        if sum(folder.standard for folder in definition.folders) != 1:
            self.fault("definitions", "there is not exactly one default folder")
        folders = {folder.id for folder in definition.folders}
        for field in definition.fields:
            if field.folder_id not in folders:
                self.fault("definitions", f"the folder of {field.key} is missing")
            if field.stored_key in definition.retired_keys:
                self.fault("definitions", f"{field.key} is stored as {field.stored_key}, the key of a deleted field")
        self.findings.seen["definitions"] += 1

    async def examine_records(self) -> None:
        """Every record against its search text and its unique values, chunk by chunk."""
        self.reindexing = await schema_store.find_reindex_progress(self.tx, self.schema.object) is not None
        if self.reindexing:
            self.fault("reindexing", "search texts are being rebuilt: a running server carries on with it")
        last = ""
        while True:
            records, _ = await self.tx.records.list_after(self.schema, last, CHUNK)
            if not records:
                return
            if self.schema.object.key == OPPORTUNITY:
                await self._examine_contact_values(records)
            texts = {} if self.reindexing else await inspect(self.tx).search_texts(self.schema, last, records[-1].id)
            last = records[-1].id
            entries = []
            for record in records:
                stored = self.schema.visible(decode_object(record.properties))
                await self._examine_record(record, stored, text=texts.get(record.id, ""))
                entries.append((record.id, self._entries(stored)))
            for record_id in (
                await inspect(self.tx).missing_from_field_indexes(self.schema, entries) if self.entries else ()
            ):
                self.fault("indexes", f"not every value of record {record_id} is in its index")
            for record_id in await inspect(self.tx).missing_from_text_index(self.schema, list(texts.items())):
                self.fault("full text", f"record {record_id} is not found by its search text")

    async def _examine_contact_values(self, opportunities: list[Record]) -> None:
        """What opportunities keep of their primary contacts, against these."""
        stored = {record.id: decode_object(record.properties) for record in opportunities}
        named = {record_id: from_short_id(each.get("contact_id") or "") for record_id, each in stored.items()}
        ids = {contact_id for contact_id in named.values() if contact_id is not None}
        contacts = await records_by_id(self.tx, await self.tx.schema(CONTACT), ids)
        for record_id, properties in stored.items():
            contact = contacts.get(named[record_id] or "")
            if contact is None:
                self.fault("contact values", f"record {record_id} has no primary contact")
            elif with_contact_values(properties, decode_object(contact.properties)) != properties:
                self.fault("contact values", f"record {record_id} does not keep what its primary contact says")
        self.findings.seen["contact values"] += len(opportunities)

    def _entries(self, stored: dict[str, Json]) -> frozenset[IndexEntry]:
        """What the finished indexes must hold of a record."""
        entries = frozenset(entry for entry in self.schema.index_entries(stored) if entry[0] in self.entries)
        for number, _ in entries:
            self.entries[number] += 1
        return entries

    async def _examine_record(self, record: Record, stored: dict[str, Json], *, text: str) -> None:
        self.records += 1
        if record.created_at != timestamp_of(record.id):
            self.fault("order", f"record {record.id} was not created at the timestamp in its id")
        for key in self._unknown(decode_object(record.properties)):
            self.fault("properties", f"record {record.id} has {key}, which no field has or had")
        expected = self.schema.search_text(stored)
        if not self.reindexing and text != expected:
            self.fault("search texts", f"record {record.id} has {text!r:.60} instead of {expected!r:.60}")
        self.texts += bool(expected)
        for claim in unique_claims(self.schema.unique_values(stored), record.id):
            self.values[claim.field_number] += 1
            holder = await self.tx.records.find_holder(self.schema, claim.field_number, claim.value)
            if holder != record.id:
                self.fault("unique values", f"{claim.value!r:.60} of record {record.id} is held by {holder or 'none'}")

    def _unknown(self, stored: dict[str, Json]) -> Iterator[str]:
        retired = self.schema.object.retired_keys
        return (key for key in stored if key not in self.known and key.partition(".")[0] not in retired)

    async def compare_counts(self) -> None:
        """What was counted on the way against what is stored: with every record in order, this leaves no orphan."""
        counted = await self.tx.records.count(self.schema)
        if counted != self.records:
            self.fault("counters", f"the counter says {counted}, there are {self.records} records")
        if disordered := await inspect(self.tx).count_misplaced(self.schema):
            self.fault("order", f"{disordered} records are out of order or misplaced")
        texts, unindexed = await inspect(self.tx).search_rows(self.schema)
        if texts != self.texts and not self.reindexing:
            self.fault("search texts", f"there are {texts}, and {self.texts} records have one")
        if unindexed:
            self.fault("full text", f"{unindexed} search texts are in the index or in the table alone")
        for field in self.schema.unique:
            held = await inspect(self.tx).unique_rows(field.number)
            if held != self.values[field.number]:
                self.fault(
                    "unique values", f"{held} values of {field.key} are held, records have {self.values[field.number]}"
                )
            self.findings.seen["unique values"] += held
        for number, expected in self.entries.items():
            held = await inspect(self.tx).index_rows(number)
            if held != expected:
                self.fault("indexes", f"the index of field {number} holds {held} entries, records have {expected}")
            self.findings.seen["indexes"] += held
        for name in ("counters", "order", "properties"):
            self.findings.seen[name] += self.records
        for name in ("search texts", "full text"):
            self.findings.seen[name] += texts
