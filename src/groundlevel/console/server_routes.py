"""The server in the console: its version, disk and settings, its backups, and its first set-up."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from msgspec import Struct

from groundlevel import __version__
from groundlevel.backup import rules as backups
from groundlevel.backup.errors import BackupError
from groundlevel.console import rules
from groundlevel.console.errors import BackupRefused, SetUpAlready
from groundlevel.console.guard import check_page, session_cookie, session_of
from groundlevel.console.model import Role
from groundlevel.console.replies import DoneReply, console_route, json_page
from groundlevel.console.routes import AGENT, session_page
from groundlevel.kernel.errors import BodyTooLarge, RouteNotFound, StorageUnavailable
from groundlevel.kernel.http.bodies import Body, Filled
from groundlevel.kernel.http.guard import ClientGoneError
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Page, Parameter, Stream
from groundlevel.kernel.settings import FILE, SETTINGS, SettingsError, source_of
from groundlevel.kernel.timestamps import iso

_CHUNK = 1 << 20
_LARGEST_BACKUP = 1 << 40
_ARCHIVE = "application/gzip"
_LINK = Parameter("link", "The code of the link that the server has printed.", required=True)


class SetUpBody(Body, kw_only=True):
    """The code of the link that the server has printed, and the first operator."""

    link: Filled
    email: Filled
    password: Filled


class SettingBody(Struct, rename="camel"):
    """A setting, its value, and where that comes from."""

    name: str
    value: str
    source: str
    """default, the name of a file or of an environment variable, or a flag."""
    doc: str


class BackupBody(Struct, rename="camel"):
    """A backup that lies beside the database."""

    name: str
    bytes: int
    created_at: str


class ServerReply(Struct, rename="camel"):
    """What a server runs with."""

    version: str
    engine: str
    database: str
    """Without a password."""
    database_bytes: int
    free_bytes: int
    """Of the disk that the database is on; -1 where it is on none of this machine."""
    backup_directory: str
    """Empty where backups are not made here."""
    backups: list[BackupBody]
    """The newest first."""
    settings: list[SettingBody]
    trace_id: str


class BackupReply(Struct, rename="camel"):
    """A new backup."""

    backup: BackupBody
    trace_id: str


async def show_server(request: Request) -> Page:
    """What the server runs with. Raises RoleForbidden."""
    rules.require_owner(await session_of(request))
    settings = request.context.settings
    directory = backups.directory_of(settings)
    made = await asyncio.to_thread(backups.list_backups, settings)
    used, free = await asyncio.to_thread(backups.disk_of, settings)
    reply = ServerReply(
        version=__version__,
        engine=request.context.storage.engine,
        database=_shown(settings.database),
        database_bytes=used,
        free_bytes=free,
        backup_directory="" if directory is None else str(directory),
        backups=[_backup_body(each) for each in made],
        settings=_settings_of(request),
        trace_id=request.trace_id,
    )
    return json_page(reply)


def _settings_of(request: Request) -> list[SettingBody]:
    settings, rows = request.context.settings, []
    for setting in SETTINGS:
        value = getattr(settings, setting.name)
        text = _text_of(value)
        if setting.row.confidential:
            text = _shown(settings.database) if setting.name == "database" else "set" if value else "not set"
        try:
            source = source_of(settings, setting, os.environ, FILE)
        except SettingsError:
            source = "unknown"
        rows.append(SettingBody(setting.name, text, source, setting.doc))
    return rows


def _text_of(value: object) -> str:
    """A value as one would write it."""
    if isinstance(value, tuple):
        return ",".join(map(str, value)) or "none"
    return str(value).lower() if value is None or isinstance(value, bool) else str(value)


def _shown(database: str) -> str:
    """A database's URL without its password."""
    scheme, _, rest = database.partition("://")
    user, at, place = rest.rpartition("@")
    return f"{scheme}://{user.partition(':')[0]}{at}{place}" if at else database


async def make_backup(request: Request) -> Page:
    """Makes a backup beside the database. Raises RoleForbidden, BackupRefused."""
    rules.require_owner(await session_of(request))
    try:
        made = await backups.back_up_beside(request.context.settings)
    except (BackupError, StorageUnavailable) as problem:
        raise BackupRefused(str(problem), hint=getattr(problem, "advice", "") or None) from problem
    return json_page(BackupReply(_backup_body(made), request.trace_id))


async def download_backup(request: Request) -> Stream:
    """The file of a backup. Raises RoleForbidden, RouteNotFound."""
    rules.require_owner(await session_of(request))
    made = await asyncio.to_thread(backups.list_backups, request.context.settings)
    found = next((each for each in made if each.name == request.params[0]), None)
    if found is None:
        raise RouteNotFound("GET", f"/console/backups/{request.params[0][:100]}", hint="There is no such backup.")
    disposition = (b"content-disposition", f'attachment; filename="{found.name}"'.encode())
    return Stream(_ARCHIVE, _pieces(found), (disposition, (b"cache-control", b"no-store")))


async def _pieces(file: Path) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(file.open, "rb") as opened:
        while piece := await asyncio.to_thread(opened.read, _CHUNK):
            yield piece


def _backup_body(file: Path) -> BackupBody:
    about = file.stat()
    return BackupBody(file.name, about.st_size, iso(int(about.st_mtime * 1000)))


# --- the first set-up ---------------------------------------------------------------------------------------------


async def set_up(request: Request) -> Page:
    """Makes the first operator, an owner, and signs them in. Raises SignInRefused, SetUpAlready, OperatorInvalid."""
    check_page(request)
    body: SetUpBody = request.body
    storage = request.context.storage
    agent = request.headers.get(b"user-agent", b"").decode("latin-1")[:AGENT]
    await _check_first(request, body.link)
    await rules.create_operator(storage, rules.NewOperator(body.email, body.password, Role.OWNER))
    await rules.use_link(storage, body.link)
    secret, session = await rules.sign_in_by_password(storage, body.email, body.password, agent=agent)
    return await session_page(request, session, session_cookie(request, secret))


async def restore_first(request: Request) -> Page:
    """Examines a backup, which takes the place of the database when the server starts the next time.

    Raises SignInRefused, SetUpAlready, BackupRefused, BodyTooLarge.
    """
    check_page(request)
    await _check_first(request, request.query.get("link", ""))
    with tempfile.TemporaryDirectory(prefix="groundlevel-restore-") as directory:
        file = Path(directory) / "backup.tar.gz"
        with file.open("wb") as opened:
            async for part in _arriving(request):
                await asyncio.to_thread(opened.write, part)
        try:
            await backups.keep_for_start(request.context.settings, file)
        except (BackupError, StorageUnavailable) as problem:
            raise BackupRefused(str(problem), hint=getattr(problem, "advice", "") or None) from problem
    return json_page(DoneReply(True, request.trace_id))


async def _check_first(request: Request, link: str) -> None:
    """Raises SetUpAlready where somebody may sign in, SignInRefused for a link that is used or expired."""
    if await rules.list_operators(request.context.storage):
        raise SetUpAlready
    await rules.check_link(request.context.storage, link)


async def _arriving(request: Request) -> AsyncIterator[bytes]:
    """The body in the pieces in which it comes. Raises BodyTooLarge, ClientGoneError, TimeoutError."""
    size = 0
    while True:
        async with asyncio.timeout(request.context.settings.request_timeout_seconds):
            message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > _LARGEST_BACKUP:
            raise BodyTooLarge
        yield part
        if not message.get("more_body"):
            return


ROUTES = (
    console_route("GET", "/console/server", show_server),
    console_route("POST", "/console/backups", make_backup),
    console_route("GET", "/console/backups/{name}", download_backup),
    console_route("POST", "/console/setup", set_up, body=SetUpBody),
    console_route("POST", "/console/setup/restore", restore_first, upload=(_ARCHIVE,), query=(_LINK,)),
)
