"""Dates are read in every form that contacts are published to take."""

from __future__ import annotations

import pytest

from groundlevel.crm.contacts.dates import iso_day


@pytest.mark.parametrize(
    "written",
    [
        "1990-09-05",
        "1990/09/05",
        "1990.09.05",
        "1990_09_05",
        "09/05/1990",
        "09-05-1990",
        "09.05.1990",
        "09_05_1990",
        "9/5/1990",
        " 1990/9/5 ",
    ],
)
def test_every_published_form(written: str) -> None:
    assert iso_day(written) == "1990-09-05"


@pytest.mark.parametrize("text", ["", "yesterday", "1990/09-05", "1990-09-05T00:00:00Z", "90-09-05", "٠٩/٠٥/١٩٩٠"])
def test_any_other_text_stays(text: str) -> None:
    assert iso_day(text) == text
