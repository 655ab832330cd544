"""Reads JSON Lines: one JSON object on each line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import msgspec

from groundlevel.imports.reader import Progress, Sheet, SheetError, SheetRow, column_names, compose
from groundlevel.kernel.model import Json

_decode = msgspec.json.Decoder().decode
_NO_NUMBER = re.compile(r"\b(?:NaN|Infinity)\b")


class _Repeated(Exception):
    """A name stands twice in an object."""


class JsonLinesSheet(Sheet):
    """The columns are all members, in the order in which they first appear. Blank lines are rows without a value."""

    typed = True

    def _find_columns(self) -> tuple[str, ...]:
        members: dict[str, None] = {}
        for _, value, _ in self._values():
            if isinstance(value, dict):
                members.update(dict.fromkeys(value))
        if not members:
            raise SheetError(f"{self.path} holds no JSON objects", hint="Write one JSON object on each line.")
        self._members = tuple(members)
        return column_names(self._members)

    def _values(self) -> Iterator[tuple[int, Json, str | None]]:
        """Of each line its number, its value or else its text, and why it cannot be used."""
        for number, line in enumerate(self._lines(), 1):
            text = line.strip()
            if not text:
                yield number, {}, None
                continue
            try:
                value = _decode(text)
                if isinstance(value, dict):
                    _check_names(text, value)
                    if not text.isascii() or "\\u" in text:
                        value = _compose_members(value)
            except _Repeated as repeated:
                yield number, text, f"the line names the member {repeated} twice"
            except (ValueError, RecursionError) as problem:
                fault = "NaN and Infinity are not JSON numbers" if _NO_NUMBER.search(text) else str(problem)
                yield number, text, f"the line is not valid JSON: {fault}"
            else:
                yield number, value, None

    def rows(self) -> Iterator[SheetRow]:
        members = self._members
        for number, value, fault in self._values():
            if isinstance(value, dict):
                yield SheetRow(number, [value.get(name) for name in members])
            else:
                yield SheetRow(number, [value], fault or "the line is not a JSON object")

    def check(self, progress: Progress) -> frozenset[int]:
        # Finding the columns has read the whole file, and every member has a name.
        progress(self.size)
        return frozenset()


def _compose_members(value: dict[str, Json]) -> dict[str, Json]:
    """An object with its names and texts in the composed Unicode form. Raises _Repeated."""
    members: dict[str, Json] = {}
    for name, member in value.items():
        if compose(name) in members:
            raise _Repeated(name)
        members[compose(name)] = _compose_member(member)
    return members


def _compose_member(value: Json) -> Json:
    match value:
        case str():
            return compose(value)
        case list():
            return [_compose_member(item) for item in value]
        case dict():
            return {name: _compose_member(item) for name, item in value.items()}
    return value


def _check_names(text: str, value: dict[str, Json]) -> None:
    """Raises _Repeated when a name stands twice in an object of the text."""
    # As many colons as members: there are no others, neither of a repeated member nor of an inner one.
    if text.count(":") != len(value):
        json.loads(text, object_pairs_hook=_refuse_repeated)


def _refuse_repeated(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members: dict[str, Json] = {}
    for name, value in pairs:
        if name in members:
            raise _Repeated(name)
        members[name] = value
    return members
