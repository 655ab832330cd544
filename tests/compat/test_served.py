"""The tables of what is here of each published document: complete, true and on the page."""

from __future__ import annotations

import pytest

from tests.compat.published import FACTS, read_facts
from tests.compat.served import END, PAGE, replaced, served_documents


def test_every_published_operation_is_counted_once() -> None:
    counted = {row.document: sorted((*row.here, *row.refused, *row.missing)) for row in served_documents()}

    assert counted == {
        table.name: sorted(f"{each.method.upper()} {each.path}" for each in read_facts(table.name).operations)
        for table in FACTS.iterdir()
    }


def test_what_is_here_is_told_from_what_is_not() -> None:
    rows = {row.document: row for row in served_documents()}

    assert (rows["objects.json"].refused, rows["objects.json"].missing) == ({}, ())
    assert "Templates" in rows["locations.json"].refused["GET /locations/{locationId}/templates"]


def test_the_page_holds_the_tables() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert replaced(page) == page, "run `python -m tests.compat.served`"


def test_a_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="markers"):
        replaced(END)
