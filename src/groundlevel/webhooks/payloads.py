"""Payloads as webhooks are sent them (docs/contract.md#webhook-events, #decision-41)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from groundlevel.kernel.codec import decode_object, encode_text
from groundlevel.kernel.model import MAX_SAFE_INTEGER, Event, Json
from groundlevel.records.events import RECORD_CREATE, RECORD_DELETE, RECORD_UPDATE

_OF_RECORDS = frozenset(kind.type for kind in (RECORD_CREATE, RECORD_UPDATE, RECORD_DELETE))


def payload_of(event: Event) -> str:
    """The payload as webhooks are sent it. In the outbox, a record has its properties as an object."""
    if event.type not in _OF_RECORDS:
        return event.payload
    payload = decode_object(event.payload)
    properties = payload["properties"]
    if not isinstance(properties, dict):
        return event.payload
    payload["properties"] = [
        {"key": key, "valueString": value_string(value)} for key, value in properties.items() if value is not None
    ]
    return encode_text(payload)


def value_string(value: Json) -> str:
    """A property as webhooks show it: text as it is, numbers as JavaScript writes them, all else as compact JSON
    (docs/contract.md#decision-41)."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value)
    return encode_text(_plain(value))


def number_text(value: float) -> str:
    """A number as JavaScript's String() and JSON.stringify() write it."""
    if abs(value) <= MAX_SAFE_INTEGER and value == int(value):
        return str(int(value))
    value = float(value)
    if 1e-4 <= abs(value) <= MAX_SAFE_INTEGER:
        # Between these, Python and JavaScript write the same.
        return repr(value)
    if 1 < abs(value) < 1e21:
        # Of a large number only as many digits are meant as tell it from its neighbours.
        return f"{Decimal(repr(value)):f}".removesuffix(".0")
    mantissa, _, exponent = repr(value).partition("e")
    power = int(exponent)
    if -7 < power < 0:
        sign, digits = ("-", mantissa[1:]) if mantissa.startswith("-") else ("", mantissa)
        return f"{sign}0.{'0' * (-power - 1)}{digits.replace('.', '')}"
    return f"{mantissa.removesuffix('.0')}e{power:+d}"


def _plain(value: Json) -> Any:
    """A value whose numbers are encoded as JavaScript would."""
    if isinstance(value, float):
        return msgspec.Raw(number_text(value).encode())
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
