"""Stores pipelines."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from groundlevel.crm.pipelines.model import Pipeline, Stage
from groundlevel.kernel.codec import encode_text
from groundlevel.kernel.storage.connection import Row
from groundlevel.kernel.storage.transaction import Transaction


class _Definition(Struct, frozen=True):
    """The JSON of a pipeline's row."""

    name: str
    stages: tuple[Stage, ...]


async def list_pipelines(tx: Transaction) -> list[Pipeline]:
    """All pipelines, oldest first."""
    return [_pipeline_of(row) for row in await tx.connection.rows(tx.sql["list_pipelines"], tx.loc)]


async def find_pipeline(tx: Transaction, pipeline_id: str) -> Pipeline | None:
    """The pipeline, or None."""
    row = await tx.connection.row(tx.sql["find_pipeline"], tx.loc, pipeline_id)
    return None if row is None else _pipeline_of(row)


async def insert_pipeline(tx: Transaction, pipeline: Pipeline) -> None:
    """Stores a new pipeline."""
    definition = encode_text(_Definition(pipeline.name, pipeline.stages))
    await tx.connection.run(tx.sql["insert_pipeline"], tx.loc, pipeline.id, definition, pipeline.created_at)


def _pipeline_of(row: Row) -> Pipeline:
    stored = msgspec.json.decode(row[1], type=_Definition)
    return Pipeline(row[0], stored.name, stored.stages, row[2], row[3])
