"""Measures a million records on their way in and out over HTTP, and what the server holds in memory meanwhile."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from bench.bulk import raw_load, raw_read, raw_rows
from bench.bulk_http import export_records, lines_of, write_records
from bench.corpus import Records
from bench.databases import Database
from bench.large_scale import LargeScale
from bench.processes import resident_bytes
from bench.report import Budget, Row, judged, median, median_ratio
from bench.serving import serve_arguments, started

SECTION = "A million records over HTTP"
WRITES = Budget("≥ 8,000/s SQLite, ≥ 6,000/s PostgreSQL", least={"sqlite": 8_000, "postgres": 6_000}, records=1_000_000)
GAIN = Budget("≤ 50 MB", most=50.0, records=1_000_000)
_LOOK_SECONDS = 0.2


class _Watch:
    """The most memory that a process has held since it was last asked."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.most = 0
        self.ended = threading.Event()

    def look(self) -> None:
        """Looks until it is over."""
        while not self.ended.wait(_LOOK_SECONDS):
            self.most = max(self.most, resident_bytes(self._pid) or 0)

    def take(self) -> float:
        """Megabytes."""
        most, self.most = max(self.most, resident_bytes(self._pid) or 0), 0
        return most / 1e6


@contextmanager
def _watched(pid: int) -> Iterator[_Watch]:
    watch = _Watch(pid)
    thread = threading.Thread(target=watch.look)
    thread.start()
    try:
        yield watch
    finally:
        watch.ended.set()
        thread.join()


def measure_traffic(database: Database, scratch_url: str, scale: LargeScale) -> Iterator[Row]:
    """Fills the large object part by part, each beside a raw load of as many rows, and then exports all of it."""
    count = scale.records // scale.parts
    source = iter(Records())
    writes, raws, held = [], [], []
    with (
        started("groundlevel", *serve_arguments(database)) as served,
        _watched(served.process.pid) as watch,
    ):
        for part in range(1, scale.parts + 1):
            raws.append(count / asyncio.run(raw_load(scratch_url, list(raw_rows(source, count)))))
            writes.append(count / write_records(served.port, database, lines_of(source, count)))
            if part == 1:
                # What is read fills caches too.
                export_records(served.port, database, count)
            held.append(watch.take())
        exported = scale.records / export_records(served.port, database, scale.records)
        held.append(watch.take())
    read = scale.records / asyncio.run(raw_read(scratch_url, scale.records))

    def row(work: str, figure: float, unit: str, ceiling: float) -> Row:
        made = Row(section=SECTION, work=work, engine=database.engine, figure=figure, unit=unit, ceiling=ceiling)
        made.ratio = figure / ceiling
        return made

    written = row("write NDJSON, 12 properties, one searchable", median(writes), "rows/s", median(raws))
    written.ratio = median_ratio(writes, raws)
    written.note = (
        f"beside it: the bare driver; the last of {scale.parts} parts at {writes[-1] / writes[0]:.2f} × the first"
    )
    yield judged(written, WRITES, scale.records)
    yield row("export NDJSON, 12 properties", exported, "rows/s", read)
    # The first part fills caches on its way in and out; what follows must add nothing to them.
    gained = row("most memory of the server while they go in and out", max(held), "MB", held[0])
    gained.note = f"beside it: after the first part; {max(held) - held[0]:+,.0f} MB"
    gained.budget, gained.met = GAIN.text, max(held) - held[0] <= (GAIN.most or 0)
    yield gained
