"""One whole run: makes the databases, fills them, measures everything, and removes what it made."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

import uvloop
from msgspec import Struct

from bench import bulk, serving, starts, store, webhooks
from bench.bulk import import_file, measure_bulk
from bench.bulk_http import measure_bulk_http
from bench.corpus import Records, write_csv
from bench.databases import (
    ENGINES,
    Pair,
    Workspace,
    fresh_urls,
    furnish,
    make_workspace,
    record_ids,
    server_of,
    sync_seconds,
    tidy,
)
from bench.processes import compiled_in, machine, pin, server_cpus
from bench.relations import MANY, link, measure_relations
from bench.report import Report, Row
from bench.scale import Scale
from bench.serving import measure_serving
from bench.starts import measure_starts
from bench.store import measure_growth, measure_searches
from bench.webhooks import measure_webhooks
from bench.works import DISTINCT, WORKS, Target
from groundlevel.kernel.observe import start_logging

T = TypeVar("T")
Say = Callable[[str], None]
BUSY = 0.5
"""From this load average on, a report says that others used the machine."""


class Options(Struct, frozen=True, kw_only=True):
    """What is measured, and where."""

    scale: Scale
    engines: tuple[str, ...] = ENGINES
    directory: Path | None = None
    """Where databases are put; None is the system's directory for temporary files."""


class Files(Struct, frozen=True):
    """What is imported."""

    parts: list[Path]
    """The large object's records."""
    small: Path


def measure(options: Options, say: Say) -> Report:
    """Measures everything, and tells `say` what it is about to do."""
    began = time.perf_counter()
    scale = options.scale
    report = Report(machine=machine(), scale=scale.name, records=scale.records)
    start_logging("text", "warning")
    # The measurements at the store run in this process.
    pin(server_cpus())
    with ExitStack() as stack:
        workspace = stack.enter_context(make_workspace(options.directory, options.engines))
        note_load(report)
        stack.enter_context(compiled_in(workspace.directory / "compiled"))
        synced = sync_seconds(workspace.directory) * 1e3
        report.notes.append(f"The disk takes {synced:.2f} ms to make 4 KiB durable (fsync, median).")
        engines = options.engines
        if "postgres" in engines and not workspace.cluster_url:
            report.notes.append(f"PostgreSQL was not measured: {workspace.why_not}.")
            engines = tuple(engine for engine in engines if engine != "postgres")
        say("writing the files to import")
        files = _written(workspace, scale)
        subjects: dict[str, tuple[Pair, Target]] = {}
        for engine in engines:
            say(f"importing {scale.records:,} records on {engine}")
            *urls, written_url = stack.enter_context(fresh_urls(workspace, engine, 4))
            pair = run_on_loop(_empty(engine, urls))
            report.rows.append(run_on_loop(measure_bulk(pair, files.parts, scale)))
            say(f"writing as many over HTTP on {engine}")
            report.rows += measure_bulk_http(run_on_loop(furnish(engine, written_url)), pair.scratch_url, scale)
            subjects[engine] = pair, run_on_loop(_filled(pair, files, scale))
        say(f"serving {len(WORKS)} kinds of requests")
        pids = {engine: run_on_loop(server_of(pair.large)) for engine, (pair, _) in subjects.items()}
        report.rows += measure_serving(scale, [target for _, target in subjects.values()], pids)
        for engine, (pair, target) in subjects.items():
            say(f"searching and creating at the store on {engine}")
            # Creates first: searches make field indexes, which the small object would not have.
            growth = run_on_loop(measure_growth(pair, scale))
            report.rows += [*run_on_loop(measure_searches(pair.large, scale)), growth]
            report.rows += run_on_loop(measure_relations(pair.large, target.linked, scale))
            say(f"starting the server on {engine}")
            report.rows += measure_starts(pair.large, WORKS[0].exchanges(target)[0].request, scale)
            say(f"delivering webhooks on {engine}")
            report.rows += run_on_loop(measure_webhooks(pair.small, scale))
    report.rows.sort(key=_rank_in_report)
    report.seconds = time.perf_counter() - began
    return report


def note_load(report: Report) -> None:
    """Notes when others use the machine."""
    if hasattr(os, "getloadavg") and (busy := os.getloadavg()[0]) > BUSY:
        report.notes.append(
            f"The machine was busy with other work (load average {busy:.1f} at the start): rates are too low, "
            "ratios rough, processor times fair."
        )


def _written(workspace: Workspace, scale: Scale) -> Files:
    source = iter(Records())
    parts = []
    for number in range(scale.parts):
        parts.append(workspace.directory / f"part{number}.csv")
        write_csv(parts[-1], source, scale.records // scale.parts)
    small = workspace.directory / "small.csv"
    write_csv(small, iter(Records(seed=9)), scale.few)
    return Files(parts, small)


async def _empty(engine: str, urls: list[str]) -> Pair:
    large, small, scratch = urls
    return Pair(await furnish(engine, large), await furnish(engine, small), scratch)


async def _filled(pair: Pair, files: Files, scale: Scale) -> Target:
    """Fills the small object too, and says what is known about the large one."""
    await import_file(pair.small, files.small, scale.few)
    await tidy(pair.small)
    linked = await link(pair.large, min(MANY, scale.records))
    await tidy(pair.large)
    ids = await record_ids(pair.large, DISTINCT)
    return Target(database=pair.large, ids=ids, records=scale.records, linked=linked)


_ORDER = (serving.SECTION, store.SECTION, bulk.SECTION, webhooks.SECTION, starts.SECTION)


def _rank_in_report(row: Row) -> int:
    return _ORDER.index(row.section)


def run_on_loop(work: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine on the event loop that the server uses."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)
