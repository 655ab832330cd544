"""The operations on users."""

from __future__ import annotations

from groundlevel.kernel.errors import InvalidShape, LocationForbidden
from groundlevel.kernel.errors.wording import choice_error
from groundlevel.kernel.http.params import Paging
from groundlevel.kernel.http.request import NO_LOCATION, Request
from groundlevel.kernel.http.routing import Parameter, Placement, Route
from groundlevel.kernel.scopes import declare_scopes
from groundlevel.users import rules as users
from groundlevel.users.errors import UserNotFound
from groundlevel.users.rules import UserQuery
from groundlevel.users.schemas import FoundUsersReply, UserReply, UsersReply, user_body, user_reply

TAG = "Users"
(READ,) = declare_scopes("users", "users", kinds=("readonly",))
_PARTS = Paging(usual=25, most=100, skip="skip")


async def list_users(request: Request) -> UsersReply:
    """Users of a location, or of a whole company."""
    found = await users.find_users(request.context.storage, _query(request))
    return UsersReply([user_body(each) for each in found], request.trace_id)


async def search_users(request: Request) -> FoundUsersReply:
    """A page of the users that a text, a type or ids find."""
    part = _PARTS.read(request)
    found = await users.find_users(request.context.storage, _query(request))
    return FoundUsersReply(
        [user_body(each) for each in found[part.skip : part.skip + part.limit]], len(found), request.trace_id
    )


async def get_user(request: Request) -> UserReply:
    """One user."""
    return user_reply(await users.get_user(request.context.storage, request.actor, request.params[0]), request.trace_id)


def _query(request: Request) -> UserQuery:
    """What the query asks for. Raises LocationForbidden for another company, InvalidShape."""
    sent = request.query
    company_id = sent.get("companyId") or request.actor.company_id
    if company_id != request.actor.company_id:
        raise LocationForbidden(hint="The token belongs to another company; check the companyId.")
    if sent.get("type", "account") not in ("account", "agency"):
        raise InvalidShape([choice_error("type", ("account", "agency"))])
    ids = sent.get("ids")
    return UserQuery(
        company_id=company_id,
        location_id=None if request.location is NO_LOCATION else request.location.id,
        text=sent.get("query"),
        type=sent.get("type"),
        role=sent.get("role") or None,
        ids=None if not ids else frozenset(each.strip() for each in ids.split(",")),
    )


_COMPANY = Parameter("companyId", "The company, which has to be the token's.")
_LOCATION = Parameter(
    "locationId",
    "The location; the token's if left out, and with a token of the company all of them.",
    example="ve9EPM428h8vShlRW1KT",
)
_WHO = "A location's users are its own and those who work in the whole company."

ROUTES = (
    Route(
        method="GET",
        path="/users/",
        operation_id="get-user-by-location",
        tag=TAG,
        summary="List the users of a location",
        doc=f"{_WHO} Their ids are those of owners and followers.",
        handler=list_users,
        placement=Placement.FOUND,
        scope=READ,
        query=(_LOCATION, _COMPANY),
        reply=UsersReply,
    ),
    Route(
        method="GET",
        path="/users/search",
        operation_id="search-users",
        tag=TAG,
        summary="Search users",
        doc=_WHO,
        handler=search_users,
        placement=Placement.FOUND,
        scope=READ,
        query=(
            _COMPANY,
            _LOCATION,
            Parameter("query", "Text to find in name or email address; case and accents do not count."),
            Parameter("type", "`account` for users of a location, `agency` for those of the whole company."),
            Parameter("role", "`user`, which all are here."),
            Parameter("ids", "Ids of users, separated by commas.", many=True),
            *_PARTS.parameters,
        ),
        reply=FoundUsersReply,
    ),
    Route(
        method="GET",
        path="/users/{userId}",
        operation_id="get-user",
        tag=TAG,
        summary="Get a user",
        handler=get_user,
        placement=Placement.FOUND,
        scope=READ,
        reply=UserReply,
        refusals=(UserNotFound,),
    ),
)
