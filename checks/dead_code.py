"""Finds code that nobody uses: functions, methods, members, constants, imports and branches that cannot be reached.

    python -m checks.dead_code

What only a test uses is dead too. Two kinds of name are alive although no line of ours reads them: members of bodies
and replies, which clients send and read and which the OpenAPI document lists, and the names in `LIVE`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from vulture import Vulture

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "openapi.json"
CONTROL = ROOT / "docs" / "reference" / "control.md"
SEARCHED = ("src", "bench", "checks", "docs")

LIVE: Mapping[str, str] = {
    "ABANDONED": "a value of an enumeration, found by the text in a request",
    "LOST": "a value of an enumeration, found by the text in a request",
    "WON": "a value of an enumeration, found by the text in a request",
    "__annotations__": "read by typer",
    "__signature__": "read by typer",
    "connection_lost": "called by asyncio",
    "data_received": "called by asyncio",
    "describe": "called by the registry of metrics",
    "handlers": "read by logging",
    "body_bytes": "read by the page of the console",
    "import_bytes": "read by the page of the console",
    "backup_directory": "read by the page of the console",
    "database_bytes": "read by the page of the console",
    "free_bytes": "read by the page of the console",
    "sessions": "read by the page of the console",
    "unlimited": "read by the page of the console",
    "other_id": "a member of a reply under another name",
    "nav": "read by MkDocs",
    "no_wrap": "read by rich",
    "on_config": "called by MkDocs",
    "on_files": "called by MkDocs",
    "on_headers_complete": "called by httptools",
    "on_page_markdown": "called by MkDocs",
    "retired_at": "a column of a row that is read whole; statements compare it",
    "shell": "the flag for what is done without a flag",
    "total_requests": "read by uvicorn",
    "wait_closed": "called by uvicorn",
    "yaml_constructors": "read by PyYAML",
    "yaml_implicit_resolvers": "read by PyYAML",
}
"""Names that are used in a way that cannot be seen in our code, and which way that is."""


PUBLIC = ("src/groundlevel/testing/",)
"""Folders whose names without an underscore in front are there for the tests of others."""


def unused(root: Path, live: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The name of everything in the Python files below `root` that nobody uses, and where it is."""
    search = Vulture(ignore_names=list(live))
    search.scavenge([str(root / name) for name in SEARCHED if (root / name).exists()])
    for item in search.get_unused_code():
        where = Path(item.filename).resolve().relative_to(root.resolve()).as_posix()
        if where.startswith(PUBLIC) and not re.match("_[^_]", item.name):
            continue
        yield item.name, f"{where}:{item.first_lineno} {item.message}"


def members(document: Mapping[str, Any]) -> set[str]:
    """The names that members of bodies and replies have in the code."""
    found: set[str] = set()
    waiting: list[Any] = [document["components"]["schemas"]]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if isinstance(value.get("properties"), dict):
                found.update(_snake(name) for name in value["properties"])
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return found


def shown_members(page: str) -> set[str]:
    """The names in the code of what a page of the reference shows as code: of members that the document leaves out."""
    return {_snake(name) for name in re.findall(r"`(\w+)`", page)}


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def main() -> int:
    """Prints what is unused, and what in `LIVE` stands there in vain; returns the exit status."""
    alive = members(json.loads(DOCUMENT.read_text("utf-8"))) | shown_members(CONTROL.read_text("utf-8"))
    found = list(unused(ROOT, alive))
    needed = {name for name, _ in found}
    faults = [f"{where}: take it out, or say in LIVE who uses it" for name, where in found if name not in LIVE]
    faults += [f"LIVE names {name}, which needs no mention: take it out of it" for name in LIVE.keys() - needed]
    for fault in sorted(faults):
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
