"""Keeps what the filters and the sort of a search mean: whoever asks for its next page sends them again."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
from msgspec import Struct

from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.query.ast import Plan, asks_for_relations
from groundlevel.kernel.query.cursor import read_cursor
from groundlevel.kernel.query.names import Name
from groundlevel.kernel.query.parse import SearchRequest, parse_page

MOST_KEPT = 100
"""Searches that are kept of one version of an object; when there are more, all are dropped."""
LONGEST_KEPT = 1_000
"""Characters of the text by which a search is known."""


class Reading(Struct, frozen=True):
    """How a request is read."""

    strict: bool
    names: Mapping[str, Name] | None
    """What fields are called in it: a constant of the program; None for the names of the records' own grammar."""
    make_plan: Callable[[], Plan]
    """Reads all of it."""


def prepare(request: SearchRequest, schema: CompiledObject, reading: Reading) -> Plan:
    """The plan of a request: that of an earlier one that differed from it in its page alone, or a new one.

    Raises what parsing and binding raise.
    """
    # A repr tells apart all that JSON tells apart, also what no engine could hold.
    text = repr((request.text, request.filters, request.sort))
    key = reading.strict, id(reading.names), text
    known = schema.plans.get(key)
    if not isinstance(known, Plan):
        plan = reading.make_plan()
        if len(text) <= LONGEST_KEPT and not asks_for_relations(plan.where):
            if len(schema.plans) >= MOST_KEPT:
                schema.plans.clear()
            schema.plans[key] = plan
        return plan
    page = parse_page(request, strict=reading.strict)
    return msgspec.structs.replace(
        known,
        after=read_cursor(page.after, known.order, name=request.names.search_after),
        offset=0 if page.after else page.skip,
        limit=page.limit,
    )
