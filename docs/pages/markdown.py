"""Markdown as the reference pages use it: tables, code, JSON, links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from groundlevel.kernel.model import Json

NOTICE = "<!-- Made by docs/generate.py from the tables in the code. Change those, then run `make docs`. -->"

_CITATION = re.compile(r"\s*(?:\(docs/contract[^()]*\)|See docs/contract\.md(?:,?\s*#[\w-]+)+\.)")


def page(title: str, *parts: str) -> str:
    """A whole page; empty parts are left out."""
    return "\n\n".join([NOTICE, f"# {title}", *(part for part in parts if part)]) + "\n"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; empty when it has no rows."""
    lines = ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows]
    if not lines:
        return ""
    return "\n".join(["| " + " | ".join(headings) + " |", "| " + " | ".join("---" for _ in headings) + " |", *lines])


def code(text: str) -> str:
    """Text as code within a line."""
    fence = "``" if "`" in text else "`"
    return f"{fence}{text}{fence}"


def block(text: str, language: str = "json") -> str:
    """Text as a block of code."""
    return f"```{language}\n{text}\n```"


def json_line(value: Json) -> str:
    """A JSON value on one line, as people write it, with invisible characters escaped."""
    text = msgspec.json.format(msgspec.json.encode(value), indent=0).decode()
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def json_block(value: Json) -> str:
    """A JSON value as an indented block."""
    return block(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def plain(text: str) -> str:
    """A text of the code without its citations, which mean nothing to readers of the reference."""
    return " ".join(_CITATION.sub("", text).split())


def first_paragraph(docstring: str | None) -> str:
    """What a docstring begins with, without citations."""
    return plain((docstring or "").partition("\n\n")[0])


def anchor(heading: str) -> str:
    """The fragment by which a heading is linked to."""
    kept = "".join(c for c in heading.lower() if c.isalnum() or c in " -_")
    return kept.replace(" ", "-")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
