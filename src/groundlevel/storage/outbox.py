"""What a transaction tells the world: who listens in its location, and the events that become durable with it."""

from __future__ import annotations

import msgspec

from groundlevel.model import Audience, Event
from groundlevel.storage.connection import Row
from groundlevel.storage.place import Placed

_texts = msgspec.json.Decoder(tuple[str, ...]).decode


class OutboxMethods(Placed):
    """The part of a transaction that tells. An engine stores `events` when everything else has succeeded."""

    async def audiences(self) -> tuple[Audience, ...]:
        """The webhooks of the location, remembered between requests."""
        known = self.catalog.audiences.get(self.loc)
        if known is not None and not self.access_changed:
            return known
        found = await self.audiences_at(self.loc)
        if not self.access_changed:
            self.catalog.keep_audiences(self.loc, found, epoch=self.epoch)
        return found

    async def audiences_at(self, loc: int) -> tuple[Audience, ...]:
        """The webhooks that hear of events in the location with this number, as they stand in the database.

        An app that is installed both there and in the whole company is named twice.
        """
        return tuple(audience_of(row) for row in await self.connection.rows(self.sql["list_audiences"], loc))

    def emit(self, event: Event) -> None:
        """Makes an event durable with everything else of this transaction."""
        self.events.append(event)


def audience_of(row: Row) -> Audience:
    """An audience from a webhook's id, events and app, and the scopes of an install of that."""
    return Audience(row[0], frozenset(_texts(row[1])), row[2], frozenset((row[3] or "").split()))
