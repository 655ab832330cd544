"""Reads the named SQL statements of an engine from the folders of all nouns, and whether each of them writes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from msgspec import Struct

_HEADING = re.compile(r"^-- name: (.*)$", re.MULTILINE)
_DECLARATION = re.compile(r"(\w+)  (reads|writes)( overtakes)?")


class Statement(Struct, frozen=True, gc=False):
    """SQL with the placeholders $1, $2, …, and what has to be known of it without reading it."""

    name: str
    """Empty for one that is made for a single use."""
    sql: str
    writes: bool
    """Whether it may change rows. One that only locks them changes none."""
    overtakes: bool = False
    """Whether it may run before records inserted earlier in its transaction: it neither sees nor changes their rows."""

    @classmethod
    def query(cls, sql: str) -> Statement:
        """A statement for a single use that reads."""
        return cls("", sql, writes=False)

    @classmethod
    def command(cls, sql: str) -> Statement:
        """A statement for a single use that may write."""
        return cls("", sql, writes=True)


@cache
def statements(engine: str) -> dict[str, Statement]:
    """Every statement of an engine, by name: of each `store.sql`, and of each `store_<engine>.sql`, which
    wins.

    A statement begins with `-- name: find_pair  reads`, or with `writes`, or with `writes overtakes`.
    Raises ValueError when one declares nothing, or when two files of one kind have a statement of the same name.
    """
    return {**_read_statements("store.sql"), **_read_statements(f"store_{engine}.sql")}


def _read_statements(name: str) -> dict[str, Statement]:
    read: dict[str, Statement] = {}
    for file in _sql_files():
        if file.name != name:
            continue
        for statement in parse_statements(file.read_text("utf-8")):
            if statement.name in read:
                raise ValueError(f"two statements are called {statement.name}")
            read[statement.name] = statement
    return read


def parse_statements(text: str) -> Iterator[Statement]:
    """The statements of a file, in order. Raises ValueError for a heading that declares neither reads nor writes."""
    parts = _HEADING.split(text)
    for heading, body in zip(parts[1::2], parts[2::2], strict=True):
        declared = _DECLARATION.fullmatch(heading)
        if declared is None:
            raise ValueError(f"a statement declares itself as `name  reads` or `name  writes`, not as {heading!r}")
        name, effect, overtakes = declared.groups()
        yield Statement(name, body.strip().rstrip(";"), effect == "writes", overtakes is not None)


@cache
def _sql_files() -> tuple[Traversable, ...]:
    """Every file of statements; both engines read them while the program starts, so they are looked for once."""
    return tuple(_list_sql_files(resources.files("groundlevel")))


def _list_sql_files(folder: Traversable) -> Iterator[Traversable]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".sql"):
            yield entry
        # Names with a dot are files: to ask that of each takes longer than all the rest.
        elif "." not in entry.name and entry.name != "__pycache__" and entry.is_dir():
            yield from _list_sql_files(entry)
