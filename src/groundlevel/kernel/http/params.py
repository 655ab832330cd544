"""Reads the numbers of a query."""

from __future__ import annotations

from groundlevel.kernel.errors import InvalidShape
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.validation import NOT_A_NUMBER
from groundlevel.kernel.model import MAX_SAFE_INTEGER


def read_number(request: Request, name: str, *, default: int, most: int = MAX_SAFE_INTEGER) -> int:
    """The whole number, not below zero, sent for a parameter of the query, or the default. Raises InvalidShape."""
    sent = request.query.get(name, "")
    if not sent:
        return default
    if not (sent.isascii() and sent.isdigit() and len(sent) <= len(str(MAX_SAFE_INTEGER))):
        raise InvalidShape([f"{name} {NOT_A_NUMBER}"])
    if int(sent) > most:
        raise InvalidShape([f"{name} must not be greater than {most}"])
    return int(sent)
