"""What a transaction does with the platform's own key pairs."""

from __future__ import annotations

from groundlevel.model import SigningKey
from groundlevel.storage.place import Placed


class KeyMethods(Placed):
    """The key pairs by which the platform signs; of a transaction that belongs to no location."""

    async def signing_keys(self, purpose: str) -> list[SigningKey]:
        """The keys of a purpose that are still good, the newest first: that one signs."""
        return [SigningKey(*row) for row in await self.connection.rows(self.sql["list_signing_keys"], purpose)]

    async def add_signing_key(self, key: SigningKey) -> None:
        """Stores a new key pair, which signs from now on."""
        await self.connection.run(
            self.sql["add_signing_key"], key.id, key.purpose, key.private_pem, key.public_pem, key.created_at
        )

    async def retire_signing_key(self, key_id: str, *, now: int) -> bool:
        """Stops a key; whether there was one that was still good."""
        return await self.connection.row(self.sql["retire_signing_key"], key_id, now) is not None
