"""The operations on pipelines (docs/contract.md#sales-operations)."""

from __future__ import annotations

from groundlevel.crm.opportunities.routes import READ, TAG, WRITE
from groundlevel.crm.opportunities.schemas import PipelineCreation, PipelineReply, PipelinesReply, pipeline_body
from groundlevel.crm.pipelines import rules as pipelines
from groundlevel.kernel.http.params import LOCATION
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Placement, Route
from groundlevel.kernel.usecase import perform


async def list_pipelines(request: Request) -> PipelinesReply:
    """Every pipeline of the location."""
    found = await perform(request.context.storage, request.call(), pipelines.list_pipelines, None)
    return PipelinesReply([pipeline_body(each, request.location.id) for each in found], request.trace_id)


async def create_pipeline(request: Request) -> PipelineReply:
    """Creates a pipeline."""
    body: PipelineCreation = request.body
    new = pipelines.NewPipeline(body.name, tuple(body.stages))
    pipeline = await perform(request.context.storage, request.call(), pipelines.create_pipeline, new)
    return PipelineReply(pipeline_body(pipeline, request.location.id), request.trace_id)


ROUTES = (
    Route(
        method="GET",
        path="/opportunities/pipelines",
        operation_id="get-pipelines",
        tag=TAG,
        summary="List pipelines",
        doc="Every location begins with one.",
        handler=list_pipelines,
        placement=Placement.QUERY,
        scope=READ,
        query=(LOCATION,),
        reply=PipelinesReply,
    ),
    Route(
        method="POST",
        path="/x/pipelines",
        operation_id="create-pipeline",
        tag=TAG,
        summary="Create a pipeline",
        doc="The platform itself lets people make pipelines and no program.",
        handler=create_pipeline,
        placement=Placement.BODY,
        scope=WRITE,
        status=201,
        body=PipelineCreation,
        reply=PipelineReply,
        example={"locationId": "ve9EPM428h8vShlRW1KT", "name": "Adoptions", "stages": ["Asked", "Visited", "Adopted"]},
        extension=True,
    ),
)
