"""Reads the named SQL statements of an engine from the folders of all nouns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


@cache
def statements(engine: str) -> dict[str, str]:
    """Every statement of an engine, by name: of each `store.sql`, and of each `store_<engine>.sql`, which
    wins.

    Raises ValueError when two files of one kind have a statement of the same name.
    """
    folder = resources.files("groundlevel")
    return {**_read_statements(folder, "store.sql"), **_read_statements(folder, f"store_{engine}.sql")}


def _read_statements(folder: Traversable, file: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in _texts(folder, file):
        parts = _NAME.split(text)
        for name, body in zip(parts[1::2], parts[2::2], strict=True):
            if name in found:
                raise ValueError(f"two statements are called {name}")
            found[name] = body.strip().rstrip(";")
    return found


def _texts(folder: Traversable, file: str) -> Iterator[str]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _texts(entry, file)
        elif entry.name == file:
            yield entry.read_text("utf-8")
