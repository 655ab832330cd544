"""The documents that the platform's makers published, read where they lie."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.compat.deviation import Document

_DIRECTORY = Path(__file__).resolve().parents[3] / "shared" / "spec"


def read_published(name: str) -> Document:
    """The document, as published. Skips the test where it is not to be had, since it may not be copied here."""
    file = _DIRECTORY / name
    if not file.is_file():
        pytest.skip(f"the published document {name} is not beside this repository, in ../shared/spec")
    document: Document = json.loads(file.read_text(encoding="utf-8"))
    return document
