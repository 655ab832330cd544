"""Operators, their roles and sessions as frozen values."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

HERE = "groundlevel-console"
"""What records show as the writer when somebody came by a link, who is no operator."""


class Role(StrEnum):
    """What an operator may do."""

    VIEWER = "viewer"
    EDITOR = "editor"
    OWNER = "owner"


_EDITED = (
    "objects/record.write",
    "associations/relation.write",
    "contacts.write",
    "businesses.write",
    "opportunities.write",
    "locations/tags.write",
)


def scopes_of(role: Role, declared: Iterable[str]) -> tuple[str, ...]:
    """The scopes that a role has, of those that there are."""
    match role:
        case Role.OWNER:
            return tuple(declared)
        case Role.EDITOR:
            return tuple(scope for scope in declared if scope.endswith(".readonly") or scope in _EDITED)
        case Role.VIEWER:
            return tuple(scope for scope in declared if scope.endswith(".readonly"))


class Operator(Struct, frozen=True):
    """A person who may sign in with a password."""

    id: str
    email: str
    role: Role
    locations: tuple[str, ...]
    """The locations that they reach; all of them when there is none."""
    password: str
    """The scrypt hash, with its salt."""
    created_at: int

    def reaches(self, location_id: str) -> bool:
        """Whether they may work in a location."""
        return not self.locations or location_id in self.locations


class Session(Struct, frozen=True):
    """Somebody who is signed in; without an operator for whoever came by a link, which is as good as an owner."""

    id: str
    operator: Operator | None
    agent: str
    """What the browser calls itself."""
    created_at: int
    seen_at: int
    expires_at: int

    @property
    def role(self) -> Role:
        """What they may do."""
        return Role.OWNER if self.operator is None else self.operator.role

    @property
    def source_id(self) -> str:
        """What records show as the writer."""
        return HERE if self.operator is None else self.operator.id

    @property
    def is_unlimited(self) -> bool:
        """Whether they own every location."""
        return self.role is Role.OWNER and (self.operator is None or not self.operator.locations)

    def reaches(self, location_id: str) -> bool:
        """Whether they may work in a location."""
        return self.operator is None or self.operator.reaches(location_id)


class Choice(Struct, frozen=True):
    """What somebody has chosen for the screens of a location, such as the columns of a grid."""

    owner: str
    """The id of an operator; empty for whoever came by a link."""
    location_id: str
    name: str
    value: str
    """JSON that the page alone understands; empty for none."""
