#!/usr/bin/env python3
"""Makes the reference pages from the tables in the code, or with --check says which of them are stale."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]


def pages() -> dict[str, str]:
    """The text of every reference page by its path below docs/reference."""
    from pages import commands, data_types, errors, events, index, limits, object_model, operations, search, settings

    made = {
        "index.md": index.page(),
        "operations.md": operations.page(),
        "data-types.md": data_types.page(),
        "search.md": search.page(),
        "events.md": events.page(),
        "errors.md": errors.page(),
        "settings.md": settings.page(),
        "commands.md": commands.page(),
        "object-model.md": object_model.page(),
        "rate-limits.md": limits.page(),
    }
    return made | {f"errors/{code}.md": text for code, text in errors.single_pages()}


def stale(wanted: dict[str, str]) -> list[str]:
    """The paths below docs/reference whose file is missing, differs or should not be there."""
    found = {path.relative_to(REFERENCE).as_posix(): path for path in REFERENCE.rglob("*") if path.is_file()}
    wrong = [name for name, text in wanted.items() if name not in found or found[name].read_text("utf-8") != text]
    return sorted(wrong) + sorted(found.keys() - wanted.keys())


def write(wanted: dict[str, str]) -> None:
    """Makes docs/reference hold exactly these pages."""
    for name in stale(wanted):
        path = REFERENCE / name
        if name in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[name], "utf-8")
            print(f"wrote {path.relative_to(ROOT)}")
        else:
            path.unlink()
            print(f"removed {path.relative_to(ROOT)}")


def main(arguments: list[str]) -> int:
    """Writes or checks the pages; returns the exit status."""
    if arguments not in ([], ["--check"]):
        print("usage: python docs/generate.py [--check]", file=sys.stderr)
        return 2
    from pages import code_map

    wanted = pages()
    architecture = ARCHITECTURE.read_text("utf-8")
    mapped = code_map.with_map(architecture, ROOT / "src" / "groundlevel")
    if not arguments:
        write(wanted)
        if mapped != architecture:
            ARCHITECTURE.write_text(mapped, "utf-8")
            print("wrote the code map")
        return 0
    wrong = [f"docs/reference/{name}" for name in stale(wanted)]
    wrong += ["docs/architecture.md"] if mapped != architecture else []
    for name in wrong:
        print(f"{name} is stale: run `make docs`", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
