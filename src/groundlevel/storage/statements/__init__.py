"""Reads the named SQL statements of an engine."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


@cache
def statements(engine: str) -> dict[str, str]:
    """Every statement of `shared.sql` and `<engine>.sql`, by name; the engine's own wins."""
    folder = resources.files("groundlevel.storage.statements")
    found: dict[str, str] = {}
    for source in ("shared", engine):
        parts = _NAME.split((folder / f"{source}.sql").read_text("utf-8"))
        found.update({name: body.strip().rstrip(";") for name, body in zip(parts[1::2], parts[2::2], strict=True)})
    return found
