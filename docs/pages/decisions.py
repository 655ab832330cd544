"""The list of decisions, from the first lines of their records."""

from __future__ import annotations

from pathlib import Path

NOTICE = "<!-- Made by docs/generate.py from the titles of the records. Run `make docs` after adding one. -->"
ABOUT = "Why things are as they are, with what was measured. The form is that of the first one."


def page(directory: Path) -> str:
    """The page; `directory` holds the records."""
    records = sorted(path for path in directory.glob("*.md") if path.name != "index.md")
    lines = "\n".join(f"- [{_title(path)}]({path.name})" for path in records)
    return f"{NOTICE}\n\n# Decisions\n\n{ABOUT}\n\n{lines}\n"


def _title(record: Path) -> str:
    return record.read_text("utf-8").partition("\n")[0].removeprefix("# ")
