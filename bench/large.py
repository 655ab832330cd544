"""The large run: a million records in one object beside 200,000 in the 2,000 objects of 200 locations."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec

from bench import large_searches, large_traffic
from bench.bulk import import_file
from bench.command import make_parser, make_say, present
from bench.corpus import Records, write_csv
from bench.databases import ENGINES, Pair, fresh_urls, furnish, make_workspace, sync_seconds, tidy
from bench.large_scale import LARGE, TINY, LargeScale
from bench.large_searches import measure_questions, measure_small_tenant
from bench.large_traffic import measure_traffic
from bench.processes import compiled_in, machine, pin, server_cpus, unpinned
from bench.report import Report, Row
from bench.run import Say, note_load, run_on_loop
from bench.scale import SCALES
from bench.store import SECTION as STORE
from bench.store import measure_growth
from bench.tenants import fill_tenants
from groundlevel.kernel.observe import start_logging

MARKERS = ("<!-- large: begin -->", "<!-- large: end -->")
_ORDER = (large_traffic.SECTION, large_searches.SECTION, STORE)


def main(arguments: list[str] | None = None) -> int:
    """Runs the benchmark that the arguments ask for; returns the exit status."""
    parser = make_parser("make bench-large", "Measures a million records; takes half an hour.")
    parser.add_argument("--tiny", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    scale, engines = TINY if given.tiny else LARGE, tuple(given.engine or ENGINES)
    present(measure_large(scale, engines, given.directory, make_say()), given, MARKERS)
    return 0


def measure_large(scale: LargeScale, engines: tuple[str, ...], directory: Path | None, say: Say) -> Report:
    """Measures one engine after the other, and tells `say` what it is about to do."""
    began = time.perf_counter()
    report = Report(machine=machine(), scale=scale.name, records=scale.records)
    start_logging("text", "warning")
    # The measurements at the store run in this process.
    pin(server_cpus())
    with ExitStack() as stack:
        workspace = stack.enter_context(make_workspace(directory, engines))
        note_load(report)
        stack.enter_context(compiled_in(workspace.directory / "compiled"))
        synced = sync_seconds(workspace.directory) * 1e3
        report.notes.append(f"The disk takes {synced:.2f} ms to make 4 KiB durable (fsync, median).")
        few = workspace.directory / "few.csv"
        write_csv(few, iter(Records(seed=9)), scale.few)
        for engine in engines:
            if engine == "postgres" and not workspace.cluster_url:
                report.notes.append(f"PostgreSQL was not measured: {workspace.why_not}.")
                continue
            with fresh_urls(workspace, engine, 3) as (large, small, scratch):
                databases = run_on_loop(furnish(engine, large)), run_on_loop(furnish(engine, small))
                report.rows += _measure_engine(Pair(*databases, scratch), few, scale, say)
    report.rows.sort(key=lambda row: _ORDER.index(row.section))
    report.seconds = time.perf_counter() - began
    return report


def _measure_engine(pair: Pair, few: Path, scale: LargeScale, say: Say) -> Iterator[Row]:
    engine = pair.large.engine
    say(f"writing {scale.records:,} records over HTTP on {engine}, and reading them")
    yield from measure_traffic(pair.large, pair.scratch_url, scale)
    say(f"creating {scale.locations} locations of {scale.objects} objects on {engine}")
    tenant = run_on_loop(fill_tenants(pair.large, scale))
    run_on_loop(import_file(pair.small, few, scale.few))
    for database in (pair.large, pair.small):
        run_on_loop(tidy(database))
    say(f"creating at the store on {engine}")
    # Creates first: searches make field indexes, which the small object would not have.
    turns = msgspec.structs.replace(SCALES[scale.turns], records=scale.records, few=scale.few)
    yield run_on_loop(measure_growth(pair, turns))
    say(f"searching at the store on {engine}")
    yield from run_on_loop(measure_questions(pair.large, scale))
    say(f"searching for a small tenant on {engine} while the large object is scanned")
    yield run_on_loop(measure_small_tenant(pair.large, tenant, scale, len(server_cpus())))
    with unpinned() as processors:
        yield run_on_loop(measure_small_tenant(pair.large, tenant, scale, processors))


if __name__ == "__main__":
    sys.exit(main())
