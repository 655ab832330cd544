#!/usr/bin/env python3
"""Makes what below docs is made from the code, or with --check says which of it is stale."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
ARCHITECTURE = DOCS / "architecture.md"
OWN = ("reference", "openapi.json", "decisions/index.md", "architecture.md")
"""What is made below docs: every file of a directory, and single files; of the architecture only its code map."""

sys.path[:0] = [str(ROOT / "src"), str(ROOT)]


def pages() -> dict[str, str]:
    """The text of everything that is made, by its path below docs."""
    from pages import (
        changes,
        code_map,
        commands,
        control,
        data_types,
        decisions,
        errors,
        events,
        fidelity,
        index,
        limits,
        object_model,
        openapi,
        operations,
        search,
        settings,
    )

    reference = {
        "index.md": index.page(),
        "operations.md": operations.page(),
        "data-types.md": data_types.page(),
        "search.md": search.page(),
        "changes.md": changes.page(),
        "events.md": events.page(),
        "errors.md": errors.page(),
        "settings.md": settings.page(),
        "commands.md": commands.page(),
        "control.md": control.page(),
        "object-model.md": object_model.page(),
        "rate-limits.md": limits.page(),
        "fidelity.md": fidelity.page(),
    }
    reference |= {f"errors/{code}.md": text for code, text in errors.single_pages()}
    made = {f"reference/{name}": text for name, text in reference.items()}
    made["architecture.md"] = code_map.with_map(ARCHITECTURE.read_text("utf-8"), ROOT / "src" / "groundlevel")
    return made | {"openapi.json": openapi.document(), "decisions/index.md": decisions.page(DOCS / "decisions")}


def stale(wanted: dict[str, str]) -> list[str]:
    """The paths below docs whose file is missing, differs or should not be there."""
    owned = [path for name in OWN for path in ((DOCS / name).rglob("*") if (DOCS / name).is_dir() else (DOCS / name,))]
    found = {path.relative_to(DOCS).as_posix(): path for path in owned if path.is_file()}
    wrong = [name for name, text in wanted.items() if name not in found or found[name].read_text("utf-8") != text]
    return sorted(wrong) + sorted(found.keys() - wanted.keys())


def write(wanted: dict[str, str]) -> None:
    """Makes docs hold exactly these where it holds what is made."""
    for name in stale(wanted):
        path = DOCS / name
        if name in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[name], "utf-8")
            print(f"wrote {path.relative_to(ROOT)}")
        else:
            path.unlink()
            print(f"removed {path.relative_to(ROOT)}")


def main(arguments: list[str]) -> int:
    """Writes or checks what is made; returns the exit status."""
    if arguments not in ([], ["--check"]):
        print("usage: python docs/generate.py [--check]", file=sys.stderr)
        return 2
    wanted = pages()
    if not arguments:
        write(wanted)
        return 0
    wrong = stale(wanted)
    for name in wrong:
        print(f"docs/{name} is stale: run `make docs`", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
