"""Pipelines and their stages as frozen values."""

from __future__ import annotations

from msgspec import Struct


class Stage(Struct, frozen=True, gc=False):
    """A step of a pipeline."""

    id: str
    """A UUID."""
    name: str


class Pipeline(Struct, frozen=True, gc=False):
    """The steps that opportunities go through, in order."""

    id: str
    """20 characters."""
    name: str
    stages: tuple[Stage, ...]
    created_at: int
    updated_at: int
