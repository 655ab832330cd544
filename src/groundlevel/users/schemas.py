"""The replies of the operations on users, in the platform's shape."""

from __future__ import annotations

from msgspec import Struct

from groundlevel.access.model import User


class UserRoles(Struct, rename="camel"):
    """Where a user works: of `type` agency in the whole company, of `type` account in the locations named.

    This server keeps no rights of users, so that everybody's `role` is the same.
    """

    type: str
    role: str
    location_ids: list[str]


class UserPermissions(Struct):
    """What a user may do in the platform's own pages, of which there are none here."""


class UserBody(Struct, rename="camel"):
    """A user."""

    id: str
    name: str
    first_name: str
    last_name: str
    email: str
    phone: str
    extension: str
    permissions: UserPermissions
    scopes: list[str]
    roles: UserRoles
    deleted: bool


class UserReply(UserBody, rename="camel", kw_only=True):
    """One user, without an envelope."""

    trace_id: str


class UsersReply(Struct, rename="camel"):
    """Users."""

    users: list[UserBody]
    trace_id: str


class FoundUsersReply(Struct, rename="camel"):
    """A page of users, and how many there are on all pages."""

    users: list[UserBody]
    count: int
    trace_id: str


def user_body(user: User) -> UserBody:
    """The wire form of a user."""
    everywhere = user.location_id is None
    return UserBody(
        id=user.id,
        name=f"{user.first_name} {user.last_name}".strip(),
        first_name=user.first_name,
        last_name=user.last_name,
        email=user.email,
        phone="",
        extension="",
        permissions=UserPermissions(),
        scopes=[],
        roles=UserRoles("agency" if everywhere else "account", "user", [] if everywhere else [user.location_id or ""]),
        deleted=False,
    )


def user_reply(user: User, trace_id: str) -> UserReply:
    """The bare body of a user."""
    body = user_body(user)
    return UserReply(**{name: getattr(body, name) for name in UserBody.__struct_fields__}, trace_id=trace_id)
