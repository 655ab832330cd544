"""The texts of notes and tasks: how long they may be, and what an empty one means."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from groundlevel.kernel.errors import InvalidShape

MAX_BODY = 65_536
"""Most characters of the body of a note or task."""
MAX_LINE = 1_000
"""Most characters of a title, and of an id or a colour that is kept as it was sent."""

BodyText = Annotated[str, Meta(max_length=MAX_BODY)]
Line = Annotated[str, Meta(max_length=MAX_LINE)]


def check_filled(**texts: str | None | UnsetType) -> None:
    """Nothing that has to say something is blank; what was left out or is null was not sent. Raises InvalidShape."""
    blank = [name for name, text in texts.items() if isinstance(text, str) and not text.strip()]
    if blank:
        raise InvalidShape([f"{name} should not be empty" for name in blank])


def cleared(text: str | None | UnsetType, before: str | None) -> str | None:
    """An optional text after a change: left out it stays, null and the empty text clear it."""
    return before if text is UNSET else text or None
