"""Adds followers to contacts and opportunities and takes them away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from msgspec import Struct

from groundlevel.crm.standard_object import StandardObject
from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.errors import LimitExceeded
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, UseCase, writing
from groundlevel.records.rules import MAX_FOLLOWERS, NewValues, RecordView, check_user_ids, replace_values

V = TypeVar("V")

Tell = Callable[[Transaction, RecordView, RecordView], Awaitable[None]]
"""Tells of a changed record, as it was and as it is."""


class FollowerChange(Struct, frozen=True):
    """Users that a record gets and loses as followers; to lose one that it does not have is no fault."""

    id: str
    """The record's, as the world knows it."""
    add: Sequence[str] = ()
    remove: Sequence[str] = ()
    remove_all: bool = False
    """Whether the record loses all that it has."""


class ChangedFollowers(Struct, frozen=True):
    """Who follows a record now, and who is new or gone."""

    followers: tuple[str, ...]
    new: tuple[str, ...]
    gone: tuple[str, ...]


def follower_change(thing: StandardObject[V], tell: Tell) -> UseCase[FollowerChange, ChangedFollowers]:
    """The use case that changes the followers of records of an object. A change of nothing stores and tells nothing.

    It raises the object's kind of RecordNotFound, InvalidShape and LimitExceeded.
    """

    @writing
    async def change_followers(tx: Transaction, call: Call, request: FollowerChange) -> ChangedFollowers:
        view = await thing.lock(tx, call, request.id)
        before = view.record.followers
        add = check_user_ids("followers", list(request.add))
        gone = before if request.remove_all else check_user_ids("followers", list(request.remove))
        after = tuple(dict.fromkeys([*(user for user in before if user not in gone), *add]))
        if len(after) > MAX_FOLLOWERS:
            raise LimitExceeded(f"A record can have at most {MAX_FOLLOWERS} followers, but received {len(after)}")
        if after != before:
            stored = decode_object(view.record.properties)
            changed = await replace_values(tx, call, view, NewValues(stored, followers=after, before=stored))
            await tell(tx, view, changed)
        return ChangedFollowers(
            after,
            tuple(user for user in after if user not in before),
            tuple(user for user in before if user not in after),
        )

    return change_followers
