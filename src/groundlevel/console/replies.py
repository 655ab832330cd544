"""What the operations of the console have in common: their rows, and the form of their replies."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from groundlevel.console.model import Session
from groundlevel.kernel.changes import OPERATOR, Author
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Admission, Page, Parameter, Placement, Route

TAG = "Console"


class DoneReply(Struct, rename="camel"):
    """It is done."""

    done: bool
    trace_id: str


def author_of(request: Request, session: Session) -> Author:
    """Who makes the changes of a request that has a session and no token."""
    return Author(OPERATOR, session.source_id, "WEB_USER", request.trace_id)


def json_page(reply: Struct, *headers: tuple[bytes, bytes]) -> Page:
    """A reply that nobody keeps."""
    content = msgspec.json.encode(reply)
    return Page("application/json; charset=utf-8", content, headers=((b"cache-control", b"no-store"), *headers))


def console_route(  # Parameters: the columns of a table
    method: str,
    path: str,
    handler: object,
    *,
    body: type[Struct] | None = None,
    query: tuple[Parameter, ...] = (),
    upload: tuple[str, ...] = (),
) -> Route:
    """A row for one of the console's own operations."""
    name = handler.__name__.replace("_", "-")  # type: ignore[attr-defined]
    return Route(
        method=method,
        path=path,
        operation_id=f"console-{name}",
        tag=TAG,
        summary=(handler.__doc__ or "").partition(".")[0],
        handler=handler,  # type: ignore[arg-type]
        placement=Placement.NOWHERE,
        admission=Admission.OPEN,
        body=body,
        query=query,
        upload=upload,
        extension=True,
        quiet=True,
    )
