"""Wakes those who wait for changes of a location, when this process has committed some."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class ChangeSignal:
    """Who waits for changes, by location."""

    def __init__(self) -> None:
        self._listeners: dict[int, set[asyncio.Event]] = {}
        self.stopped = False
        """Whether nobody should wait any longer."""

    @contextmanager
    def listen(self, location: int) -> Iterator[asyncio.Event]:
        """An event that is set whenever changes of the location with this number have become durable."""
        event = asyncio.Event()
        listeners = self._listeners.setdefault(location, set())
        listeners.add(event)
        try:
            yield event
        finally:
            listeners.discard(event)
            if not listeners and self._listeners.get(location) is listeners:
                del self._listeners[location]

    def send(self, locations: Iterable[int]) -> None:
        """Says that changes of these locations are durable."""
        if self._listeners:
            for location in set(locations):
                for event in self._listeners.get(location, ()):
                    event.set()

    def stop(self) -> None:
        """Ends all waiting, now and later, since the server stops."""
        self.stopped = True
        self.send(list(self._listeners))
