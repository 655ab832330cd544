"""Keeps spreadsheets from reading a cell as a formula, by an apostrophe in front of it, and takes that away again."""

from __future__ import annotations

import re

_BEGINNING = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""How formulas begin, in wide letters too; behind apostrophes, so that one in front can always be taken away."""
_NUMERAL = re.compile(r"[+-][0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
"""What begins so and is a number, or the number of a telephone."""


def guard_cell(cell: str) -> str:
    """The cell as no spreadsheet calculates it."""
    return f"'{cell}" if _BEGINNING.match(cell) and not _NUMERAL.fullmatch(cell) else cell


def unguard_cell(cell: str) -> str:
    """What `guard_cell` was given."""
    return cell[1:] if cell.startswith("'") and _BEGINNING.match(cell, 1) else cell
