"""A real server process on a free port, and the tenants and tokens its clients work with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from msgspec import Struct

from groundlevel.access.rules import NewToken, NewUser, create_token, create_user
from groundlevel.kernel.model import Location
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.engines import open_storage
from groundlevel.locations.rules import NewLocation, create_location
from groundlevel.oauth.app_rules import NewApp, TargetQuery, create_app, install_app
from tests.postgres import run_apart
from tests.world import PATIENCE_SECONDS

_SOURCES = Path(__file__).resolve().parents[2] / "src"
_BRIEFLY = ("--shutdown-grace-seconds", "0.2")
"""Clients keep connections open, which would otherwise be served for some seconds after the tests."""


class Program(Struct, frozen=True):
    """An app of a third party, and by what it says who it is."""

    id: str
    client_id: str
    secret: str
    redirect_uri: str


class Tenant(Struct, frozen=True):
    """A location, two users in it, an app that its company has installed, and the tokens that reach it, or do not."""

    location: str
    company: str
    program: Program
    users: tuple[str, str]
    token: str
    company_token: str
    foreign_location: str
    foreign_token: str
    unscoped_token: str

    def headers(self, version: str = "2021-07-28") -> dict[str, str]:
        """The headers of a request by the location's own token."""
        return {"Authorization": f"Bearer {self.token}", "Version": version}


class Server(Struct, frozen=True):
    """A server that is ready, and the database behind it."""

    url: str
    database: str

    def tenant(self) -> Tenant:
        """A new tenant, made beside the running server as `groundlevel location create` does."""
        made: list[Tenant] = []

        async def make() -> None:
            made.append(await _make_tenant(self.database))

        run_apart(make())
        return made[0]

    def client(self, tenant: Tenant) -> httpx.Client:
        """A client with the tenant's own token."""
        # Nothing is encrypted, and to load whom a client would trust takes longer than most tests (measured: 27 ms).
        return httpx.Client(base_url=self.url, headers=tenant.headers(), timeout=PATIENCE_SECONDS, verify=False)


@contextmanager
def serving(database: str, *flags: str, clock: Path | None = None) -> Iterator[Server]:
    """Serves the database in a process of its own until the block ends; with `clock`, by the time in that file."""
    module = "groundlevel" if clock is None else "tests.compat.stopped"
    command = [sys.executable, "-m", module, "serve", "--json", "--port", "0", "--seed", "none", *_BRIEFLY, *flags]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GROUNDLEVEL_")}
    environment |= {
        "GROUNDLEVEL_DATABASE": database,
        "GROUNDLEVEL_POOL_SIZE": "4",
        "GROUNDLEVEL_SYNCHRONOUS": "OFF",
        "PYTHONPATH": os.pathsep.join((str(_SOURCES), str(_SOURCES.parent))),
        "CLOCK_FILE": str(clock),
    }
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, f"the server ended with {process.wait(PATIENCE_SECONDS)} before it was ready"
            yield Server(json.loads(line)["url"], database)
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


async def _make_tenant(database: str) -> Tenant:
    storage = await open_storage(Settings(database=database, synchronous="OFF", pool_size=1))
    try:
        mine = await create_location(storage, NewLocation("Mine"))
        foreign = await create_location(storage, NewLocation("Foreign"))
        return Tenant(
            location=mine.id,
            company=mine.company_id,
            program=await _program(storage, mine.company_id),
            users=(await _user(storage, mine, "Ada"), await _user(storage, mine, "Grace")),
            token=await _token(storage, NewToken("own", location_id=mine.id)),
            company_token=await _token(storage, NewToken("company", company_id=mine.company_id)),
            foreign_location=foreign.id,
            foreign_token=await _token(storage, NewToken("foreign", location_id=foreign.id)),
            unscoped_token=await _token(storage, NewToken("unscoped", location_id=mine.id, scopes=())),
        )
    finally:
        await storage.close()


async def _program(storage: Storage, company_id: str) -> Program:
    redirect_uri = "https://app.example/callback"
    app, secret = await create_app(storage, NewApp("An app", (redirect_uri,)))
    await install_app(storage, app.id, TargetQuery(company_id=company_id))
    return Program(app.id, app.client_id, secret, redirect_uri)


async def _user(storage: Storage, location: Location, name: str) -> str:
    email = f"{name.lower()}@{location.id.lower()}.example"
    user = await create_user(storage, NewUser(location.company_id, location.id, name, "Test", email))
    return user.id


async def _token(storage: Storage, new: NewToken) -> str:
    secret, _ = await create_token(storage, new)
    return secret
