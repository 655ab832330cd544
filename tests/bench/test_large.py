"""A large run at the smallest scale has a figure for everything; what the figures are does not matter here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec

from bench.large_searches import SECTION as SEARCHES
from bench.large_traffic import SECTION as TRAFFIC
from bench.processes import ROOT, environment
from bench.questions import QUESTIONS
from bench.report import Report
from bench.store import SECTION as STORE


def test_a_large_run_measures_everything(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench.large", "--tiny", "--json", "--engine", "sqlite"]
    ran = subprocess.run(
        [*command, "--directory", str(tmp_path)],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    report = msgspec.json.decode(ran.stdout, type=Report)
    works = {section: [row.work for row in report.rows if row.section == section] for section in (TRAFFIC, SEARCHES)}
    assert len(works[TRAFFIC]) == 3
    assert set(QUESTIONS) < set(works[SEARCHES])
    assert sum(work.startswith("p95 of a small tenant's searches") for work in works[SEARCHES]) == 2
    assert [row.section for row in report.rows][-1] == STORE
    assert all(row.figure > 0 for row in report.rows)
    assert not list(tmp_path.iterdir()), "a run removes what it made"
