"""The part of a transaction that everything else stands on: where it takes place and over what connection."""

from __future__ import annotations

from abc import ABC

from groundlevel.ids import Ids
from groundlevel.model import Event, Location
from groundlevel.storage.catalog import Catalog
from groundlevel.storage.connection import Connection


class Placed(ABC):
    """Bound to one location, or to none for the administration of places and access.

    No method takes a location: a transaction cannot reach beyond its own.
    """

    sql: dict[str, str]
    """The engine's named statements."""

    def __init__(self, connection: Connection, location: Location | None, catalog: Catalog, *, ids: Ids) -> None:
        self.connection = connection
        self.catalog = catalog
        self.epoch = catalog.epoch
        """The catalog's epoch before anything was read: what is read may be remembered only while it lasts."""
        self.ids = ids
        self._location = location
        self.schema_changed = False
        """Whether objects or fields were changed: what is read now must not be remembered before the commit."""
        self.relied: int | None = None
        """The schema version of what was remembered and used: the oldest of it, None if nothing was."""
        self.access_changed = False
        """Whether places or tokens, apps or webhooks were changed."""
        self.events: list[Event] = []
        """What becomes durable in the outbox when everything else has succeeded."""

    def rely(self, version: int) -> None:
        """Notes that something remembered was used, read at this schema version; the oldest counts."""
        self.relied = version if self.relied is None else min(self.relied, version)

    @property
    def location(self) -> Location:
        """The location of the transaction. Raises RuntimeError when it has none."""
        if self._location is None:
            raise RuntimeError("this transaction belongs to no location")
        return self._location

    def settle(self, location: Location) -> None:
        """Binds a transaction without a location to one it has just created."""
        if self._location is not None:
            raise RuntimeError("this transaction belongs to a location already")
        self._location = location

    @property
    def loc(self) -> int:
        """The location's number."""
        return self.location.number

    @property
    def place_number(self) -> int:
        """The location's number, 0 when there is none."""
        return 0 if self._location is None else self._location.number
