"""What an import comes to, and the seam by which somebody follows it so that it can carry on where it stopped."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct

from groundlevel.imports.reader import SheetRow
from groundlevel.imports.resumption import RefusedRow
from groundlevel.kernel.storage.transaction import Transaction


class Summary(Struct):
    """The outcome of an import: every row is created, updated, unchanged, refused or skipped."""

    rows: int = 0
    """Rows behind the header."""
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    """Rows that say of a record what it holds already."""
    refused: int = 0
    skipped: int = 0
    """Rows without any value."""
    lines: int = 0
    """Physical lines of the file: those of the header and of all rows."""
    header_lines: int = 0


class FileSummary(Summary):
    """The outcome of an import by a command."""

    errors_path: Path | None = None
    """The file with the refused rows, if there are any."""
    resumed: int = 0
    """Rows of these that had their outcome already, from a run that was cut off."""


RefusedHere: TypeAlias = tuple[SheetRow, RefusedRow]
"""A row of the file, and why it was refused."""


class Journal(ABC):
    """Follows one import."""

    rows_at_once: int
    """Rows that are written in one transaction."""
    begun: Summary
    """What the import had come to when it stopped; an empty one at its beginning."""

    @abstractmethod
    async def note(self, tx: Transaction, summary: Summary, refused: Sequence[RefusedHere]) -> None:
        """Notes a chunk in the transaction that writes it, and the rows that were refused since the last chunk.

        It may run more than once, as all work of a transaction, and must have no effect but through that.
        """

    @abstractmethod
    async def report(self, summary: Summary, refused: Sequence[RefusedHere]) -> None:
        """Notes a chunk that was only checked; at the end, also what was refused behind the last chunk."""
