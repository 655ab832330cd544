"""What becomes of the rows of a bulk request."""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

from groundlevel.kernel.errors import Refusal

CREATED: Final = "created"
UPDATED: Final = "updated"
UNCHANGED: Final = "unchanged"
DELETED: Final = "deleted"


class Written(NamedTuple):
    """A row that was not refused."""

    action: str
    id: str
    """The public id of what it was done to."""


Outcome: TypeAlias = Written | Refusal
