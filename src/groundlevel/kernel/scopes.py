"""The table of scopes: what a token may be allowed to do, as each noun declares it."""

from __future__ import annotations

import re
from collections.abc import Mapping

_FORM = re.compile(r"(?=.{1,100}\Z)[a-z][\w-]*(?:[./][\w-]+)*\.(?:readonly|read|write)\Z", re.ASCII | re.IGNORECASE)
"""How the platform spells a scope: `calendars/events.write`, `wordpress.site.readonly`, `phonenumbers.read`."""

_SCOPES: dict[str, str] = {}


def declare_scopes(area: str, words: str, *, kinds: tuple[str, ...] = ("readonly", "write")) -> tuple[str, ...]:
    """Adds the scopes of an area to the table, and returns them in the order of their kinds.

    `words` say what is in the area, for the page on which people grant them. Raises ValueError for a scope that is
    declared already, and for one that is spelled otherwise than those of the platform.
    """
    scopes = tuple(f"{area}.{kind}" for kind in kinds)
    for scope in scopes:
        if scope in _SCOPES:
            raise ValueError(f"two areas have the scope {scope}")
        if not _FORM.match(scope):
            raise ValueError(f"{scope!r} is not spelled as a scope")
    _SCOPES.update((scope, words) for scope in scopes)
    return scopes


def declared_scopes() -> Mapping[str, str]:
    """Every scope that an operation of this server asks for, in alphabetical order, with the words of its area.

    Raises RuntimeError where the operations are not loaded, so that no token is created without scopes by mistake.
    """
    if not _SCOPES:
        raise RuntimeError("no scope is declared: import groundlevel.api, which loads every noun")
    return dict(sorted(_SCOPES.items()))


def is_foreign_scope(text: str) -> bool:
    """Whether a text is spelled as a scope of the platform and opens nothing on this server."""
    return text not in _SCOPES and _FORM.match(text) is not None
