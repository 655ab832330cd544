"""The operation that says how many relations follow each association, and how many a record may have."""

from __future__ import annotations

from msgspec import Struct

from groundlevel.associations.routes import READ, TAG
from groundlevel.associations.usage_rules import Usage, count_usage, list_usage
from groundlevel.kernel.http.params import LOCATION, read_choice
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Parameter, Placement, Route
from groundlevel.kernel.usecase import perform


class UsageBody(Struct, rename="camel"):
    """An association, the relations by it, and the most that a record may have; null for any number."""

    association_id: str
    key: str
    relations: int | None
    """null where they were not counted."""
    most_of_first: int | None
    """Most second records of a first one."""
    most_of_second: int | None


class UsageReply(Struct, rename="camel"):
    """The associations of a location, system ones first."""

    associations: list[UsageBody]
    trace_id: str


async def list_association_usage(request: Request) -> UsageReply:
    """Every association with its limits, and with the number of its relations if that is asked for."""
    counted = read_choice(request, "counts", ("true", "false"), default="true") == "true"
    use_case = count_usage if counted else list_usage
    found = await perform(request.context.storage, request.call(), use_case, None)
    return UsageReply([_body(each) for each in found], request.trace_id)


def _body(usage: Usage) -> UsageBody:
    association = usage.association
    return UsageBody(association.id, association.key, usage.relations, usage.most_of_first, usage.most_of_second)


ROUTES = (
    Route(
        method="GET",
        path="/x/associations/usage",
        operation_id="list-association-usage",
        tag=TAG,
        summary="How associations are used",
        doc="How many relations follow each association, and how many a record may have by it: 1 where the cardinality "
        "says so, otherwise the limits of the live platform where the setting `limits` is `live`.",
        handler=list_association_usage,
        placement=Placement.QUERY,
        scope=READ,
        query=(LOCATION, Parameter("counts", "false to leave the relations uncounted, which is quicker.")),
        reply=UsageReply,
        extension=True,
    ),
)
