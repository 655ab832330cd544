"""What is logged of the changes of tokens: never their secrets (decision 0069)."""

from __future__ import annotations

from groundlevel.access import store
from groundlevel.access.model import Token
from groundlevel.kernel.changes import NO_LOCATION, UPDATE, Change, declare_kind, states_of, thing_of
from groundlevel.kernel.model import Json
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.timestamps import iso

TOKEN = declare_kind("token", "a private integration token")


async def log_token(tx: Transaction, before: Token | None, after: Token | None) -> None:
    """Logs that a token is new or revoked."""
    token = thing_of(before, after)
    location = await number_of_location(tx, token.location_id)
    states = states_of(before, after, _state_of)
    tx.log.append_definition(Change(TOKEN, UPDATE, token.id), states, location=location)


async def number_of_location(tx: Transaction, location_id: str | None) -> int:
    """In which log something of a location belongs, given its id; NO_LOCATION for what belongs to none."""
    location = None if location_id is None else await store.find_location(tx, location_id)
    return NO_LOCATION if location is None else location.number


def _state_of(token: Token) -> dict[str, Json]:
    return {
        "name": token.name,
        "companyId": token.company_id,
        "locationId": token.location_id,
        "scopes": token.scopes,
        "expiresAt": None if token.expires_at is None else iso(token.expires_at),
    }
