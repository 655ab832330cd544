#!/usr/bin/env python3
"""Turns the package list of a Debian or Ubuntu machine into CSV: a large, real table to try an import with.

    apt-cache dumpavail | python3 examples/packages_csv.py > packages.csv
    groundlevel location create --name "Package archive"
    groundlevel import packages.csv --object package --create-object --dry-run
    groundlevel import packages.csv --object package --create-object
    groundlevel import packages.csv --object package --match package        # again: updates what is there

Every paragraph of the list becomes a row; a package that is listed in several versions becomes one row, the first.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator

COLUMNS = {
    "Package": "Package",
    "Version": "Version",
    "Section": "Section",
    "Priority": "Priority",
    "Architecture": "Architecture",
    "Multi-Arch": "Multi-Arch",
    "Installed-Size": "Installed size (KiB)",
    "Size": "Download size (bytes)",
    "Maintainer": "Maintainer",
    "Homepage": "Homepage",
    "Source": "Source package",
    "Description": "Description",
    "Depends": "Depends",
}
"""What is taken of a paragraph, and the name of its column."""


def paragraphs(lines: Iterable[str]) -> Iterator[dict[str, str]]:
    """The paragraphs of a package list; lines that go on from the one before start with a blank."""
    paragraph: dict[str, str] = {}
    name = ""
    for line in lines:
        text = line.rstrip("\n")
        if not text:
            if paragraph:
                yield paragraph
            paragraph, name = {}, ""
        elif text[0] in " \t":
            paragraph[name] = f"{paragraph.get(name, '')}\n{text.strip()}"
        else:
            name, _, value = text.partition(":")
            paragraph[name] = value.strip()
    if paragraph:
        yield paragraph


def main() -> None:
    """Reads a package list on standard input and writes CSV to standard output."""
    write = csv.writer(sys.stdout, lineterminator="\n").writerow
    write(COLUMNS.values())
    seen = set()
    for paragraph in paragraphs(sys.stdin):
        name = paragraph.get("Package", "")
        if name and name not in seen:
            seen.add(name)
            write(paragraph.get(column, "") for column in COLUMNS)


if __name__ == "__main__":
    main()
