"""Measures how long a server takes from its start to its first answer, and what it then holds in memory."""

from __future__ import annotations

import time
from collections.abc import Iterator

from bench.databases import Database
from bench.processes import resident_bytes
from bench.report import Budget, Row, judged, median
from bench.scale import Scale
from bench.serving import asked, serve_arguments, started

SECTION = "Start and memory"
START = Budget("≤ 0.7 s", most=0.7)
MEMORY = Budget("≤ 120 MB", most=120.0)
_IDLE_SECONDS = 0.5


def measure_starts(database: Database, request: bytes, scale: Scale) -> Iterator[Row]:
    """A row for the time and one for the memory, beside those of the ceiling's server."""
    own: list[tuple[float, float | None]] = []
    bare: list[tuple[float, float | None]] = []
    for _ in range(scale.starts):
        bare.append(_start("bench.ceiling", [], request))
        own.append(_start("groundlevel", serve_arguments(database), request))
    for number, (work, unit, budget) in enumerate((("start to first answer", "s", START), ("idle memory", "MB", MEMORY))):
        figure, ceiling = median(each[number] for each in own), median(each[number] for each in bare)
        if figure is not None and ceiling is not None:
            row = Row(
                section=SECTION, work=work, engine=database.engine, figure=figure, unit=unit, ceiling=ceiling,
                ratio=figure / ceiling,
            )  # fmt: skip
            yield judged(row, budget, scale.records)


def _start(module: str, arguments: list[str], request: bytes) -> tuple[float, float | None]:
    """Seconds to the first answer, and megabytes a moment later."""
    began = time.perf_counter()
    with started(module, *arguments) as served:
        reply = asked(served.port, request)
        seconds = time.perf_counter() - began
        if reply.status != 200:
            raise RuntimeError(f"the first answer was {reply.status}: {reply.body.decode()}")
        time.sleep(_IDLE_SECONDS)
        held = resident_bytes(served.process.pid)
    return seconds, None if held is None else held / 1e6
