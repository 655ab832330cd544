"""What a server says about itself, to everyone: health, readiness, metrics and documents."""

from __future__ import annotations

import asyncio
import hashlib

import msgspec
from msgspec import Struct

from groundlevel import __version__
from groundlevel.kernel.errors import RouteNotFound, StorageUnavailable, refusals
from groundlevel.kernel.http.openapi import openapi_document
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import JSON, Admission, Page, Placement, Route
from groundlevel.kernel.observe import METRICS_MEDIA_TYPE
from groundlevel.records.upkeep import count_jobs
from groundlevel.system import docs
from groundlevel.system.assets import PREFIX, asset_page, unless_known

TAG = "Server"


class HealthReply(Struct, rename="camel"):
    """The process answers."""

    status: str
    version: str
    trace_id: str


class ReadyReply(Struct, rename="camel", omit_defaults=True):
    """The database answers as well."""

    status: str
    """ready, or degraded while a background task fails."""
    trace_id: str
    failing: list[str] = []
    """The background tasks that have failed and not yet recovered; requests are served all the same."""


class HomeReply(Struct, rename="camel"):
    """What this is and where to go."""

    name: str
    version: str
    docs: str
    """The address of the reference."""
    openapi: str
    """The address of the OpenAPI document."""
    health: str
    trace_id: str


async def get_home(request: Request) -> HomeReply | Page:
    """What this is and where to go: a page where HTML is asked for, JSON otherwise."""
    address = request.address
    if request.wants_page:
        return await asyncio.to_thread(docs.home_page, address, console=request.context.settings.console != "off")
    links = (f"{address}/docs", f"{address}/openapi.json", f"{address}/health")
    return HomeReply("GroundLevel", __version__, *links, request.trace_id)


async def get_health(request: Request) -> HealthReply:
    """Whether the process answers."""
    return HealthReply("ok", __version__, request.trace_id)


async def get_readiness(request: Request) -> ReadyReply:
    """Whether the database answers, and which background tasks fail. Raises StorageUnavailable."""
    storage = request.context.storage
    await storage.ready()
    failing = storage.background.failing()
    return ReadyReply("degraded" if failing else "ready", request.trace_id, failing)


async def get_metrics(request: Request) -> Page:
    """The measurements, for Prometheus."""
    storage = request.context.storage
    demand = storage.cache.demand
    indexes = {"indexes_wanted": len(demand.wanted), "index_accounts": len(demand.accounts)}
    gauges = {**await storage.measures(), **await count_jobs(storage), **indexes}
    exposition = request.context.measurements.exposition(gauges, storage.background.states())
    return Page(METRICS_MEDIA_TYPE, exposition)


async def get_openapi(request: Request) -> Page:
    """The OpenAPI document of this server. Making it takes long enough for others to notice."""
    context = request.context
    if context.openapi is None:
        context.openapi = await asyncio.to_thread(_openapi, context.routes)
    content, digest = context.openapi
    return unless_known(Page(JSON, content), digest, request.if_none_match)


def _openapi(routes: tuple[Route, ...]) -> tuple[bytes, str]:
    content = msgspec.json.encode(openapi_document(routes))
    return content, hashlib.sha256(content).hexdigest()


async def get_docs(request: Request) -> Page:
    """The reference, for people."""
    return await asyncio.to_thread(docs.reference_page)


async def get_asset(request: Request) -> Page:
    """A script or a style of the reference. Raises RouteNotFound."""
    return await asyncio.to_thread(asset_page, request.params[0], request.if_none_match)


async def get_data_type_docs(request: Request) -> Page:
    """The list of data types."""
    return await asyncio.to_thread(docs.data_types_page)


async def get_error_docs(request: Request) -> Page:
    """The list of errors."""
    return await asyncio.to_thread(docs.errors_page)


async def get_error_doc(request: Request) -> Page:
    """The page of one error. Raises RouteNotFound."""
    code = request.params[0]
    for refusal in refusals():
        if refusal.code == code:
            return await asyncio.to_thread(docs.error_page, refusal)
    raise RouteNotFound("GET", f"/docs/errors/{code}")


ROUTES = (
    Route(
        method="GET",
        path="/",
        operation_id="get-home",
        tag=TAG,
        summary="What this is and where to go",
        handler=get_home,
        placement=Placement.NOWHERE,
        admission=Admission.NONE,
        reply=HomeReply,
        doc="To a browser, which asks for HTML, the answer is a page.",
        extension=True,
    ),
    Route(
        method="GET",
        path="/health",
        operation_id="get-health",
        tag=TAG,
        summary="Whether the process answers",
        handler=get_health,
        placement=Placement.NOWHERE,
        admission=Admission.NONE,
        reply=HealthReply,
        extension=True,
    ),
    Route(
        method="GET",
        path="/ready",
        operation_id="get-readiness",
        tag=TAG,
        summary="Whether the database answers",
        handler=get_readiness,
        placement=Placement.NOWHERE,
        admission=Admission.NONE,
        reply=ReadyReply,
        refusals=(StorageUnavailable,),
        extension=True,
    ),
    Route(
        method="GET",
        path="/metrics",
        operation_id="get-metrics",
        tag=TAG,
        summary="Measurements for Prometheus",
        handler=get_metrics,
        placement=Placement.NOWHERE,
        admission=Admission.NONE,
        media_type="text/plain",
        extension=True,
    ),
    Route(
        method="GET",
        path="/openapi.json",
        operation_id="get-openapi",
        tag=TAG,
        summary="This document",
        handler=get_openapi,
        placement=Placement.NOWHERE,
        admission=Admission.NONE,
        extension=True,
    ),
    Route(
        method="GET",
        path="/docs",
        operation_id="get-docs",
        tag=TAG,
        summary="The reference",
        handler=get_docs,
        placement=Placement.NOWHERE,
        admission=Admission.NONE,
        media_type="text/html",
        extension=True,
    ),
    Route(
        method="GET",
        path=f"{PREFIX}{{name}}",
        operation_id="get-docs-asset",
        tag=TAG,
        summary="A script or a style of the reference",
        handler=get_asset,
        placement=Placement.NOWHERE,
        admission=Admission.NONE,
        media_type="text/*",
        refusals=(RouteNotFound,),
        extension=True,
    ),
    Route(
        method="GET",
        path="/docs/data-types",
        operation_id="get-data-type-docs",
        tag=TAG,
        summary="The list of data types",
        handler=get_data_type_docs,
        placement=Placement.NOWHERE,
        admission=Admission.NONE,
        media_type="text/html",
        extension=True,
    ),
    Route(
        method="GET",
        path="/docs/errors",
        operation_id="get-error-docs",
        tag=TAG,
        summary="The list of errors",
        handler=get_error_docs,
        placement=Placement.NOWHERE,
        admission=Admission.NONE,
        media_type="text/html",
        extension=True,
    ),
    Route(
        method="GET",
        path="/docs/errors/{code}",
        operation_id="get-error-doc",
        tag=TAG,
        summary="What one error means",
        handler=get_error_doc,
        placement=Placement.NOWHERE,
        admission=Admission.NONE,
        media_type="text/html",
        refusals=(RouteNotFound,),
        extension=True,
    ),
)
