"""Reads the named SQL statements of an engine."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

ENGINES = ("sqlite", "postgres")
_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


@cache
def statements(engine: str) -> dict[str, str]:
    """Every statement of an engine, by name: of the files common to all, then of `<engine>.sql` and
    `<engine>_<noun>.sql`, whose own spelling wins."""
    folder = resources.files("groundlevel.storage.statements")
    sources = {entry.name: entry for entry in folder.iterdir() if entry.name.endswith(".sql")}
    owners = {name: re.split(r"[_.]", name)[0] for name in sources}
    names = sorted(name for name, owner in owners.items() if owner == engine or owner not in ENGINES)
    found: dict[str, str] = {}
    for name in sorted(names, key=lambda name: owners[name] == engine):
        parts = _NAME.split(sources[name].read_text("utf-8"))
        found.update({name: body.strip().rstrip(";") for name, body in zip(parts[1::2], parts[2::2], strict=True)})
    return found
