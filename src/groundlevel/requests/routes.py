"""The operation that shows the log of requests."""

from __future__ import annotations

from msgspec import Struct

from groundlevel.kernel.errors import InvalidShape, NotSupported
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Parameter, Placement, Route
from groundlevel.kernel.scopes import declare_scopes
from groundlevel.requests.rules import Asked, RequestBody, concerns_actor, list_requests

TAG = "Requests"
(READ,) = declare_scopes("groundlevel/requests", "the last requests, with what was sent", kinds=("readonly",))
MOST = 500
PARAMETERS = (
    Parameter("after", "Only requests with a higher number than this.", example="0"),
    Parameter("limit", f"How many at most, from 1 to {MOST}; 100 if left out.", example="100"),
    Parameter("refused", "true for refused requests alone."),
    Parameter("console", "false to leave out what the console has sent."),
)


class RequestsReply(Struct, rename="camel"):
    """Requests, the newest first."""

    requests: list[RequestBody]
    oldest: int
    """The number of the oldest request that is kept; older ones have been dropped. 0 when none is."""
    latest: int
    """The number of the last request to this process: the next `after`."""
    trace_id: str


def read_asked(query: dict[str, str]) -> Asked:
    """What a query asks for. Raises InvalidShape."""
    return Asked(
        after=_number(query.get("after") or "0", "after", least=0, most=2**53),
        limit=_number(query.get("limit") or "100", "limit", least=1, most=MOST),
        refused=query.get("refused") == "true",
        no_console=query.get("console") == "false",
    )


def _number(text: str, name: str, *, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and least <= int(text[:20]) <= most):
        raise InvalidShape([f"{name} must be a whole number from {least} to {most}"])
    return int(text)


async def list_logged_requests(request: Request) -> RequestsReply:
    """The last requests of the token's location. Raises InvalidShape, NotSupported."""
    log = request.context.requests
    if log is None:
        raise NotSupported("The log of requests is off", hint="Start the server with --request-log true.")
    found = list_requests(log, read_asked(request.query), concerns_actor(request.actor))
    return RequestsReply(found, log.oldest, log.count, request.trace_id)


ROUTES = (
    Route(
        method="GET",
        path="/x/requests",
        operation_id="list-requests",
        tag=TAG,
        summary="The last requests",
        handler=list_logged_requests,
        placement=Placement.COMPANY,
        scope=READ,
        query=PARAMETERS,
        reply=RequestsReply,
        refusals=(NotSupported,),
        doc=(
            "What was asked with tokens of the location, or of the company for a company token, of the last 2,000 "
            "requests to the server process that answers, with the reason of each refusal and what to change. Bodies "
            "are cut after 16 KB, those of answers that refuse nothing after 1 KB, and tokens and secrets are dots. "
            "They are in memory alone, and gone when the server stops."
        ),
        extension=True,
        quiet=True,
    ),
)
