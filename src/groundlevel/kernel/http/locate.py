"""Finds what is asked for by id, in whichever location a company token reaches it.

See docs/contract.md#sdk-requirement-8.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from groundlevel.kernel.errors import ObjectNotFound, RecordNotFound, Refusal
from groundlevel.kernel.http.request import NO_LOCATION, Request
from groundlevel.kernel.model import Actor, Location
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.usecase import UseCase, perform

R = TypeVar("R")
T = TypeVar("T")


def found_by_id(noun: str) -> str:
    """What the documentation says of an operation that finds the noun by its id alone."""
    return f"A company token that names no location reaches the {noun} in whichever of its locations it is."


FOUND_BY_ID = found_by_id("record")


async def locate(
    request: Request,
    locations_with: Callable[[Storage, Actor, str], Awaitable[list[Location]]],
    absent: Callable[[str], Refusal],
) -> Location:
    """The request's location; for a company token that named none, the first one that has what the path names.

    Raises what `absent` makes of the path's parameter when no location in reach has it.
    """
    if request.location is not NO_LOCATION:
        return request.location
    wanted = request.params[0]
    found = await locations_with(request.context.storage, request.actor, wanted)
    if not found:
        raise absent(wanted)
    return found[0]


async def find_across_locations(request: Request, use_case: UseCase[R, T], wanted: R, *, object_key: str) -> T:
    """The outcome of a use case on a record of the object, in the request's location or in the one that has it.

    Raises ObjectNotFound when no location in reach has the object, RecordNotFound when none has the record.
    """
    storage = request.context.storage
    if request.location is not NO_LOCATION:
        return await perform(storage, request.call(), use_case, wanted)
    refusal: ObjectNotFound | RecordNotFound = ObjectNotFound(object_key)
    for location in await request.context.access.locations_with_object(request.actor, object_key):
        try:
            return await perform(storage, request.call(location), use_case, wanted)
        except RecordNotFound as nothing:
            refusal = nothing
    raise refusal
