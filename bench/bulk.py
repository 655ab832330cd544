"""Measures imports of files beside what the bare driver takes to store the same."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import apsw
import asyncpg
import msgspec

from bench.corpus import OBJECT, PRIMARY, Records
from bench.databases import Database, Pair
from bench.report import Budget, Row, judged, median, median_ratio
from bench.scale import Scale
from bench.store import opened
from groundlevel.imports.rules import Import, plan_import
from groundlevel.imports.runs import run_import

SECTION = "Bulk import"
CHUNK = 1_000
IMPORT = Budget("≥ 8,000/s SQLite, ≥ 6,000/s PostgreSQL", least={"sqlite": 8_000, "postgres": 6_000}, records=100_000)
Raw = tuple[bytes, str, str]
"""Id, properties and search text as they are stored."""


async def import_file(database: Database, path: Path, rows: int) -> float:
    """Imports a file as `groundlevel import` does; returns the seconds. Raises RuntimeError if a row is refused."""
    async with opened(database) as at:
        call = database.call(at.storage)
        started = time.perf_counter()
        request = Import(path=path, object_key=OBJECT)
        plan = await plan_import(at.storage, call, request=request, progress=_silent)
        summary = await run_import(at.storage, call, plan, progress=_silent)
        seconds = time.perf_counter() - started
    if summary.created != rows:
        raise RuntimeError(f"{summary.created} of {rows} rows were created; see {summary.errors_path}")
    return seconds


def _silent(_position: int) -> None:
    """Nobody watches."""


async def measure_bulk(pair: Pair, files: Sequence[Path], scale: Scale) -> Row:
    """Fills the large object file by file, each beside a raw load of as many rows."""
    count = scale.records // len(files)
    source = iter(Records())
    imports, raws = [], []
    for path in files:
        raws.append(count / await raw_load(pair.scratch_url, list(raw_rows(source, count))))
        imports.append(count / await import_file(pair.large, path, count))
    row = Row(
        section=SECTION,
        work="import a CSV file of 12 columns, one searchable",
        engine=pair.large.engine,
        figure=median(imports),
        unit="rows/s",
        ceiling=median(raws),
        ratio=median_ratio(imports, raws),
        note="beside it: the bare driver",
    )
    return judged(row, IMPORT, scale.records)


def raw_rows(source: Iterator[dict[str, object]], count: int) -> Iterator[Raw]:
    """The next records as they are stored."""
    for properties in itertools.islice(source, count):
        text = str(properties[PRIMARY]).lower()
        yield os.urandom(4) + time.time_ns().to_bytes(8, "big"), msgspec.json.encode(properties).decode(), text


async def raw_load(url: str, rows: list[Raw]) -> float:
    """Seconds to store the rows in transactions of CHUNK by the bare driver."""
    if url.startswith("sqlite:///"):
        return _raw_sqlite(url.removeprefix("sqlite:///"), rows)
    return await _raw_postgres(url, rows)


async def raw_read(url: str, count: int) -> float:
    """Seconds to read so many of the rows that were stored, in their order, by the bare driver."""
    statement = (
        f"SELECT id, properties FROM load ORDER BY {'n' if url.startswith('sqlite:///') else 'id'} LIMIT {count}"
    )
    if url.startswith("sqlite:///"):
        raw = apsw.Connection(url.removeprefix("sqlite:///"))
        try:
            started = time.perf_counter()
            for _ in raw.execute(statement):
                """Each is read."""
            return time.perf_counter() - started
        finally:
            raw.close()
    connection = await asyncpg.connect(url)
    try:
        started = time.perf_counter()
        async with connection.transaction():
            async for _ in connection.cursor(statement, prefetch=CHUNK):
                """Each is read."""
        return time.perf_counter() - started
    finally:
        await connection.close()


def _raw_sqlite(path: str, rows: list[Raw]) -> float:
    raw = apsw.Connection(path)
    try:
        raw.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000")
        raw.execute("CREATE TABLE IF NOT EXISTS load (n INTEGER PRIMARY KEY, id BLOB UNIQUE, properties TEXT)")
        raw.execute(
            "CREATE VIRTUAL TABLE IF NOT EXISTS load_text"
            " USING fts5(t, tokenize = 'trigram', content = '', detail = none)"
        )
        started = time.perf_counter()
        for at in range(0, len(rows), CHUNK):
            chunk = rows[at : at + CHUNK]
            with raw:
                raw.executemany("INSERT INTO load (id, properties) VALUES (?, ?)", [row[:2] for row in chunk])
                raw.executemany("INSERT INTO load_text (t) VALUES (?)", [row[2:] for row in chunk])
        return time.perf_counter() - started
    finally:
        raw.close()


async def _raw_postgres(url: str, rows: list[Raw]) -> float:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("CREATE TABLE IF NOT EXISTS load (id bytea PRIMARY KEY, properties jsonb, t text)")
        available = "SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'"
        if await connection.fetchval(available):
            await connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            await connection.execute("CREATE INDEX IF NOT EXISTS load_text ON load USING gin (t gin_trgm_ops)")
        started = time.perf_counter()
        for at in range(0, len(rows), CHUNK):
            await connection.copy_records_to_table("load", records=rows[at : at + CHUNK])
        return time.perf_counter() - started
    finally:
        await connection.close()
