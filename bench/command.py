"""What the commands that measure have in common: their options, and how they say and keep what they found."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench.databases import ENGINES
from bench.processes import ROOT
from bench.report import Report, as_json, as_markdown, write_between

PAGE = ROOT / "docs" / "performance.md"


def make_parser(program: str, description: str) -> argparse.ArgumentParser:
    """A parser of the options that every run has."""
    parser = argparse.ArgumentParser(program, description=description)
    parser.add_argument("--engine", action="append", choices=ENGINES, help="measure only this engine")
    parser.add_argument("--directory", type=Path, help="make the databases here instead of where temporary files go")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--update-docs", action="store_true", help="put the table into docs/performance.md")
    return parser


def make_say() -> Callable[[str], None]:
    """What tells the person who waits what is done now, and after how many seconds."""
    began = time.monotonic()

    def say(what: str) -> None:
        print(f"{time.monotonic() - began:5.0f} s  {what}", file=sys.stderr, flush=True)

    return say


def present(report: Report, given: argparse.Namespace, markers: tuple[str, str]) -> None:
    """Prints a report as it was asked for, and puts it between the markers of the page of all measurements."""
    print(as_json(report) if given.json else as_markdown(report))
    if given.update_docs:
        write_between(PAGE, markers, as_markdown(report))
