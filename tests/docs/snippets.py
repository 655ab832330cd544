"""Finds the snippets of a Markdown document, and compares what they print with what the document shows.

A block of `text` or `json` right behind a snippet is its expected output, in which `...` stands for anything within a
line, and a line of nothing else for any lines. A comment right above a snippet may say `not run: <reason>`, or `served`
when it starts the server: then the suite's own server is what its output is compared with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).parents[2]
DOCUMENTS = tuple(
    path.relative_to(ROOT).as_posix()
    for path in (ROOT / "README.md", ROOT / "docs" / "tutorial.md", *sorted((ROOT / "docs" / "how-to").glob("*.md")))
)
RUNNABLE = ("bash", "python", "js")
NOT_RUN = "not run: "
SERVED = "served"

_ENV_OF_SERVER = re.compile(r"groundlevel env(?! --double)")
_FENCE = re.compile(r"```(\w*)")
_MARKER = re.compile(r"<!-- (.+) -->")


class Snippet(Struct, frozen=True):
    """A block that a reader is meant to run."""

    line: int
    language: str
    code: str
    marker: str | None
    expected: str | None

    @property
    def file(self) -> str | None:
        """The name under which a reader is told to save it, by a comment in its first line; None to run it."""
        named = re.match(r"(?:#|//) ([\w.]+\.(?:py|mjs))\n", self.code)
        return named[1] if named else None


def needs_server(found: list[Snippet]) -> bool:
    """Whether snippets talk to a server that they have not started."""
    return any(each.marker == SERVED or _ENV_OF_SERVER.search(each.code) for each in found)


class _Block(Struct, frozen=True):
    line: int
    language: str
    text: str
    before: str
    """The text between the block before and this one."""


def snippets(text: str) -> list[Snippet]:
    """The snippets of a document, in order."""
    blocks = list(_blocks(text))
    found = []
    for number, block in enumerate(blocks):
        if block.language not in RUNNABLE:
            continue
        following = blocks[number + 1] if number + 1 < len(blocks) else None
        expects = following is not None and following.language in ("text", "json") and not following.before.strip()
        marker = _MARKER.fullmatch(block.before.strip().rpartition("\n")[2])
        found.append(
            Snippet(
                line=block.line,
                language=block.language,
                code=block.text,
                marker=marker[1] if marker else None,
                expected=following.text if following is not None and expects else None,
            )
        )
    return found


def matches(expected: str, actual: str) -> bool:
    """Whether a snippet printed what its document shows."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == "..." else ".*?".join(map(re.escape, line.split("..."))) + r"\s*?\n"
        for line in expected.rstrip().splitlines()
    )
    return re.fullmatch(pattern, actual.rstrip() + "\n") is not None


def _blocks(text: str) -> Iterator[_Block]:
    before: list[str] = []
    inside: list[str] | None = None
    start, language = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        fence = _FENCE.match(line)
        if inside is None and fence:
            start, language, inside = number, fence[1], []
        elif inside is not None and line == "```":
            yield _Block(start, language, "".join(f"{each}\n" for each in inside), "\n".join(before))
            inside, before = None, []
        elif inside is not None:
            inside.append(line)
        else:
            before.append(line)
    if inside is not None:
        raise ValueError(f"the block of line {start} is not closed")
