"""Measures bulk writing and exports over HTTP beside what the bare driver takes to store the same."""

from __future__ import annotations

import asyncio
import http.client
import itertools
import socket
import threading
import time
from collections.abc import Iterator

import msgspec

from bench.bulk import IMPORT, SECTION, raw_load, raw_read, raw_rows
from bench.corpus import OBJECT, Records
from bench.databases import Database
from bench.processes import resident_bytes
from bench.report import Row, judged, median, median_ratio
from bench.scale import Scale
from bench.serving import serve_arguments, started

_LINES = 500
"""Lines of a body that are made at a time."""
_PATH = f"/x/objects/{OBJECT}/records"
_READ_BYTES = 262_144


def measure_bulk_http(database: Database, scratch_url: str, scale: Scale) -> Iterator[Row]:
    """Fills an object part by part, each beside a raw load of as many rows, and exports all of it after each part."""
    count = scale.records // scale.parts
    source = iter(Records(seed=3))
    writes, raws, exports, reads, held = [], [], [], [], []
    with started("groundlevel", *serve_arguments(database)) as served:
        for part in range(1, scale.parts + 1):
            raws.append(count / asyncio.run(raw_load(scratch_url, list(raw_rows(source, count)))))
            writes.append(count / write_records(served.port, database, lines_of(source, count)))
            reads.append(part * count / asyncio.run(raw_read(scratch_url, part * count)))
            exports.append(part * count / export_records(served.port, database, part * count))
            held.append(resident_bytes(served.process.pid))
    written = Row(
        section=SECTION,
        work="write NDJSON over HTTP, 12 properties, one searchable",
        engine=database.engine,
        figure=median(writes),
        unit="rows/s",
        ceiling=median(raws),
        ratio=median_ratio(writes, raws),
        note=f"beside it: the bare driver; the server held {_gained(held):+,.0f} MB after the first part",
    )
    yield judged(written, IMPORT, scale.records)
    yield Row(
        section=SECTION,
        work="export NDJSON over HTTP, 12 properties",
        engine=database.engine,
        figure=median(exports),
        unit="rows/s",
        ceiling=median(reads),
        ratio=median_ratio(exports, reads),
        note="beside it: the bare driver",
    )


def _gained(held: list[int | None]) -> float:
    """Megabytes that a process has taken between the first and the last look; 0 where the system does not tell."""
    return ((held[-1] or 0) - (held[0] or 0)) / 1e6


def lines_of(source: Iterator[dict[str, object]], count: int) -> list[bytes]:
    encode = msgspec.json.Encoder().encode_lines
    rows = ({"properties": properties} for properties in itertools.islice(source, count))
    return [encode(lines) for lines in iter(lambda: list(itertools.islice(rows, _LINES)), [])]


def _headers(database: Database) -> dict[str, str]:
    return {"Authorization": f"Bearer {database.token}", "Version": "2021-07-28"}


def write_records(port: int, database: Database, pieces: list[bytes]) -> float:
    """Sends rows while the results are read; returns the seconds. Raises RuntimeError when one is refused."""
    received = bytearray()
    head = [f"POST {_PATH}/bulk HTTP/1.1", "Host: bench", "Connection: close"]
    head += [f"{name}: {value}" for name, value in _headers(database).items()]
    head += [f"Content-Length: {sum(map(len, pieces))}", "", ""]
    with socket.create_connection(("127.0.0.1", port)) as connection:

        def read() -> None:
            while part := connection.recv(_READ_BYTES):
                received.extend(part)

        reader = threading.Thread(target=read)
        reader.start()
        started_at = time.perf_counter()
        connection.sendall("\r\n".join(head).encode())
        for piece in pieces:
            connection.sendall(piece)
        reader.join()
        seconds = time.perf_counter() - started_at
    rows = sum(piece.count(b"\n") for piece in pieces)
    if received.count(b'"action":"created"') != rows:
        raise RuntimeError(f"not all of {rows} rows were created: {bytes(received[:2_000]).decode()}")
    return seconds


def export_records(port: int, database: Database, count: int) -> float:
    """Reads a whole export; returns the seconds. Raises RuntimeError when records are missing."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    try:
        started_at = time.perf_counter()
        connection.request("GET", f"{_PATH}/export", headers=_headers(database))
        response = connection.getresponse()
        lines = 0
        while part := response.read(_READ_BYTES):
            lines += part.count(b"\n")
        seconds = time.perf_counter() - started_at
    finally:
        connection.close()
    if lines != count:
        raise RuntimeError(f"{lines} of {count} records were exported")
    return seconds
