"""Remembers schemas, locations and actors between requests; the only cache of the platform."""

from __future__ import annotations

import threading

from groundlevel.fields.shape import Shape
from groundlevel.model import Actor, Association, Audience, Location


class Catalog:
    """What was read from the database and is still true.

    The engine calls `forget` when something changed, here or in another process. A value read before the change
    and arriving after it is not kept: a reader notes `epoch` first and `keep_*` refuses when it has moved on.
    Scans read and fill it from their own threads, hence the lock around what is more than one step.
    """

    def __init__(self) -> None:
        self.epoch = 0
        self.trusted = True
        """Whether news of changes still arrives. While it does not, nothing is kept."""
        self.shapes: dict[tuple[int, str], Shape] = {}
        self.locations: dict[str, Location] = {}
        self.actors: dict[bytes, Actor] = {}
        self.associations: dict[int, tuple[int, tuple[Association, ...]]] = {}
        """Every association of a location, with the schema version they were read at, by the location's number."""
        self.involved: dict[tuple[int, int], tuple[int, tuple[Association, ...]]] = {}
        """Those of one object, by the numbers of location and object, with the schema version of its shape."""
        self.audiences: dict[int, tuple[Audience, ...]] = {}
        self.wanted: dict[tuple[str, str, int], None] = {}
        """Indexes that searches have missed: location id, object key, field number; in order of the first miss."""
        self._lock = threading.Lock()

    def keep_shape(self, location: int, shape: Shape, *, epoch: int) -> None:
        """Keeps a shape under its object's key and id."""
        with self._lock:
            if self.trusted and epoch == self.epoch:
                self.shapes[location, shape.object.key] = shape
                self.shapes[location, shape.object.id] = shape

    def keep_location(self, location: Location, *, epoch: int) -> None:
        """Keeps a location under its id."""
        with self._lock:
            if self.trusted and epoch == self.epoch:
                self.locations[location.id] = location

    def keep_actor(self, digest: bytes, actor: Actor, *, epoch: int) -> None:
        """Keeps the holder of the token with this digest."""
        with self._lock:
            if self.trusted and epoch == self.epoch:
                self.actors[digest] = actor

    def keep_associations(
        self, location: int, version: int, associations: tuple[Association, ...], *, epoch: int
    ) -> None:
        """Keeps the associations of a location, read at a schema version."""
        with self._lock:
            if self.trusted and epoch == self.epoch:
                self.associations[location] = (version, associations)

    def keep_involved(self, location: int, shape: Shape, associations: tuple[Association, ...], *, epoch: int) -> None:
        """Keeps the associations that an object takes part in, no older than its shape."""
        with self._lock:
            if self.trusted and epoch == self.epoch:
                self.involved[location, shape.object.number] = (shape.object.version, associations)

    def keep_audiences(self, location: int, audiences: tuple[Audience, ...], *, epoch: int) -> None:
        """Keeps who hears of a location's events."""
        with self._lock:
            if self.trusted and epoch == self.epoch:
                self.audiences[location] = audiences

    def forget(self, location: int | None = None) -> None:
        """Drops the shapes and associations of one location, or everything."""
        with self._lock:
            self.epoch += 1
            if location is None:
                self.shapes.clear()
                self.locations.clear()
                self.actors.clear()
                self.audiences.clear()
                self.associations.clear()
                self.involved.clear()
                return
            self.associations.pop(location, None)
            for key in [key for key in self.shapes if key[0] == location]:
                del self.shapes[key]
            for number in [number for number in self.involved if number[0] == location]:
                del self.involved[number]

    def distrust(self) -> None:
        """Drops everything and keeps nothing until `trust`."""
        self.trusted = False
        self.forget()

    def trust(self) -> None:
        """Keeps values again."""
        self.forget()
        self.trusted = True
