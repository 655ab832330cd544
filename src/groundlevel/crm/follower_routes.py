"""The operations on the followers of contacts and opportunities."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from groundlevel.crm.followers import ChangedFollowers, FollowerChange
from groundlevel.crm.schemas import Followers, FollowersReply
from groundlevel.crm.standard_object import StandardObject
from groundlevel.crm.standard_routes import on_record
from groundlevel.kernel.errors import InvalidShape, LimitExceeded, RecordNotFound
from groundlevel.kernel.http.locate import FOUND_BY_ID
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Parameter, Placement, Route
from groundlevel.kernel.usecase import UseCase

_REMOVE_ALL = "isRemoveAllFollowers"


class Followed(Struct, frozen=True, kw_only=True):
    """An object whose records have followers, and how its operations on them are published."""

    thing: StandardObject[Any]
    change: UseCase[FollowerChange, ChangedFollowers]
    """What `follower_change` has made for it."""
    path: str
    """Of one record, such as `/contacts/{contactId}`."""
    noun: str
    """What a record is called: `contact`."""
    tag: str
    scope: str
    missing: type[RecordNotFound]
    remove_all: bool = False
    """Whether a parameter of the query asks for all of them to be taken away."""


def follower_routes(followed: Followed) -> tuple[Route, Route]:
    """The rows that add followers to a record and take them from it."""

    async def add_followers(request: Request) -> FollowersReply:
        """Adds followers."""
        body: Followers = request.body
        done = await change(request, FollowerChange(request.params[0], add=body.followers))
        return FollowersReply(done.followers, request.trace_id, followers_added=done.new)

    async def remove_followers(request: Request) -> FollowersReply:
        """Takes followers away."""
        body: Followers = request.body
        every = _read_flag(request) if followed.remove_all else False
        done = await change(request, FollowerChange(request.params[0], remove=body.followers, remove_all=every))
        return FollowersReply(done.followers, request.trace_id, followers_removed=done.gone)

    async def change(request: Request, wanted: FollowerChange) -> ChangedFollowers:
        return await on_record(request, followed.thing, followed.change, wanted)

    path, noun = f"{followed.path}/followers", followed.noun
    article = "an" if noun[0] in "aeiou" else "a"
    return (
        Route(
            method="POST",
            path=path,
            operation_id=f"add-followers-{noun}",
            tag=followed.tag,
            summary=f"Add followers to {article} {noun}",
            doc=f"Who follows it already stays. {FOUND_BY_ID}",
            handler=add_followers,
            placement=Placement.FOUND,
            scope=followed.scope,
            status=201,
            body=Followers,
            reply=FollowersReply,
            refusals=(followed.missing, LimitExceeded),
            example={"followers": ["sx6wyHhbFdRXh302LLNR"]},
        ),
        Route(
            method="DELETE",
            path=path,
            operation_id=f"remove-followers-{noun}",
            tag=followed.tag,
            summary=f"Take followers from {article} {noun}",
            doc=f"A user who does not follow it is no fault. {FOUND_BY_ID}",
            handler=remove_followers,
            placement=Placement.FOUND,
            scope=followed.scope,
            query=(Parameter(_REMOVE_ALL, "`true` takes all of them away."),) if followed.remove_all else (),
            body=Followers,
            reply=FollowersReply,
            refusals=(followed.missing,),
            example={"followers": ["sx6wyHhbFdRXh302LLNR"]},
        ),
    )


def _read_flag(request: Request) -> bool:
    """Whether all followers are to go. Raises InvalidShape for what is no boolean."""
    sent = request.query.get(_REMOVE_ALL, "")
    if sent not in ("", "true", "false"):
        raise InvalidShape([f"{_REMOVE_ALL} must be a boolean value"])
    return sent == "true"
