"""Finds the users in a token's reach."""

from __future__ import annotations

from msgspec import Struct

from groundlevel.access import store
from groundlevel.access.model import User
from groundlevel.kernel.fields.fold import fold
from groundlevel.kernel.model import Actor
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.users.errors import UserNotFound


class UserQuery(Struct, frozen=True):
    """Which users of a company to find: None for no condition. `text` stands in a name or an email address."""

    company_id: str
    location_id: str | None = None
    text: str | None = None
    type: str | None = None
    role: str | None = None
    ids: frozenset[str] | None = None


ROLE = "user"
"""What every user is: this server keeps no rights of users."""


async def find_users(storage: Storage, query: UserQuery) -> list[User]:
    """All users that a query finds, by id."""

    async def work(tx: Transaction) -> list[User]:
        if query.location_id is None:
            return await store.list_users_of_company(tx, query.company_id)
        return await store.list_users(tx, query.company_id, query.location_id)

    users = await storage.read(None, work)
    text = fold(query.text or "")
    return [
        user
        for user in users
        if (query.ids is None or user.id in query.ids)
        and (query.role is None or query.role == ROLE)
        and (query.type is None or query.type == ("agency" if user.location_id is None else "account"))
        and text in fold(f"{user.first_name} {user.last_name} {user.email}")
    ]


async def get_user(storage: Storage, actor: Actor, user_id: str) -> User:
    """The user. Raises UserNotFound for one beyond the actor's reach."""
    user = await storage.read(None, lambda tx: store.find_user(tx, user_id))
    if user is None or user.company_id != actor.company_id:
        raise UserNotFound(user_id)
    if actor.location_id is not None and user.location_id not in (None, actor.location_id):
        raise UserNotFound(user_id)
    return user
