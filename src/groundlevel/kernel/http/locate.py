"""Carries out what is asked of one record, in whichever location a company token finds it.

See docs/contract.md#sdk-requirement-8.
"""

from __future__ import annotations

from typing import TypeVar

from groundlevel.kernel.errors import ObjectNotFound, RecordNotFound
from groundlevel.kernel.http.request import NO_LOCATION, Request
from groundlevel.kernel.usecase import UseCase, perform

R = TypeVar("R")
T = TypeVar("T")

FOUND_BY_ID = "A company token that names no location reaches the record in whichever of its locations it is."


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
