"""What is logged of the changes of tokens: never their secrets (decision 0069)."""

from __future__ import annotations

from groundlevel.access import store
from groundlevel.access.model import Token
from groundlevel.kernel.changes import UPDATE, Change, declare_kind
from groundlevel.kernel.model import Json
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.timestamps import iso

TOKEN = declare_kind("token", "a private integration token")


async def log_token(tx: Transaction, before: Token | None, after: Token | None) -> None:
    """Logs that a token is new or revoked."""
    one = after or before
    assert one is not None, "it was there before or after"
    location = await number_of_location(tx, one.location_id)
    tx.log.append_definition(Change(TOKEN, UPDATE, one.id), (_state_of(before), _state_of(after)), location=location)


async def number_of_location(tx: Transaction, location_id: str | None) -> int:
    """In which log something of a location belongs, given its id; 0 for what belongs to none."""
    location = None if location_id is None else await store.find_location(tx, location_id)
    return 0 if location is None else location.number


def _state_of(token: Token | None) -> dict[str, Json] | None:
    if token is None:
        return None
    return {
        "name": token.name,
        "companyId": token.company_id,
        "locationId": token.location_id,
        "scopes": token.scopes,
        "expiresAt": None if token.expires_at is None else iso(token.expires_at),
    }
