"""Imports through the API as values: what was chosen, how far they are, and what has become of the rows."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct, field

from groundlevel.imports.journal import Summary
from groundlevel.kernel.model import Origin


class Step(StrEnum):
    """What is done with a file, one after the other; the last two only when somebody asks for them."""

    READ = "read"
    CHECK = "check"
    WRITE = "write"


class State(StrEnum):
    """How far a step is."""

    ARRIVING = "arriving"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ColumnChoice(Struct, frozen=True):
    """What was said of a column: the key of the property that it fills, None to leave it out, and the type of a new
    field."""

    name: str
    key: str | None
    data_type: str | None = None


class Choices(Struct, frozen=True, kw_only=True):
    """How a file is to be read and written."""

    encoding: str | None = None
    header: bool = True
    create: bool = False
    """Whether missing fields, and a missing object, are created."""
    match: str | None = None
    """The property by which records are recognised and updated."""
    country: str | None = None
    dates: tuple[str, ...] = ()
    columns: tuple[ColumnChoice, ...] = ()


class FoundColumn(Struct, frozen=True):
    """A column of the file, and what becomes of it."""

    name: str
    key: str
    """Empty for one that is left out."""
    data_type: str
    new: bool
    primary: bool
    reason: str
    samples: tuple[str, ...]


class Complaint(Struct, frozen=True):
    """Why a row was refused."""

    line: int
    field: str
    message: str


class Outcome(Struct, frozen=True, kw_only=True):
    """What a step has come to."""

    summary: Summary = field(default_factory=Summary)
    position: int = 0
    """Bytes of the file that are dealt with."""
    columns: tuple[FoundColumn, ...] = ()
    exists: bool = True
    """Whether the object is there."""
    warnings: tuple[str, ...] = ()
    complaints: tuple[Complaint, ...] = ()
    """Of the first rows that were refused."""
    refused_parts: int = 0
    """Pieces of the table of refused rows."""
    milliseconds: int = 0
    """How long the step has taken."""
    problem: str = ""
    """Why the whole step failed."""
    hint: str = ""


class ImportJob(Struct, frozen=True):
    """A file that is imported."""

    id: str
    object_key: str
    name: str
    """Of the file."""
    bytes: int
    step: Step
    state: State
    choices: Choices
    outcome: Outcome
    origin: Origin
    created_at: int
    changed_at: int
