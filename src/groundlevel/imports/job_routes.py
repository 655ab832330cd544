"""The operations on imports: a file is uploaded, read, checked and written in the background."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from msgspec import UNSET, Struct, UnsetType, field

from groundlevel.imports import job_rules as rules
from groundlevel.imports.errors import ImportBusy, ImportNotFound, ImportNotReady
from groundlevel.imports.job_model import Choices, ColumnChoice, ImportJob, State, Step
from groundlevel.imports.job_runner import wake
from groundlevel.imports.job_store import Part
from groundlevel.kernel.absence import or_else, or_none
from groundlevel.kernel.errors import BadRequest, BodyTooLarge, IdempotencyUnsupported, InvalidShape, ScopeMissing
from groundlevel.kernel.http.bodies import BOUNDED, Body, Filled, Names
from groundlevel.kernel.http.guard import ClientGoneError
from groundlevel.kernel.http.idempotency import HEADER
from groundlevel.kernel.http.params import LOCATION, read_choice
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Page, Parameter, Placement, Route
from groundlevel.kernel.timestamps import iso
from groundlevel.kernel.usecase import perform
from groundlevel.records.routes import READ, WRITE
from groundlevel.schema.field_routes import WRITE as WRITE_FIELDS
from groundlevel.schema.object_routes import WRITE as WRITE_OBJECTS

TAG = "Imports"
MEDIA_TYPES = ("text/csv", "application/x-ndjson")
_CSV = "text/csv; charset=utf-8"


class ImportColumnChoice(Body, kw_only=True):
    """A column of the file, and the property that it fills."""

    name: Filled
    key: Filled | None | UnsetType = UNSET
    """null leaves the column out."""
    data_type: Filled | None | UnsetType = UNSET
    """The type of a new field; guessed if left out."""


class ImportStart(Body, kw_only=True):
    """How the file is to be checked or written."""

    dry_run: bool | None | UnsetType = UNSET
    create_missing: bool | None | UnsetType = UNSET
    match: Filled | None | UnsetType = UNSET
    country: Filled | None | UnsetType = UNSET
    dates: Names | None | UnsetType = UNSET
    columns: Annotated[list[ImportColumnChoice], BOUNDED] | None | UnsetType = UNSET


class ImportColumnBody(Struct, rename="camel"):
    """A column of the file, and what becomes of it."""

    name: str
    key: str
    """Empty for one that is left out."""
    data_type: str
    is_new: bool
    is_primary: bool
    reason: str
    samples: tuple[str, ...]


class ImportRefusalBody(Struct, rename="camel"):
    """Why a row was refused."""

    line: int
    field: str
    message: str


class ImportBody(Struct, rename="camel"):
    """An import: what is done, how far it is, and what it came to."""

    id: str
    object_key: str
    name: str
    bytes: int
    step: str
    """read, check or write."""
    state: str
    """arriving, waiting, running, done or failed."""
    percent: int
    seconds: float
    rows: int
    created: int
    updated: int
    unchanged: int
    refused: int
    skipped: int
    object_exists: bool
    match: str | None
    create_missing: bool
    columns: list[ImportColumnBody]
    refusals: list[ImportRefusalBody]
    """Of the first 100 rows that were refused; the table has them all."""
    warnings: tuple[str, ...]
    problem: str
    hint: str
    created_at: str
    updated_at: str


class ImportReply(Struct, rename="camel"):
    """An import."""

    job: ImportBody = field(name="import")
    trace_id: str


class ImportsReply(Struct, rename="camel"):
    """Imports, the newest first."""

    imports: list[ImportBody]
    trace_id: str


class DeletedImportReply(Struct, rename="camel"):
    """The id of an import that is gone."""

    id: str
    deleted: bool
    trace_id: str


async def upload_import(request: Request) -> ImportReply:
    """Keeps a file, which is then read in the background."""
    query = request.query
    if HEADER in request.headers:
        raise IdempotencyUnsupported
    missing = [f"{name} should not be empty" for name in ("object", "name") if not query.get(name)]
    if missing:
        raise InvalidShape(missing)
    header = read_choice(request, "header", ("true", "false"), default="true") == "true"
    choices = Choices(encoding=query.get("encoding") or None, header=header)
    new = rules.NewImport(query["object"], query["name"], choices)
    storage, call = request.context.storage, request.call()
    job = await rules.upload_file(storage, call, new, _arriving(request))
    wake(storage)
    return ImportReply(_body(job), request.trace_id)


async def _arriving(request: Request) -> AsyncIterator[bytes]:
    """The body in the pieces in which it comes; for each, a client has as long as for an ordinary request.

    Raises BodyTooLarge, ClientGoneError, TimeoutError.
    """
    settings = request.context.settings
    most = settings.import_max_bytes
    size = 0
    while True:
        async with asyncio.timeout(settings.request_timeout_seconds):
            message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > most:
            raise BodyTooLarge(
                f"The file is larger than {most:,} bytes", hint="Split it, or raise the setting import_max_bytes."
            )
        yield part
        if not message.get("more_body"):
            return


async def start_import(request: Request) -> ImportReply:
    """Asks for the rows to be checked or written."""
    body: ImportStart = request.body
    create = or_else(body.create_missing, False) is True
    if create and (lacking := [scope for scope in (WRITE_OBJECTS, WRITE_FIELDS) if scope not in request.actor.scopes]):
        raise ScopeMissing(hint=f"createMissing needs the scope {' and '.join(lacking)}.")
    choices = Choices(
        create=create,
        match=or_none(body.match),
        country=or_none(body.country),
        dates=tuple(or_else(body.dates, ())),
        columns=tuple(
            ColumnChoice(each.name, or_none(each.key), or_none(each.data_type)) for each in or_else(body.columns, ())
        ),
    )
    step = Step.CHECK if or_else(body.dry_run, False) else Step.WRITE
    start = rules.Start(request.params[0], step, choices)
    job = await perform(request.context.storage, request.call(), rules.start_step, start)
    wake(request.context.storage)
    return ImportReply(_body(job), request.trace_id)


async def show_import(request: Request) -> ImportReply:
    """An import."""
    job = await perform(request.context.storage, request.call(), rules.get_import, request.params[0])
    return ImportReply(_body(job), request.trace_id)


async def list_imports(request: Request) -> ImportsReply:
    """The last imports of a location."""
    found = await perform(request.context.storage, request.call(), rules.list_imports, None)
    return ImportsReply([_body(job) for job in found], request.trace_id)


async def download_refused(request: Request) -> Page:
    """The refused rows as a file that can be corrected and imported."""
    storage, call = request.context.storage, request.call()
    job = await perform(storage, call, rules.get_import, request.params[0])
    content = b"".join([part async for part in rules.parts_of(storage, call, job, Part.REFUSED)])
    disposition = (b"content-disposition", b'attachment; filename="refused.errors.csv"')
    return Page(_CSV, content or b"line,field,message\r\n", headers=(disposition,))


async def delete_import(request: Request) -> DeletedImportReply:
    """Deletes an import; one that is at work stops."""
    await perform(request.context.storage, request.call(), rules.delete_import, request.params[0])
    return DeletedImportReply(request.params[0], True, request.trace_id)


def _body(job: ImportJob) -> ImportBody:
    outcome, summary = job.outcome, job.outcome.summary
    done = job.state is State.DONE
    return ImportBody(
        id=job.id,
        object_key=job.object_key,
        name=job.name,
        bytes=job.bytes,
        step=job.step.value,
        state=job.state.value,
        percent=100 if done else min(99, outcome.position * 100 // job.bytes) if job.bytes else 0,
        seconds=outcome.milliseconds / 1000,
        rows=summary.rows,
        created=summary.created,
        updated=summary.updated,
        unchanged=summary.unchanged,
        refused=summary.refused,
        skipped=summary.skipped,
        object_exists=outcome.exists,
        match=job.choices.match,
        create_missing=job.choices.create,
        columns=[
            ImportColumnBody(each.name, each.key, each.data_type, each.new, each.primary, each.reason, each.samples)
            for each in outcome.columns
        ],
        refusals=[ImportRefusalBody(each.line, each.field, each.message) for each in outcome.complaints],
        warnings=outcome.warnings,
        problem=outcome.problem,
        hint=outcome.hint,
        created_at=iso(job.created_at),
        updated_at=iso(job.changed_at),
    )


def _route(method: str, path: str, operation_id: str, **members: object) -> Route:
    return Route(
        method=method,
        path=path,
        operation_id=operation_id,
        tag=TAG,
        placement=Placement.QUERY,
        extension=True,
        **members,  # type: ignore[arg-type]
    )


ROUTES = (
    _route(
        "POST",
        "/x/imports",
        "create-import",
        summary="Upload a file of records",
        doc="The body is the file itself: CSV with a header, or a JSON object in each line, as `groundlevel import` "
        "takes them. It is then read in the background; the import says what its columns are, which fields they fill "
        "and which would be new. Nothing is written until it is started. An import that nobody touches for 7 days is "
        "deleted.",
        handler=upload_import,
        scope=WRITE,
        status=201,
        upload=MEDIA_TYPES,
        query=(
            LOCATION,
            Parameter("object", "The key of the object.", required=True, example="custom_objects.pet"),
            Parameter("name", "The name of the file, whose end says what it is.", required=True, example="pets.csv"),
            Parameter("encoding", "Such as windows-1252; UTF-8 or UTF-16 if left out."),
            Parameter("header", "false where the first row is data."),
        ),
        reply=ImportReply,
        refusals=(BodyTooLarge, IdempotencyUnsupported),
    ),
    _route(
        "GET",
        "/x/imports",
        "list-imports",
        summary="List imports",
        doc="The last 100, the newest first.",
        handler=list_imports,
        scope=READ,
        query=(LOCATION,),
        reply=ImportsReply,
    ),
    _route(
        "GET",
        "/x/imports/{importId}",
        "get-import",
        summary="Get an import",
        doc="How far it is, what it came to, and why the first rows were refused.",
        handler=show_import,
        scope=READ,
        query=(LOCATION,),
        reply=ImportReply,
        refusals=(ImportNotFound,),
    ),
    _route(
        "POST",
        "/x/imports/{importId}/start",
        "start-import",
        summary="Check or write the rows of a file",
        doc="With `dryRun` every row is checked and nothing is written. Rows that are refused do not stop the others. "
        "`match` names the property by which records are recognised and updated; without it each row creates a "
        "record. `createMissing` makes the fields, and the object, that there are not. What a crash of the server "
        "cuts off is carried on, and no row is written twice.",
        handler=start_import,
        scope=WRITE,
        query=(LOCATION,),
        body=ImportStart,
        reply=ImportReply,
        refusals=(ImportNotFound, ImportNotReady, ImportBusy, ScopeMissing, BadRequest),
        example={"dryRun": True, "match": "chip", "columns": [{"name": "Chip number", "key": "chip"}]},
    ),
    _route(
        "GET",
        "/x/imports/{importId}/refused",
        "get-refused-rows",
        summary="Get the refused rows of an import",
        doc="A CSV file with the line, the field and the reason before the row as it was; corrected, it can be "
        "imported as it is.",
        handler=download_refused,
        scope=READ,
        query=(LOCATION,),
        media_type="text/csv",
        refusals=(ImportNotFound,),
    ),
    _route(
        "DELETE",
        "/x/imports/{importId}",
        "delete-import",
        summary="Stop and delete an import",
        doc="Records that it has written stay.",
        handler=delete_import,
        scope=WRITE,
        query=(LOCATION,),
        reply=DeletedImportReply,
        refusals=(ImportNotFound,),
    ),
)
