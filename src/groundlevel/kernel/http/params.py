"""Reads what a query asks for: which part of a list, and other whole numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from groundlevel.kernel.errors import InvalidShape
from groundlevel.kernel.errors.wording import NOT_A_NUMBER, choice_error, integer_errors
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Parameter
from groundlevel.kernel.model import MAX_SAFE_INTEGER, Json

LOCATION: Final = Parameter("locationId", "The location.", required=True, example="ve9EPM428h8vShlRW1KT")
"""The location, where an operation documents it as required."""
ANYWHERE: Final = Parameter("locationId", "The location; it is not needed.")
"""The location, where the record is found by its id."""
START: Final = (
    Parameter("startAfter", "The meta.startAfter of the page before."),
    Parameter("startAfterId", "The meta.startAfterId of the page before; skip and page do not count then."),
)
"""The cursor of a list that goes on from a record."""

_NUMBER = re.compile(r"-?[0-9]{1,16}(\.[0-9]{1,16})?", re.ASCII)


class Window(Struct, frozen=True):
    """Which part of a list was asked for."""

    limit: int
    skip: int
    page: int
    """Which page that is, from 1, where the list is paged by page."""


class Paging(Struct, frozen=True, kw_only=True):
    """How a list is paged: what its parameters are called, and how far they reach.

    One policy holds for all lists: a parameter that is left out or empty takes its usual value; what is no whole
    number, is below its least value, or is larger than it may be is refused by the name that was sent (decision 0030).
    """

    usual: int
    """The limit, where none is sent."""
    most: int
    limit: str = "limit"
    skip: str = ""
    """What the records to leave out are called, where the list is paged by them: often `skip`."""
    page: str = ""
    """What the page is called, where the list is paged by pages."""
    cut: bool = False
    """Whether a limit that is too large is cut instead of refused, as docs/contract.md#decision-20 has it."""

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters for the row of an operation."""
        over = "; a larger one is cut" if self.cut else ""
        rows = [Parameter(self.limit, f"How many: {self.usual} if left out, at most {self.most}{over}.")]
        if self.skip:
            rows.append(Parameter(self.skip, "How many to leave out; none if left out."))
        if self.page:
            rows.append(Parameter(self.page, "Which page, from 1."))
        return tuple(rows)

    def read(self, request: Request) -> Window:
        """The part that a query asks for. Raises InvalidShape with all faults at once."""
        most = MAX_SAFE_INTEGER if self.cut else self.most
        limit, faults = _read(request, self.limit, least=1, most=most)
        page, wrong_page = _read(request, self.page, least=1)
        skip, wrong_skip = _read(request, self.skip, least=0)
        if faults := [*faults, *wrong_page, *wrong_skip]:
            raise InvalidShape(faults)
        limit = self.usual if limit is None else min(limit, self.most)
        page = 1 if page is None else page
        return Window(limit, (page - 1) * limit if skip is None else skip, page)


def read_number(request: Request, name: str, *, default: int, least: int = 0) -> int:
    """The whole number sent for a parameter, or the default. Raises InvalidShape."""
    value, faults = _read(request, name, least=least)
    if faults:
        raise InvalidShape(faults)
    return default if value is None else value


def read_flag(request: Request, name: str) -> bool:
    """Whether a parameter is `true`; left out or empty it is not. Raises InvalidShape for what is no boolean."""
    sent = request.query.get(name, "").lower()
    if sent not in ("", "true", "false"):
        raise InvalidShape([f"{name} must be a boolean value"])
    return sent == "true"


def read_choice(request: Request, name: str, choices: Sequence[str], *, default: str) -> str:
    """The one of a few values that was sent for a parameter, or the default. Raises InvalidShape."""
    sent = request.query.get(name) or default
    if sent not in choices:
        raise InvalidShape([choice_error(name, choices)])
    return sent


def read_start(request: Request) -> list[Json] | None:
    """The cursor that `startAfter` and `startAfterId` make: a timestamp and an id; None without an id.

    Raises InvalidShape.
    """
    after = request.query.get("startAfterId")
    return [read_number(request, "startAfter", default=0), after] if after else None


def _read(request: Request, name: str, *, least: int, most: int = MAX_SAFE_INTEGER) -> tuple[int | None, list[str]]:
    """The whole number sent, None for nothing, and what is wrong with it."""
    sent = request.query.get(name, "")
    if not sent:
        return None, []
    if not _NUMBER.fullmatch(sent):
        return None, [f"{name} {NOT_A_NUMBER}"]
    value = float(sent) if "." in sent else int(sent)
    faults = integer_errors(name, value, least=least, most=most)
    return (None if faults else int(value)), faults
