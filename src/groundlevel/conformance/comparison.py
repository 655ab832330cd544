"""What is different between the answers of two servers, and how much it matters to their clients."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import IntEnum

from msgspec import Struct

from groundlevel.conformance.answers import Answer
from groundlevel.conformance.shapes import ABSENT, NULL, Shape, parent_of


class Severity(IntEnum):
    """How much a difference matters."""

    MINOR = 1
    """A client would have to look for it: a text of a refusal, a member that only the other server has."""
    NOTABLE = 2
    """Some clients see it: another status of the same kind, a member that is not there."""
    BREAKING = 3
    """Most clients fail: success instead of a refusal, or a member of another type."""


class Difference(Struct, frozen=True):
    """One difference between two answers to the same probe."""

    probe: str
    severity: Severity
    what: str


def differences(here: Iterable[Answer], there: Iterable[Answer]) -> Iterator[Difference]:
    """What of the answers `there` is not as `here`. A probe that one of them was not asked is left out."""
    of_there = {answer.probe: answer for answer in there}
    for answer in here:
        other = of_there.get(answer.probe)
        if other is not None and answer.status is not None and other.status is not None:
            for severity, what in _compare(answer, other):
                yield Difference(answer.probe, severity, what)


def _compare(here: Answer, there: Answer) -> Iterator[tuple[Severity, str]]:
    assert here.status is not None
    assert there.status is not None
    if here.status != there.status:
        alike = (here.status < 400) == (there.status < 400)
        yield Severity.NOTABLE if alike else Severity.BREAKING, f"status {here.status} here, {there.status} there"
        if not alike:
            return
    yield from _compare_shapes(here.shape, there.shape)
    if here.message != there.message:
        yield Severity.MINOR, f"message {here.message!r} here, {there.message!r} there"


def _compare_shapes(here: Shape, there: Shape) -> Iterator[tuple[Severity, str]]:
    for path in sorted(here.keys() | there.keys()):
        own, other, name = here.get(path), there.get(path), path or "the body"
        if own is None or other is None:
            # Where there is nothing that could have the member, its absence says nothing.
            if path and not _may_have(there if other is None else here, parent_of(path)):
                continue
            if own is None:
                yield Severity.MINOR, f"{name} is there and not here"
            elif ABSENT not in own:
                yield Severity.NOTABLE, f"{name} is here and not there"
            continue
        types, others = set(own) - {NULL, ABSENT}, set(other) - {NULL, ABSENT}
        if types and others and not types & others:
            words = " or ".join(sorted(types)), " or ".join(sorted(others))
            yield Severity.BREAKING, f"{name} is {words[0]} here, {words[1]} there"


def _may_have(shape: Shape, parent: str) -> bool:
    """Whether a shape has what could have a member or items: an object, or a list that was not empty."""
    types = shape.get(parent, ())
    return "object" in types
