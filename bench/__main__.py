"""The command: measures, and prints a table or JSON."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from bench.databases import ENGINES
from bench.processes import ROOT
from bench.report import as_json, as_markdown, write_into
from bench.run import Options, measure
from bench.scale import SCALES

PAGE = ROOT / "docs" / "performance.md"


def main(arguments: list[str] | None = None) -> int:
    """Runs the benchmark that the arguments ask for; returns the exit status."""
    given = _parser().parse_args(arguments)
    began = time.monotonic()

    def say(what: str) -> None:
        print(f"{time.monotonic() - began:5.0f} s  {what}", file=sys.stderr, flush=True)

    engines = tuple(given.engine or ENGINES)
    report = measure(Options(scale=SCALES[given.scale], engines=engines, directory=given.directory), say)
    print(as_json(report) if given.json else as_markdown(report))
    if given.update_docs:
        write_into(PAGE, report)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("make bench", description="Measures the budgets as ratios; `make bench ARGS=…`.")
    size = parser.add_mutually_exclusive_group()
    size.add_argument(
        "--quick", dest="scale", action="store_const", const="quick", help="at most a minute, 10 k records"
    )
    size.add_argument("--full", dest="scale", action="store_const", const="full", help="a million records; takes long")
    size.add_argument("--tiny", dest="scale", action="store_const", const="tiny", help=argparse.SUPPRESS)
    parser.set_defaults(scale="default")
    parser.add_argument("--engine", action="append", choices=ENGINES, help="measure only this engine")
    parser.add_argument("--directory", type=Path, help="make the databases here instead of where temporary files go")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--update-docs", action="store_true", help="put the table into docs/performance.md")
    return parser


if __name__ == "__main__":
    sys.exit(main())
