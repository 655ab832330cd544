"""Changes as the audit table holds them, and as they are shown."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from groundlevel.kernel.changes import Author
from groundlevel.kernel.model import Json


class AuditRow(Struct, frozen=True, gc=False):
    """A change as it was logged."""

    number: int
    """Its place among the changes of its location, from 1, without gaps: the cursor behind it."""
    at: int
    operation: str
    kind: str
    subject: str
    object_key: str
    version: int
    author: Author
    detail: str


class ChangeView(Struct, frozen=True, gc=False):
    """A change with what can be said of it."""

    row: AuditRow
    changed: tuple[str, ...] = ()
    """The names of what is different after an update, in order."""
    before: Mapping[str, Json] | None = None
    """Of an update what is different, as it was; of a deletion all that there was."""
    after: Mapping[str, Json] | None = None
    """Of an update what is different, as it is; of a creation all that there was then, None where that is not known."""
    restored: int | None = None
    """The version of the record that an update led back to."""


class Bounds(Struct, frozen=True, gc=False):
    """Which changes of a location are kept; both are 0 where there are none."""

    oldest: int
    newest: int

    @property
    def start(self) -> int:
        """The cursor in front of the oldest one."""
        return max(self.oldest - 1, 0)
