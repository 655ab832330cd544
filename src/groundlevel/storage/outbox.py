"""What a transaction tells the world: who listens in its location, and the events that become durable with it."""

from __future__ import annotations

import msgspec

from groundlevel.model import Audience, Event
from groundlevel.storage.place import Placed

_texts = msgspec.json.Decoder(tuple[str, ...]).decode


class OutboxMethods(Placed):
    """The part of a transaction that tells. An engine stores `events` when everything else has succeeded."""

    async def audiences(self) -> tuple[Audience, ...]:
        """The webhooks of the location, remembered between requests."""
        known = self.catalog.audiences.get(self.loc)
        if known is not None and not self.access_changed:
            return known
        location = self.location
        rows = await self.connection.rows(self.sql["list_audiences"], location.id, location.company_id)
        found = tuple(
            Audience(row[0], frozenset(_texts(row[1])), row[2], frozenset((row[3] or "").split())) for row in rows
        )
        if not self.access_changed:
            self.catalog.keep_audiences(self.loc, found, epoch=self.epoch)
        return found

    def emit(self, event: Event) -> None:
        """Makes an event durable with everything else of this transaction."""
        self.events.append(event)
