"""The orders in which a list of opportunities can be asked for, by names such as `added_asc`."""

from __future__ import annotations

from groundlevel.kernel.errors import InvalidShape
from groundlevel.kernel.errors.wording import choice_error

ADDED = "date_added"
"""The only name of the search by whose order a cursor of lists goes on."""
SORTED_BY = {
    "added": ADDED,
    "updated": "date_updated",
    **{
        name: name
        for name in (
            ADDED,
            "date_updated",
            "name",
            "status",
            "monetary_value",
            "source",
            "contact_name",
            "company_name",
            "last_status_change_date",
            "last_stage_change_date",
        )
    },
}
"""What an order may begin with, and the names of the search that are sorted by then."""
_DIRECTIONS = ("asc", "desc")


def read_order(asked: str) -> tuple[str, str]:
    """What the list is sorted by, and in which direction; the newest first where nothing is asked.

    Raises InvalidShape.
    """
    name, _, direction = (asked or "added_desc").rpartition("_")
    if name not in SORTED_BY or direction not in _DIRECTIONS:
        raise InvalidShape([choice_error("order", [f"{name}_{end}" for name in SORTED_BY for end in _DIRECTIONS])])
    return SORTED_BY[name], direction
