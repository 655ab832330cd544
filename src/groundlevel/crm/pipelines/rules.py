"""Pipelines: the stages that opportunities go through (docs/contract.md#sales-operations)."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from groundlevel.crm.pipelines import store
from groundlevel.crm.pipelines.model import Pipeline, Stage
from groundlevel.kernel.ids import Ids
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, reading, writing
from groundlevel.records.errors import UnknownReference

FIRST_NAME = "Sales Pipeline"
FIRST_STAGES = ("New Lead", "Contacted", "Proposal Sent", "Closed")


class NewPipeline(Struct, frozen=True):
    """The pipeline to be created, with the names of its stages in order."""

    name: str
    stages: Sequence[str]


@reading
async def list_pipelines(tx: Transaction, call: Call, request: None) -> list[Pipeline]:
    """All pipelines of the location, oldest first."""
    return await store.list_pipelines(tx)


@writing
async def create_pipeline(tx: Transaction, call: Call, request: NewPipeline) -> Pipeline:
    """A further pipeline; the platform itself has no published way to make one."""
    pipeline = new_pipeline(call.ids, request.name, request.stages)
    await store.insert_pipeline(tx, pipeline)
    return pipeline


def first_pipeline(ids: Ids) -> Pipeline:
    """The pipeline that a location begins with."""
    return new_pipeline(ids, FIRST_NAME, FIRST_STAGES)


def new_pipeline(ids: Ids, name: str, stages: Sequence[str]) -> Pipeline:
    """A pipeline with ids of its own, not yet stored."""
    now = ids.now()
    return Pipeline(ids.short_id(), name, tuple(Stage(ids.uuid(), stage) for stage in stages), now, now)


async def find_stage(tx: Transaction, pipeline_id: str, stage_id: str | None) -> Stage:
    """The stage of a pipeline, its first one unless one is named. Raises UnknownReference."""
    pipeline = await store.find_pipeline(tx, pipeline_id)
    if pipeline is None:
        raise UnknownReference(f"pipelineId: the location has no pipeline {pipeline_id}")
    for stage in pipeline.stages:
        if stage_id is None or stage.id == stage_id:
            return stage
    raise UnknownReference(f"pipelineStageId: the pipeline {pipeline.name} has no stage {stage_id}")
