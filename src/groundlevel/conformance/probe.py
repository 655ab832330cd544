"""What a probe is: one request, with what the documents and what observers say of its reply."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

from msgspec import Struct

from groundlevel.kernel.model import Json

VERSION = "2021-07-28"
"""The Version header of every probe that is not about it."""

_VARIABLE = re.compile(r"\{(\w+)\}")


class Expected(Struct, frozen=True):
    """What somebody says of a reply."""

    status: int
    has: Any = None
    """What its JSON holds: see `mismatch`."""
    absent: tuple[str, ...] = ()
    """Paths that it does not have: see `value_at`."""


class Probe(Struct, frozen=True):
    """One question to a server. `{name}` in any text stands for a variable: see `filled`.

    Variables are `location`, `random`, and what earlier probes have kept. A probe is not asked while one that it needs
    is not there.
    """

    name: str
    """What it is about and what is asked of that: `records: get one that is not there`."""
    method: str
    path: str
    body: Json = None
    documented: Expected | None = None
    """What the published documents say; None where they do not say."""
    observed: Expected | None = None
    """What was seen of the live platform, where that is known and something else or more."""
    keep: dict[str, str] = {}
    """Variables to set from the reply, each from the path behind it; one that is not there is not set."""
    token: Literal["own", "none", "unknown"] = "own"
    version: str | None = VERSION
    writes: bool = False
    """Whether it is asked only where writing is allowed."""
    needs: tuple[str, ...] = ()
    """Variables that must be there besides those in the request, since they stand for what it is about."""
    undo: tuple[str, str] | None = None
    """Method and path of the request that takes back what it has made."""
    last: bool = False
    """Whether it is asked only after everything else that was made has been taken back."""

    @property
    def area(self) -> str:
        """What it is about."""
        return self.name.partition(":")[0]

    def variables(self) -> Iterator[str]:
        """The variables that its request needs."""
        yield from _VARIABLE.findall(self.path)
        yield from _names(self.body)
        yield from self.needs


def _names(value: Json) -> Iterator[str]:
    match value:
        case str():
            yield from _VARIABLE.findall(value)
        case list():
            for item in value:
                yield from _names(item)
        case dict():
            for name, item in value.items():
                yield from _VARIABLE.findall(name)
                yield from _names(item)
