"""The operation that relates many records in one request, by their ids or by values that tell them apart."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET, UnsetType

from groundlevel.associations.errors import AssociationNotFound, CardinalityExceeded, InvalidRelation, RelationNotFound
from groundlevel.associations.relation_bulk_rules import (
    NaturalKey,
    RecordName,
    RelationRow,
    RelationRows,
    write_relation_rows,
)
from groundlevel.associations.relation_routes import TAG, WRITE
from groundlevel.kernel.errors import (
    InvalidShape,
    InvalidValue,
    MatchNotUnique,
    RecordNotFound,
    Refusal,
    UnknownProperty,
)
from groundlevel.kernel.http.bodies import Body, Filled
from groundlevel.kernel.http.decode import LineDecoder
from groundlevel.kernel.http.line_replies import (
    CHUNK,
    LINE_REFUSALS,
    LINES_DOC,
    LineWork,
    RowResult,
    stream_results,
)
from groundlevel.kernel.http.openapi import NDJSON
from groundlevel.kernel.http.params import ANYWHERE, read_choice
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Parameter, Placement, Route, Stream
from groundlevel.kernel.model import Json
from groundlevel.kernel.rows import Outcome
from groundlevel.kernel.usecase import perform

_MODES = ("create", "delete")


class RelationLine(Body, kw_only=True):
    """An association, by its key or id, and a record on either side of it: by its id, or as {field: value}."""

    association: Filled | None | UnsetType = UNSET
    first: Filled | dict[str, Json] | None | UnsetType = UNSET
    second: Filled | dict[str, Json] | None | UnsetType = UNSET
    id: Filled | None | UnsetType = UNSET
    """The relation to delete, instead of all that."""


async def write_relations(request: Request) -> Stream:
    """Creates or deletes the relations of a body of lines."""
    deleting = read_choice(request, "mode", _MODES, default="create") == "delete"
    call = request.call()

    async def write(rows: Sequence[RelationRow | str | Refusal]) -> Sequence[Outcome]:
        return await perform(request.context.storage, call, write_relation_rows, RelationRows(rows, deleting))

    return stream_results(request, LineWork(LineDecoder(RelationLine), _row_of, write))


def _row_of(line: RelationLine) -> RelationRow | str:
    """What a line names. Raises InvalidShape."""
    if line.id:
        if line.association or line.first or line.second:
            raise InvalidShape(["id and association, first or second should not exist together"])
        return line.id
    if not line.association:
        raise InvalidShape(["association should not be empty"])
    return RelationRow(line.association, _record_name("first", line.first), _record_name("second", line.second))


def _record_name(member: str, sent: str | dict[str, Json] | None | UnsetType) -> RecordName:
    if isinstance(sent, str):
        return sent
    if not sent or len(sent) != 1:
        raise InvalidShape([f"{member} must be a record id, or an object of one field and its value"])
    ((field, value),) = sent.items()
    return NaturalKey(field, value)


ROUTES = (
    Route(
        method="POST",
        path="/x/associations/relations/bulk",
        operation_id="write-relations",
        tag=TAG,
        summary="Relate many records",
        doc=f'{LINES_DOC} A record is named by its id, or by a field with unique values: {{"email": '
        '"ann@example.com"}. A relation that is to be created and is there already is `unchanged`.',
        handler=write_relations,
        placement=Placement.EITHER,
        scope=WRITE,
        query=(ANYWHERE, Parameter("mode", "What rows do: create (if left out) or delete."), CHUNK),
        lines=RelationLine,
        reply=RowResult,
        media_type=NDJSON,
        refusals=(
            *LINE_REFUSALS,
            AssociationNotFound,
            InvalidRelation,
            CardinalityExceeded,
            RelationNotFound,
            RecordNotFound,
            UnknownProperty,
            InvalidValue,
            MatchNotUnique,
        ),
        example={"association": "policy_holder", "first": {"policy_no": "P-1"}, "second": {"email": "ann@example.com"}},
        extension=True,
    ),
)
