"""Measures how long a server takes from its start to its first answer, and what it then holds in memory."""

from __future__ import annotations

import time
from collections.abc import Iterator

from bench.databases import Database
from bench.processes import resident_bytes
from bench.report import Budget, Row, judged, median, median_ratio
from bench.scale import Scale
from bench.serving import asked, serve_arguments, started

SECTION = "Start and memory"
START = Budget("≤ 0.7 s", most=0.7)
MEMORY = Budget("≤ 120 MB", most=120.0)
_FIGURES = (("start to first answer", "s", START), ("idle memory", "MB", MEMORY))
_IDLE_SECONDS = 0.5


def measure_starts(database: Database, request: bytes, scale: Scale) -> Iterator[Row]:
    """A row for the time and one for the memory, beside those of the ceiling's server."""
    own, bare = [], []
    _start("groundlevel", serve_arguments(database), request)  # so that modules are compiled
    for _ in range(scale.starts):
        bare.append(_start("bench.ceiling", [], request))
        own.append(_start("groundlevel", serve_arguments(database), request))
    for number, (work, unit, budget) in enumerate(_FIGURES):
        figures, ceilings = [each[number] for each in own], [each[number] for each in bare]
        if all(figures):
            row = Row(
                section=SECTION,
                work=work,
                engine=database.engine,
                figure=median(figures),
                unit=unit,
                ceiling=median(ceilings),
                ratio=median_ratio(figures, ceilings),
            )
            yield judged(row, budget, scale.records)


def _start(module: str, arguments: list[str], request: bytes) -> tuple[float, float]:
    """Seconds to the first answer, and megabytes a timestamp later; 0 where the system does not tell."""
    began = time.perf_counter()
    with started(module, *arguments) as served:
        reply = asked(served.port, request)
        seconds = time.perf_counter() - began
        if reply.status != 200:
            raise RuntimeError(f"the first answer was {reply.status}: {reply.body.decode()}")
        time.sleep(_IDLE_SECONDS)
        held = resident_bytes(served.process.pid)
    return seconds, (held or 0) / 1e6
