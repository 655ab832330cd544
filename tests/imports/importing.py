"""Short ways to import a file into a world."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import msgspec

from groundlevel.imports.journal import FileSummary
from groundlevel.imports.mapping import Plan
from groundlevel.imports.rules import Import, create_missing, plan_import
from groundlevel.imports.runs import run_import
from groundlevel.kernel.model import Json
from tests.world import World


def silent(_: int) -> None:
    """Nobody watches."""


async def planned(world: World, path: Path, **how: Any) -> Plan:
    how.setdefault("object_key", "pet")
    return await plan_import(world.storage, world.call, request=Import(path=path, **how), progress=silent)


async def imported(world: World, path: Path, **how: Any) -> FileSummary:
    plan = await planned(world, path, **how)
    if not plan.dry:
        await create_missing(world.storage, world.call, plan)
    return await run_import(world.storage, world.call, plan, progress=silent)


async def pets(world: World) -> list[dict[str, Json]]:
    found = await world.search(page_limit=100, sort=[{"field": "createdAt", "direction": "asc"}])
    return [msgspec.json.decode(view.record.properties) for view in found.views]


def counts(summary: FileSummary) -> tuple[int, int, int, int]:
    assert summary.rows == sum(
        (summary.created, summary.updated, summary.unchanged, summary.refused, summary.skipped)
    ), "a row is lost"
    return summary.rows, summary.created, summary.updated, summary.refused


def file(directory: Path, content: str, name: str = "pets.csv") -> Path:
    path = directory / name
    path.write_text(content, encoding="utf-8", newline="")
    return path


def errors_of(summary: FileSummary) -> list[list[str]]:
    """The rows of the file of refused rows, without the header."""
    assert summary.errors_path is not None
    with summary.errors_path.open(encoding="utf-8", newline="") as opened:
        return list(csv.reader(opened))[1:]
