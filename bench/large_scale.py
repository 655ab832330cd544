"""How much a large run measures."""

from __future__ import annotations

from msgspec import Struct


class LargeScale(Struct, frozen=True, kw_only=True):
    """The size of a large run."""

    name: str
    records: int
    """Records of the large object."""
    parts: int
    """Bodies in which they arrive; each is a measurement."""
    locations: int
    objects: int
    """Objects of each location."""
    each: int
    """Records of each object."""
    few: int
    """Records of the small database that the cost of a create is compared with."""
    asked: int
    """Different questions of each kind."""
    patience_seconds: float
    """How long to wait for the field indexes that the questions ask for."""
    turns: str
    """The scale of `make bench` by which creates are measured."""
    tenant_searches: int
    """Searches of a small tenant, with and without scans beside them."""


LARGE = LargeScale(
    name="large", records=1_000_000, parts=10, locations=200, objects=10, each=100, few=10_000, asked=15,
    patience_seconds=600, turns="default", tenant_searches=400,
)  # fmt: skip
TINY = LargeScale(
    name="tiny", records=600, parts=2, locations=2, objects=2, each=5, few=100, asked=2, patience_seconds=0,
    turns="tiny", tenant_searches=5,
)  # fmt: skip
"""For the tests of the harness; its figures mean nothing."""
