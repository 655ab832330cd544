"""Reads and writes `searchAfter`, the position of a record in an order."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from groundlevel.kernel.errors import InvalidCursor, InvalidValue
from groundlevel.kernel.fields.base import Comparison
from groundlevel.kernel.ids import is_record_id
from groundlevel.kernel.model import MAX_SAFE_INTEGER, Json, Record
from groundlevel.kernel.query.ast import Column, ColumnOperand, Operand, Order, Plan
from groundlevel.kernel.query.target import read_timestamp, text_of

_NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_cursor(
    after: tuple[Json, ...], order: tuple[Order, ...], *, name: str = "searchAfter"
) -> tuple[str | float | None, ...]:
    """The bound form of a cursor, which the client calls `name`: a value per key of `order` and the record id.

    Without keys the wire form is `[epoch ms, id]`, of which the id counts, so `[id]` will do
    (docs/contract.md#search-pages).
    Numbers may come as texts, as in the published request example. Empty for none. Raises InvalidCursor.
    """
    if not after:
        return ()
    record_id = after[-1]
    if not isinstance(record_id, str) or not is_record_id(record_id):
        raise InvalidCursor(f"{name} must hold the id of a record")
    values = after[:-1]
    try:
        if not order:
            if len(values) > 1:
                raise InvalidValue("expected epoch milliseconds and a record id")
            for value in values:
                read_timestamp(value)
            return (record_id,)
        if len(values) != len(order):
            raise InvalidValue(f"expected {len(order) + 1} values for this sort, got {len(after)}")
        return (*(_read_typed(key.operand, value) for key, value in zip(order, values, strict=True)), record_id)
    except InvalidValue as error:
        raise InvalidCursor(f"{name} is not a cursor of this search: {error.message}") from error


def _read_typed(operand: Operand, value: Json) -> str | float | None:
    """A key's value, typed by its comparison; None stands for a record without a value."""
    if value is None:
        return None
    if isinstance(operand, ColumnOperand):
        return read_timestamp(value)
    if operand.comparison is Comparison.NUMBER:
        return _number(value)
    text = text_of(value)
    if operand.comparison is Comparison.DAY and not _DAY.fullmatch(text):
        raise InvalidValue("expected a date YYYY-MM-DD")
    return text


def _number(value: Json) -> float:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidValue("expected a number")
    if not abs(value) <= MAX_SAFE_INTEGER:
        raise InvalidValue("the number is out of range")
    return float(value)


def cursor_of(plan: Plan, record: Record) -> list[Json]:
    """The wire cursor of `record` under a plan, the inverse of `read_cursor`: `[epoch ms, id]` without sort keys."""
    if not plan.order:
        return [record.created_at, record.id]
    return [*(_value(key.operand, record) for key in plan.order), record.id]


def cursors_of(plan: Plan, records: Sequence[Record]) -> list[list[Json]]:
    """The wire cursors of a page's records, in their order."""
    if not plan.order:
        return [[record.created_at, record.id] for record in records]
    return [cursor_of(plan, record) for record in records]


def _value(operand: Operand, record: Record) -> Json:
    if isinstance(operand, ColumnOperand):
        return record.updated_at if operand.column is Column.UPDATED_AT else record.created_at
    value: Json = _reader(operand.stored_key)(record.properties).value
    for step in operand.path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


@lru_cache(maxsize=1_000)
def _reader(stored_key: str) -> Callable[[str], Any]:
    """Reads one stored property, as `value`, and passes over all others: in half the time of reading all of them."""
    return msgspec.json.Decoder(
        msgspec.defstruct("Stored", [("value", Any, None)], rename={"value": stored_key}, gc=False)
    ).decode
