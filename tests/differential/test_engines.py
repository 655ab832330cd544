"""SQLite, PostgreSQL and a plain Python oracle give the same answers to random searches over random records."""
# Long: a trial is one thing: what it stores everywhere, how it disturbs it, and what it compares.

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import asyncpg
import msgspec
import pytest

from groundlevel.associations import relation_store
from groundlevel.associations import store as associations_store
from groundlevel.doctor.rules import examine
from groundlevel.kernel.fields import type_of
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.ids import Clock, Ids
from groundlevel.kernel.model import Association, Folder, Json, Location, Object, Record, Relation
from groundlevel.kernel.query.ast import Plan
from groundlevel.kernel.query.bind import bind
from groundlevel.kernel.query.cursor import cursor_of
from groundlevel.kernel.query.parse import parse_query
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.engines import open_storage
from groundlevel.kernel.storage.records import NewRow
from groundlevel.kernel.storage.search import search as search_plan
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, perform
from groundlevel.locations.rules import NewLocation, create_location
from groundlevel.records.rules import RecordChange, RecordKey, delete_record, new_row, update_record
from groundlevel.records.upkeep import carry_out
from groundlevel.schema import store as schema_store
from groundlevel.schema.indexes import IndexKey, begin_index, build_index, drop_index
from groundlevel.schema.object_rules import NewObject, ObjectChange, create_object, update_object
from tests.kernel.query.pets import request_of
from tests.kernel.storage.rows import SAME
from tests.needs import TESTED
from tests.postgres import fresh_database, run_apart
from tests.world import ORIGIN

from . import oracle
from .generator import START, TEXTS, Body, following, make_body, make_object, make_properties, make_rows
from .oracle import Row
from .relations import OTHER_KEY, linked, make_associations, make_relations

SEARCHES = 60
"""Searches of one round; between rounds records are added, changed and deleted."""
ROUNDS = 4
LONG_SEEDS = 90
_decode = msgspec.json.Decoder(dict[str, Json]).decode


class Later(Clock):
    """A timestamp later than every record's, and the same on all engines."""

    def now(self) -> int:
        return START + 10**10


class Earlier(Clock):
    """A timestamp before every record's."""

    def now(self) -> int:
        return START - 1


class Engine:
    """One engine, loaded with the same records as the others."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self.location: Location
        self.schema: CompiledObject
        self.associations: tuple[Association, ...] = ()

    async def load(self, definition: Object, rows: list[Row]) -> None:
        """Stores the object and its records in a new location, as a neighbour to what was stored before."""
        self.location = await create_location(self.storage, NewLocation("A location"))
        self.call = Call(self.location, ORIGIN, Ids(clock=Later()))

        async def define(tx: Transaction) -> Object:
            folder = Folder(definition.fields[0].folder_id, "All", standard=True, created_at=START, updated_at=START)
            stored = await schema_store.insert_object(tx, msgspec.structs.replace(definition, folders=(folder,)))
            return await schema_store.update_object(
                tx, msgspec.structs.replace(stored, retired_keys=definition.retired_keys)
            )

        self.schema = CompiledObject(await self.storage.change_schema(self.location, define))
        await self.add(rows)

    async def add(self, rows: list[Row]) -> None:
        new = [
            NewRow(
                row.record.id,
                row.record.created_at,
                row.record.owners,
                row.record.followers,
                row.record.created_by,
                row.record.properties,
                row.text,
                self.schema.index_entries(row.stored),
            )
            for row in rows
        ]

        async def add(tx: Transaction) -> None:
            await tx.records.insert(self.schema, new)
            for row in rows:
                if row.record.updated_at != row.record.created_at:
                    await tx.records.update(self.schema, row.record, search_text=None, entries=SAME)

        await self.storage.write(self.location, add)

    async def relate(self, others: list[str]) -> None:
        """Stores another object with records of these ids, and associations between the two and with themselves."""
        new = NewObject(OTHER_KEY, "Other", "Others", None, "name", "Name", "TEXT")
        other = CompiledObject(await perform(self.storage, self.call, create_object, new))
        rows = [new_row(other, record_id, {"name": "x"}, origin=ORIGIN) for record_id in others]
        sides = ((schema.object.number, schema.object.key) for schema in (self.schema, other))

        async def define(tx: Transaction) -> tuple[Association, ...]:
            fresh = await tx.read_schema(OTHER_KEY)
            await tx.records.insert(fresh, rows)
            return tuple([await associations_store.insert_association(tx, each) for each in make_associations(*sides)])

        self.associations = await self.storage.change_schema(self.location, define)
        await self.refresh()

    async def add_relations(self, relations: list[Relation]) -> None:
        async def add(tx: Transaction) -> None:
            for relation in relations:
                number = self.associations[relation.association].number
                await relation_store.insert_relation(tx, msgspec.structs.replace(relation, association=number))

        await self.storage.write(self.location, add)

    async def search(self, plan: Plan) -> tuple[list[Record], int]:
        found = await self.storage.scan(self.location, lambda tx: search_plan(tx, self.schema, plan))
        return found.records, found.total

    async def index(self, key: str, *, whole: bool) -> None:
        """Builds a field's index, or only begins to, so that writers have to keep what readers do not use yet."""
        wanted = IndexKey(self.schema.object.key, self.schema.fields[key].number)
        if whole:
            await build_index(self.storage, self.call, wanted)
        else:
            await perform(self.storage, self.call, begin_index, wanted)
        await self.refresh()

    async def drop_index(self, key: str) -> None:
        await drop_index(self.storage, self.call, IndexKey(self.schema.object.key, self.schema.fields[key].number))
        await self.refresh()

    async def refresh(self) -> None:
        self.schema = await self.storage.read(self.location, lambda tx: tx.schema(self.schema.object.key))


@contextmanager
def databases(request: pytest.FixtureRequest, directory: Path) -> Iterator[list[str]]:
    """The URL of an empty database on each engine that is tested."""
    urls = [f"sqlite:///{directory}/test.db"] if "sqlite" in TESTED else []
    if "postgres" not in TESTED:
        yield urls
        return
    with sorting_like_people(request.getfixturevalue("postgres_server")) as url:
        yield [*urls, url]


@contextmanager
def sorting_like_people(server: str) -> Iterator[str]:
    """A database whose own order of texts is that of a dictionary, as most are, so that ours has to be asked for."""
    name = f"test_{uuid.uuid4().hex}"
    try:
        run_apart(execute(server, f"CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"))
    except asyncpg.PostgresError:  # built without ICU
        with fresh_database(server) as url:
            yield url
        return
    try:
        yield f"{server.rpartition('/')[0]}/{name}"
    finally:
        run_apart(execute(server, f"DROP DATABASE {name} WITH (FORCE)"))


async def execute(server: str, statement: str) -> None:
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture
async def engines(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[list[Engine]]:
    with databases(request, tmp_path) as urls:
        storages = [await open_storage(Settings(database=url, synchronous="OFF")) for url in urls]
        try:
            yield [Engine(storage) for storage in storages]
        finally:
            for storage in storages:
                await storage.close()


class Trial:
    """One object with its records on all engines, and what the oracle knows of them."""

    def __init__(self, seed: int, engines: list[Engine]) -> None:
        self.seed = seed
        self.random = Random(seed)
        self.engines = engines
        self.schema = CompiledObject(make_object(self.random))
        rows = make_rows(self.random, self.schema, self.random.choice((30, 150)))
        self.rows, self.spare = rows[: len(rows) * 2 // 3], rows[len(rows) * 2 // 3 :]
        self.associations = make_associations((7, self.schema.object.key), (8, OTHER_KEY))
        ids = Ids(seed=seed, clock=Earlier())
        self.others = [ids.record_id() for _ in range(8)]
        self.relations: list[Relation] = []

    async def load(self) -> None:
        """Loads the trial's object, and before it a neighbour: another object in another location, with other types
        under the same keys. None of its records may show, nor disturb a comparison of numbers."""
        other = Random(self.seed + 1_000_000)
        neighbour = make_object(other)
        neighbour = msgspec.structs.replace(
            neighbour,
            fields=tuple(
                msgspec.structs.replace(field, key=key, stored_key=key)
                for field, key in zip(neighbour.fields, reversed([each.key for each in neighbour.fields]), strict=True)
            ),
            searchable=(),
            retired_keys=frozenset(),
        )
        neighbour = msgspec.structs.replace(neighbour, searchable=(neighbour.fields[0].key,))
        strangers = make_rows(other, CompiledObject(neighbour), 20)
        able = [field.key for field in self.schema.object.fields if type_of(field.data_type).may_be_indexed]
        self.indexed = other.sample(able, other.choice((0, 3, len(able))))
        for engine in self.engines:
            await engine.load(neighbour, strangers)
            await engine.load(self.schema.object, self.rows)
            for key in self.indexed:
                await engine.index(key, whole=other.random() < 0.5)
            await engine.relate(self.others)
        await self.relate()

    async def relate(self) -> None:
        """Adds relations, and shows the oracle all that there are."""
        made = make_relations(self.random, self.rows, self.others)
        there = {(each.association, each.first_id, each.second_id) for each in self.relations}
        made = [each for each in made if (each.association, each.first_id, each.second_id) not in there]
        for engine in self.engines:
            await engine.add_relations(made)
        self.relations += made
        self.rows = linked(self.rows, self.relations, self.associations)

    async def disturb(self) -> None:
        """Changes, deletes and adds records, and at times what is searchable, the same way everywhere."""
        random = self.random
        for row in random.sample(self.rows, 8):
            await self.update(row) if random.random() < 0.6 else await self.delete(row)
        added, self.spare = self.spare[:5], self.spare[5:]
        added = [msgspec.structs.replace(row, text=self.schema.search_text(row.stored)) for row in added]
        for engine in self.engines:
            if added:
                await engine.add(added)
        self.rows += added
        await self.relate()
        if random.random() < 0.6:
            await self.search_by_others()
        dropped = random.sample(self.indexed, len(self.indexed) // 3)
        for engine in self.engines:
            for key in self.indexed:
                await engine.index(key, whole=True)
            for key in dropped:
                await engine.drop_index(key)

    async def update(self, row: Row) -> None:
        properties = make_properties(self.random, self.schema)
        for field in self.random.sample(list(self.schema.fields.values()), 4):
            if not field.required:
                properties[field.key] = None
        change = RecordChange(self.schema.object.key, row.record.id, properties)
        stored = self.schema.validate_change(row.stored, properties, strict=False)
        for engine in self.engines:
            view = await perform(engine.storage, engine.call, update_record, change)
            record = view.record
            assert _decode(record.properties) == stored, f"seed {self.seed}, {engine.storage.engine}: {change}"
        after = msgspec.structs.replace(row, record=record, stored=stored, text=self.schema.search_text(stored))
        self.rows[self.rows.index(row)] = after

    async def delete(self, row: Row) -> None:
        for engine in self.engines:
            key = RecordKey(self.schema.object.key, row.record.id)
            assert await perform(engine.storage, engine.call, delete_record, key) == row.record.id
        self.rows.remove(row)
        self.relations = [each for each in self.relations if row.record.id not in (each.first_id, each.second_id)]

    async def search_by_others(self) -> None:
        able = [prop.field.key for prop in self.schema.properties_by_key.values() if prop.type.may_be_searchable]
        searchable = self.random.sample(sorted(set(able)), self.random.randint(1, 3))
        change = ObjectChange(self.schema.object.key, searchable)
        for engine in self.engines:
            await update_object(engine.storage, engine.call, change)
            await engine.refresh()
        self.schema = CompiledObject(msgspec.structs.replace(self.schema.object, searchable=tuple(searchable)))
        self.rows = [msgspec.structs.replace(row, text=self.schema.search_text(row.stored)) for row in self.rows]

    def body(self) -> Body:
        """A search; at times for one or two characters, in which no trigram fits."""
        random = self.random
        body = make_body(random, self.schema, self.rows)
        if random.random() < 0.15:
            text = random.choice([row.text for row in self.rows if row.text] or list(TEXTS)).replace("\n", " ")
            start = random.randrange(len(text) or 1)
            body["query"] = random.choice((text[start : start + random.randint(1, 2)], "%", "_", "\\", '"', "'"))
        return body

    async def compare(self, body: Body) -> None:
        """Asks everybody."""
        expected = oracle.search(self.plan(body), self.rows)
        answers = {}
        for engine in self.engines:
            records, total = await engine.search(self.plan(body, engine))
            answers[engine.storage.engine] = ([record.id for record in records], total)
            self.check_records(records, engine)
        assert all(answer == expected for answer in answers.values()), self.failure(body, expected, answers)

    def check_records(self, records: list[Record], engine: Engine) -> None:
        known = {row.record.id: row for row in self.rows}
        for record in records:
            row = known[record.id]
            assert _decode(record.properties) == row.stored, f"seed {self.seed}, {engine.storage.engine}: {record}"
            assert (record.created_at, record.updated_at) == (row.record.created_at, row.record.updated_at)
            assert (record.owners, record.followers) == (row.record.owners, row.record.followers)

    async def walk(self, body: Body) -> None:
        """Follows the cursor to the end, on every engine, in pages small enough that there are many."""
        whole, total = oracle.search(self.plan({**body, "page": 1, "pageLimit": 500}), self.rows)
        answers = {}
        for engine in self.engines:
            walked: list[str] = []
            step: Body = {**body, "page": 1, "pageLimit": self.random.randint(1, 12)}
            while True:
                plan = self.plan(step, engine)
                records, counted = await engine.search(plan)
                assert counted == total, self.failure(step, (whole, total), {engine.storage.engine: (walked, counted)})
                if not records:
                    break
                walked += [record.id for record in records]
                step = following(step, cursor_of(plan, records[-1]))
            answers[engine.storage.engine] = (walked, counted)
        assert all(walked == whole for walked, _ in answers.values()), self.failure(body, (whole, total), answers)

    def plan(self, body: Body, engine: Engine | None = None) -> Plan:
        known = engine or self
        query = parse_query(request_of(body), strict=False)
        return bind(query, known.schema, strict=False, associations=known.associations)

    def failure(self, body: Body, expected: tuple[list[str], int], answers: dict[str, tuple[list[str], int]]) -> str:
        said = "\n".join(f"{name}: {answer}" for name, answer in {"oracle": expected, **answers}.items())
        return f"\nseed: {self.seed}\nbody: {body}\nplan: {self.plan(body)}\n{said}"


async def run(seed: int, engines: list[Engine], patch: pytest.MonkeyPatch) -> None:
    # With few records, listing all matches is nearly always cheapest; so that the other ways are gone too.
    few, entry, selective = ((1000, 0.5, 4), (0, 0.0, 1), (5, 0.0, 0))[seed % 3]
    patch.setattr("groundlevel.kernel.storage.search.MAX_CANDIDATES", few)
    patch.setattr("groundlevel.kernel.storage.sizes.ENTRY_COST", entry)
    for module in ("search", "sizes"):
        patch.setattr(f"groundlevel.kernel.storage.{module}.SELECTIVE", selective)
    trial = Trial(seed, engines)
    await trial.load()
    before: list[Body] = []
    for round_number in range(ROUNDS):
        if round_number:
            await trial.disturb()
            # What was counted before the records changed must not be remembered now.
            asked = [body for body in before if ":" not in str(body.get("query"))]
            for body in trial.random.sample(asked, 10):
                await trial.compare(body)
        for number in range(SEARCHES):
            body = trial.body()
            before.append(body)
            await trial.compare(body)
            if number % 12 == 0:
                await trial.walk(body)
    for engine in engines:
        await carry_out(engine.storage)
        report = await examine(engine.storage)
        assert report.ok, f"seed {seed}, {engine.storage.engine}: {report}"


@pytest.mark.parametrize("seed", range(3))
async def test_engines_answer_like_the_oracle(
    seed: int, engines: list[Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    await run(seed, engines, monkeypatch)


@pytest.mark.long
@pytest.mark.parametrize("part", range(9))
async def test_engines_answer_like_the_oracle_twenty_thousand_times(
    part: int, engines: list[Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = range(1_000 + part, 1_000 + LONG_SEEDS, 9)
    assert ROUNDS * SEARCHES * LONG_SEEDS >= 20_000
    for seed in seeds:
        await run(seed, engines, monkeypatch)
