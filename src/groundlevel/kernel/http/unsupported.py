"""Operations that the platform documents and this server does not have: they say so, instead of not being found."""

from __future__ import annotations

from groundlevel.kernel.errors import BadRequest
from groundlevel.kernel.http.params import LOCATION
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Page, Parameter, Placement, Route

TAG = "Not supported"


class OperationUnsupported(BadRequest):
    """This server does not support the operation"""

    code = "operation_unsupported"
    hint = "The path is right: it is the server that does without this part of the platform."
    about = "The platform documents the operation, and this server does not have it. The message names what is missing."

    @classmethod
    def example(cls) -> OperationUnsupported:
        return cls("Templates of messages are not supported by this server")


def unsupported_route(operation: str, operation_id: str, *, missing: str, query: tuple[str, ...] = ()) -> Route:
    """The row of an operation, `GET /path`, on what is `missing` here: 400 to every caller that reaches the location.

    The path names the location, or else the query does. `query` has the other documented parameters, none of which
    matters.
    """
    method, _, path = operation.partition(" ")
    in_path = "{locationId}" in path
    taken = tuple(Parameter(name, "Taken, and of no effect.") for name in query)

    async def refuse(request: Request) -> Page:
        raise OperationUnsupported(
            f"{missing} are not supported by this server",
            hint=f"{missing} are a part of the platform that this server does without; the path itself is right.",
        )

    return Route(
        method=method,
        path=path,
        operation_id=operation_id,
        tag=TAG,
        summary=f"{missing} are not supported",
        doc="The platform documents this operation. This server does not have it and refuses every request.",
        handler=refuse,
        placement=Placement.PATH if in_path else Placement.QUERY,
        query=taken if in_path else (LOCATION, *taken),
        refusals=(OperationUnsupported,),
        supported=False,
    )
