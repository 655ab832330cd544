"""Links between the documents lead to files and headings that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_ELSEWHERE = ("https://", "http://", "mailto:")


def targets(text: str) -> list[str]:
    """Where the links of a text lead, those inside code left out."""
    return _LINK.findall(re.sub(r"(?<!\[)`[^`\n]*`", "", _FENCED.sub("", text)))


def anchors(text: str) -> set[str]:
    """The fragments by which the headings of a text, and the places that it names itself, can be linked to."""
    text = _FENCED.sub("", text)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    slugs = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return slugs | set(re.findall(r'<a id="([^"]+)"></a>', text))


def broken(document: Path) -> list[str]:
    """The links of a document that lead nowhere."""
    wrong = []
    for target in targets(document.read_text("utf-8")):
        path, _, fragment = target.partition("#")
        if target.startswith(_ELSEWHERE):
            continue
        to = (document.parent / path).resolve() if path else document
        if not to.exists() or (fragment and fragment not in anchors(to.read_text("utf-8"))):
            wrong.append(target)
    return wrong


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(document: Path) -> None:
    assert broken(document) == []


def test_every_page_can_be_reached() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        for target in targets(page.read_text("utf-8")):
            to = (page.parent / target.partition("#")[0]).resolve()
            if not target.startswith(_ELSEWHERE):
                waiting += sorted(to.glob("*.md")) if to.is_dir() else [to]

    assert sorted(set(DOCUMENTS) - reached) == []


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        '# One, two\n<a id="four"></a>[a](#one-two) [b](#three) [c](page.md#four) [d](no.md) `[e](no.md)`',
        "utf-8",
    )

    assert broken(page) == ["#three", "no.md"]
