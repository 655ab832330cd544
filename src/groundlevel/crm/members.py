"""The members of the bodies of a standard object, a row each: the field it stands for, and what it is searched by.

A new member is a row here and a line in each Struct that has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum

import msgspec
from msgspec import UNSET, Struct

from groundlevel.kernel.fields.base import Operator
from groundlevel.kernel.model import Json
from groundlevel.kernel.query.names import Name, same


class Member(Struct, frozen=True):
    """One member; its name is the attribute of the Structs."""

    name: str
    key: str = ""
    """The key of the field; the name where it is left out."""
    write: Callable[[Json], Json] | None = None
    """Turns what is sent into what the field takes, where that differs; null and the empty text never get here."""
    show: Callable[[Json], Json] | None = None
    """Turns what is stored into what is shown, where that differs."""
    clearable: bool = True
    """Whether null and the empty text clear it; for the others null says nothing."""
    searched: bool = True
    """Whether filters and sorts know it."""
    searched_key: str = ""
    """The key of the field that it is searched in, where that is another."""
    read: Callable[[Json], Json] = same
    """Turns a value to search for into what that field holds."""
    same_operators: Mapping[Operator, Operator] = {}
    """The operators that mean another one of the field's."""
    other_names: tuple[str, ...] = ()
    """What else it is called in filters and sorts."""

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "key", self.key or self.name)


def sent_properties(body: Struct, members: Iterable[Member]) -> dict[str, Json]:
    """What a body says of standard fields, by their keys, as it was sent."""
    properties: dict[str, Json] = {}
    for member in members:
        value = getattr(body, member.name, UNSET)
        if value is not UNSET and (value is not None or member.clearable):
            properties[member.key] = value.value if isinstance(value, Enum) else value
    return properties


def written_properties(sent: dict[str, Json], members: Iterable[Member]) -> dict[str, Json]:
    """Sent properties in the form that the fields take; None for every empty text."""
    written = {key: None if value == "" else value for key, value in sent.items()}
    for member in members:
        if member.write is not None and written.get(member.key) is not None:
            written[member.key] = member.write(written[member.key])
    return written


def shown_members(stored: dict[str, Json], members: Iterable[Member]) -> dict[str, Json]:
    """What a body shows of stored properties, by the attributes of its Struct; what was never set is absent."""
    shown: dict[str, Json] = {}
    for member in members:
        if member.key in stored:
            value = stored[member.key]
            shown[member.name] = value if member.show is None else member.show(value)
    return shown


def search_names(members: Iterable[Member], *spellings: Callable[[str], str]) -> dict[str, Name]:
    """What filters and sorts may name, in each of the spellings."""
    return {
        spelling(name): Name(
            f"properties.{member.searched_key or member.key}", member.read, same_operators=member.same_operators
        )
        for spelling in spellings
        for member in members
        for name in _names(member)
    }


def _names(member: Member) -> Iterator[str]:
    if member.searched:
        yield member.name
    yield from member.other_names


def camel(name: str) -> str:
    """A name as most bodies spell it: `postalCode`."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
