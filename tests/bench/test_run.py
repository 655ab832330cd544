"""A whole run at the smallest scale has a figure for everything; what the figures are does not matter here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec

from bench.bulk import SECTION as BULK
from bench.processes import ROOT, Process, client_cpus, cpu_seconds, environment, resident_bytes, server_cpus
from bench.report import Report
from bench.serving import SECTION as SERVING
from bench.starts import SECTION as STARTS
from bench.store import SECTION as STORE
from bench.webhooks import SECTION as WEBHOOKS
from bench.works import WORKS
from tests.needs import missing, missing_postgres


def _measured(engine: str, directory: Path) -> Report:
    """The report of a run in a process of its own, since a run pins its process."""
    command = [sys.executable, "-m", "bench", "--tiny", "--json", "--engine", engine, "--directory", str(directory)]
    ran = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    report = msgspec.json.decode(ran.stdout, type=Report)
    if unmeasured := [note for note in report.notes if "was not measured" in note]:
        missing_postgres(unmeasured[0])
    return report


def test_a_run_measures_everything(engine_name: str, tmp_path: Path) -> None:
    report = _measured(engine_name, tmp_path)
    works = {section: {row.work for row in report.rows if row.section == section} for section in _sections(report)}
    assert list(works) == [SERVING, STORE, BULK, WEBHOOKS, STARTS]
    assert works[SERVING] == {work.name for work in WORKS}
    assert [len(works[section]) for section in (STORE, BULK, WEBHOOKS)] == [7, 3, 2]
    assert {row.engine for row in report.rows} == {engine_name}
    for row in report.rows:
        assert row.figure > 0
        assert row.ratio is not None
        assert row.ratio > 0
    assert not list(tmp_path.iterdir()), "a run removes what it made"


def _sections(report: Report) -> list[str]:
    return list(dict.fromkeys(row.section for row in report.rows))


def test_what_a_process_uses_is_known() -> None:
    if not Path("/proc/self/stat").exists():
        missing("the system does not tell what a process uses")
    own = cpu_seconds(os.getpid())
    assert own is not None
    assert own > 0
    family = cpu_seconds(os.getppid(), family=True)
    assert family is not None
    assert (resident_bytes(os.getpid()) or 0) > 1_000_000


def test_nothing_is_known_of_a_process_that_is_not_there() -> None:
    process = Process("bench.load")
    process.stop()
    assert cpu_seconds(process.pid) is None
    assert resident_bytes(process.pid) is None


def test_servers_and_load_generator_are_kept_apart() -> None:
    if len(server_cpus() | client_cpus()) > 1:
        assert not server_cpus() & client_cpus()
