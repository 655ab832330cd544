"""What is written down of a change: who made it, of what, and what was different before (decision 0069)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias, TypeVar

import msgspec
from msgspec import Struct

from groundlevel.kernel.codec import encode_text
from groundlevel.kernel.model import Json

CREATE: Final = "create"
UPDATE: Final = "update"
DELETE: Final = "delete"
RESTORE: Final = "restore"
"""What was deleted is back under its id."""
OPERATIONS: Final = (CREATE, UPDATE, DELETE, RESTORE)

TOKEN: Final = "token"
APP: Final = "app"
OPERATOR: Final = "operator"
COMMAND: Final = "command"
IMPORT: Final = "import"
SERVER: Final = "server"
AUTHORS: Final[Mapping[str, str]] = {
    TOKEN: "whoever holds a private integration token; `id` is the token's",
    APP: "an app, through OAuth; `id` is its client id",
    OPERATOR: "a person in the console; `id` is who",
    COMMAND: "the command line; `id` is the user of the operating system who ran it",
    IMPORT: "an import; `id` is the file",
    SERVER: "the server itself, in the background",
}
"""Every kind of author, and who that is."""


class Author(Struct, frozen=True, gc=False):
    """Who makes changes: what replies call their `actor`."""

    kind: str
    """One of AUTHORS."""
    id: str
    source: str = ""
    """The `source` that records show of it, such as INTEGRATION."""
    trace_id: str = ""
    """The request; empty where there is none."""


THE_SERVER: Final = Author(SERVER, "")
"""Who makes changes where nobody asked for them."""


class Change(Struct, frozen=True, gc=False):
    """What has happened to one thing."""

    kind: str
    """What sort of thing it is: a name that was given to `declare_kind`."""
    operation: str
    """One of OPERATIONS."""
    subject: str
    """The id of the thing; of a record the one that the database knows."""
    object_key: str = ""
    """The key of the object that it belongs to; empty where it belongs to none."""
    version: int = 0
    """The version of the record after the change; that of a deleted one is its last."""
    detail: str = ""
    """JSON text: what was different. Each kind has a form of its own; empty where the operation says it all."""
    at: int = 0
    """When it happened, in epoch milliseconds; 0 for now."""


NO_LOCATION: Final = 0
"""In place of the number of a location, for what belongs to none."""
LoggedChange: TypeAlias = tuple[int, Author, Change]
"""The number of the location, or NO_LOCATION; who made the change; and the change."""


class ChangeLog:
    """The changes that a transaction has made so far."""

    __slots__ = ("_changes", "author", "is_on")

    def __init__(self) -> None:
        self.is_on = True
        """Whether changes are logged."""
        self.author: Author = THE_SERVER
        """Who makes them."""
        self._changes: list[tuple[int | None, Author, Change]] = []

    def append(self, change: Change, *, location: int | None = None) -> None:
        """Logs a change, if changes are logged.

        `location` is the number of the one that it belongs to, or NO_LOCATION, where that is not the transaction's.
        """
        if self.is_on:
            self._changes.append((location, self.author, change))

    def append_definition(self, change: Change, states: States, *, location: int | None = None) -> None:
        """Logs that something small and seldom changed has another state: all that differs is kept.

        Of the change no more than what it is of has to be said. `states` are that before and that after, None for none;
        two that are the same are not logged.
        """
        before, after = states
        changed = difference(before or {}, after or {})
        if not self.is_on or (before is not None and after is not None and not changed):
            return
        detail = {
            "before": None if before is None else {name: pair[0] for name, pair in changed.items()},
            "after": None if after is None else {name: pair[1] for name, pair in changed.items()},
        }
        operation = CREATE if before is None else DELETE if after is None else UPDATE
        self.append(msgspec.structs.replace(change, operation=operation, detail=encode_text(detail)), location=location)

    def changes_of(self, location: int) -> list[LoggedChange]:
        """All changes, where the transaction is one of the location with this number."""
        return [(location if at is None else at, author, change) for at, author, change in self._changes]

    def extend(self, changes: Iterable[LoggedChange]) -> None:
        """Takes over what another transaction has logged."""
        self._changes.extend(changes)


States: TypeAlias = tuple[Mapping[str, Json] | None, Mapping[str, Json] | None]
"""What something was and what it is, None for nothing."""
T = TypeVar("T")


def thing_of(before: T | None, after: T | None) -> T:
    """What a change is of, as it is now or else as it was."""
    thing = before if after is None else after
    assert thing is not None, "it was there before or after"
    return thing


def states_of(before: T | None, after: T | None, state_of: Callable[[T], Mapping[str, Json]]) -> States:
    """The states of a thing before a change and after it, given how that of one is made."""
    return None if before is None else state_of(before), None if after is None else state_of(after)


_KINDS: dict[str, str] = {}


def declare_kind(name: str, doc: str) -> str:
    """Adds a sort of thing whose changes are logged to the table, and returns its name. Raises ValueError for two."""
    if name in _KINDS:
        raise ValueError(f"two sorts of things are called {name}")
    _KINDS[name] = doc
    return name


def declared_kinds() -> Mapping[str, str]:
    """Every sort of thing whose changes are logged by the nouns that are loaded, with what it is, by name."""
    return dict(sorted(_KINDS.items()))


def difference(before: Mapping[str, Json], after: Mapping[str, Json]) -> dict[str, list[Json]]:
    """What two states differ in: by name, the value before and the value after, None for none."""
    changed = {
        name: [before.get(name), value] for name, value in after.items() if name not in before or before[name] != value
    }
    changed.update((name, [value, None]) for name, value in before.items() if name not in after)
    return changed


def columns_of(change: Change, author: Author) -> tuple[object, ...]:
    """What is stored of a change, in the order of every statement that stores one, without place and time."""
    return (
        change.operation, change.kind, change.subject, change.object_key, change.version, author.kind, author.id,
        author.source, author.trace_id, change.detail,
    )  # fmt: skip
