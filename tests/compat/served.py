"""Writes into docs/compatibility.md which published operations are here, refused or missing, document by document.

    python -m tests.compat.served

What the documents list is read from the tables of facts, what the server has from its table of routes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from tests.compat.deviation import between_markers
from tests.compat.published import FACTS, read_facts, route_at

PAGE = Path(__file__).resolve().parents[2] / "docs" / "compatibility.md"
BEGIN = "<!-- served operations: written by `python -m tests.compat.served` -->"
END = "<!-- end of served operations -->"


class Served(Struct, frozen=True):
    """How much of a document is here: its operations as `METHOD path`."""

    document: str
    here: tuple[str, ...]
    refused: dict[str, str]
    """What is refused, and the summary that says why."""
    missing: tuple[str, ...]


def served_documents() -> Iterator[Served]:
    """A row for each published document."""
    for table in sorted(FACTS.iterdir()):
        operations = [(each.method.upper(), each.path) for each in read_facts(table.name).operations]
        known = {f"{method} {path}": route_at(method, path) for method, path in operations}
        yield Served(
            table.name,
            here=tuple(name for name, route in known.items() if route is not None and route.supported),
            refused={name: route.summary for name, route in known.items() if route is not None and not route.supported},
            missing=tuple(name for name, route in known.items() if route is None),
        )


def rendered() -> str:
    """The tables of the page, between the two markers."""
    rows = list(served_documents())
    lines = [BEGIN, "", "| Document | Operations | Here | Refused | Not there |", "| --- | --- | --- | --- | --- |"]
    for row in rows:
        counts = (len(row.here), len(row.refused), len(row.missing))
        lines.append(f"| `{row.document}` | {sum(counts)} | {' | '.join(map(str, counts))} |")
    lines += ["", "| Document | Operation | What becomes of it |", "| --- | --- | --- |"]
    for row in rows:
        lines += [f"| `{row.document}` | `{name}` | Refused: {why}. |" for name, why in row.refused.items()]
        lines += [f"| `{row.document}` | `{name}` | Not there: 404. |" for name in row.missing]
    return "\n".join([*lines, "", END])


def replaced(page: str) -> str:
    """The page with the tables written anew. Raises ValueError when it has lost its markers."""
    return between_markers(page, (BEGIN, END), rendered())


if __name__ == "__main__":
    PAGE.write_text(replaced(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
