"""What a transaction does with pipelines."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from groundlevel.model import Pipeline, Stage
from groundlevel.storage.connection import Row
from groundlevel.storage.place import Placed

_encode = msgspec.json.Encoder().encode


class _Definition(Struct, frozen=True):
    """The JSON of a pipeline's row."""

    name: str
    stages: tuple[Stage, ...]


class PipelineMethods(Placed):
    """The pipelines of the transaction's location."""

    async def list_pipelines(self) -> list[Pipeline]:
        """All pipelines, oldest first."""
        return [_pipeline_of(row) for row in await self.connection.rows(self.sql["list_pipelines"], self.loc)]

    async def find_pipeline(self, pipeline_id: str) -> Pipeline | None:
        """The pipeline, or None."""
        row = await self.connection.row(self.sql["find_pipeline"], self.loc, pipeline_id)
        return None if row is None else _pipeline_of(row)

    async def add_pipeline(self, pipeline: Pipeline) -> None:
        """Stores a new pipeline."""
        definition = _encode(_Definition(pipeline.name, pipeline.stages)).decode()
        await self.connection.run(self.sql["add_pipeline"], self.loc, pipeline.id, definition, pipeline.created_at)


def _pipeline_of(row: Row) -> Pipeline:
    stored = msgspec.json.decode(row[1], type=_Definition)
    return Pipeline(row[0], stored.name, stored.stages, row[2], row[3])
