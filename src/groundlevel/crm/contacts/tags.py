"""Tags as contacts have them: in lower case, without blanks around them, each once."""

from __future__ import annotations

from collections.abc import Iterable

from groundlevel.kernel.model import Json


def fold_tag(value: Json) -> Json:
    """A tag as it is stored and searched; what is no text as it is."""
    return value.strip().lower() if isinstance(value, str) else value


def fold_tags(tags: Iterable[str]) -> list[str]:
    """Tags as they are stored, without those that are blank."""
    return list(dict.fromkeys(tag.strip().lower() for tag in tags if tag.strip()))


def written_tags(value: Json) -> Json:
    """Tags that were sent as they are stored; what is no list of texts as it is."""
    return fold_tags(value) if isinstance(value, list) and all(isinstance(tag, str) for tag in value) else value
