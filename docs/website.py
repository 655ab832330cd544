"""Makes a site of the documents: their order, and those that stand at the top of the repository.

MkDocs calls these functions by their names (`make site`). Documents outside docs get pages in `project`, and links
between the documents, which are written for whoever reads the files, are made to lead to the pages.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent
PROJECT = {f"{name}.md": f"project/{name.lower()}.md" for name in ("README", "CONTRIBUTING", "CHANGELOG", "SECURITY")}
PROJECT |= {f"{name}.md": f"project/{name.lower()}.md" for name in ("CODE_OF_CONDUCT", "SUPPORT")}
"""The page of every document at the top of the repository."""

PLAIN = ("LICENSE",)
"""Files at the top that documents link to, as they are."""

REFERENCE = (
    "index",
    "operations",
    "data-types",
    "search",
    "object-model",
    "events",
    "fidelity",
    "rate-limits",
    "settings",
    "commands",
    "control",
)

_LINK = re.compile(r"(\[[^\]]*\]\()([^)\s:#]+)(#[^)\s]*)?\)")
_FENCED = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """The order of the pages; a document that is new in a directory is in it at once."""
    docs = Path(config.docs_dir)
    config.nav = [
        {"Documentation": "index.md"},
        {"README": PROJECT["README.md"]},
        {"Tutorial": "tutorial.md"},
        {"How to": _inside(docs, "how-to")},
        {
            "Reference": [
                *(f"reference/{name}.md" for name in REFERENCE),
                {
                    "Errors": [
                        "reference/errors.md",
                        *({Path(page).stem: page} for page in _inside(docs, "reference/errors")),
                    ]
                },
            ]
        },
        {
            "About": [
                *sorted(path.name for path in docs.glob("*.md") if path.name not in ("index.md", "tutorial.md")),
                {"Decisions": ["decisions/index.md", *_inside(docs, "decisions")]},
                *(page for name, page in PROJECT.items() if name != "README.md"),
            ]
        },
    ]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """The documents at the top of the repository as pages."""
    for name, page in PROJECT.items():
        files.append(File.generated(config, page, content=(ROOT / name).read_text("utf-8")))
    for name in PLAIN:
        files.append(File.generated(config, f"project/{name}", content=(ROOT / name).read_text("utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """The text of a page with links that lead to pages."""
    source = page.file.src_uri
    outside = next((name for name, at in PROJECT.items() if at == source), None)
    here = posixpath.dirname(outside if outside is not None else f"docs/{source}")

    def led(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(here, link[2]))
        to = _page_of(target)
        if to is None:
            return link[0]
        return f"{link[1]}{posixpath.relpath(to, posixpath.dirname(source) or '.')}{link[3] or ''})"

    parts = _FENCED.split(markdown)
    return "".join(part if part.startswith("```") else _LINK.sub(led, part) for part in parts)


def _page_of(target: str) -> str | None:
    """Where the site has a file or directory of the repository; None for what it does not have."""
    if target in PROJECT:
        return PROJECT[target]
    if target in PLAIN:
        return f"project/{target}"
    inside = target.removeprefix("docs/")
    if inside == target:
        return None
    return f"{inside}/index.md" if (ROOT / target).is_dir() else inside


def _inside(docs: Path, directory: str) -> list[str]:
    """The pages of a directory in the order of their names, its index left out."""
    return [f"{directory}/{path.name}" for path in sorted((docs / directory).glob("*.md")) if path.name != "index.md"]
