"""The command: measures, and prints a table or JSON."""

from __future__ import annotations

import argparse
import sys

from bench.command import make_parser, make_say, present
from bench.databases import ENGINES
from bench.report import BEGIN, END
from bench.run import Options, measure
from bench.scale import SCALES


def main(arguments: list[str] | None = None) -> int:
    """Runs the benchmark that the arguments ask for; returns the exit status."""
    given = _parser().parse_args(arguments)
    options = Options(scale=SCALES[given.scale], engines=tuple(given.engine or ENGINES), directory=given.directory)
    present(measure(options, make_say()), given, (BEGIN, END))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = make_parser("make bench", "Measures the budgets as ratios; `make bench ARGS=…`.")
    size = parser.add_mutually_exclusive_group()
    size.add_argument(
        "--quick", dest="scale", action="store_const", const="quick", help="at most a minute, 10 k records"
    )
    size.add_argument("--full", dest="scale", action="store_const", const="full", help="a million records; takes long")
    size.add_argument("--tiny", dest="scale", action="store_const", const="tiny", help=argparse.SUPPRESS)
    parser.set_defaults(scale="default")
    return parser


if __name__ == "__main__":
    sys.exit(main())
