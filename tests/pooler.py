"""PgBouncer between a test and its database, in transaction mode: each transaction may get another connection."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.needs import missing
from tests.postgres import unprivileged_user

_START_SECONDS = 60.0
_PLACES = ("/usr/sbin/pgbouncer", "/usr/bin/pgbouncer")


def _program() -> str:
    found = shutil.which("pgbouncer") or next((place for place in _PLACES if Path(place).is_file()), None)
    if found is None:
        missing("PgBouncer is not installed")
    return found


@contextmanager
def pooler_before(url: str, *, connections: int = 2) -> Iterator[str]:
    """The URL of a pooler before the database with this URL, which opens at most so many connections to it."""
    program, at = _program(), urlsplit(url)
    with tempfile.TemporaryDirectory(prefix="groundlevel-pooler-") as directory, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        place = Path(directory)
        (place / "users").write_text(f'"{at.username}" ""\n')
        (place / "pgbouncer.ini").write_text(
            f"[databases]\n* = host={at.hostname} port={at.port}\n[pgbouncer]\n"
            f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = trust\n"
            f"auth_file = {place}/users\npool_mode = transaction\ndefault_pool_size = {connections}\n"
            f"max_client_conn = 200\nserver_round_robin = 1\n"
        )
        user = unprivileged_user()
        if user is not None:
            for owned in (place, *place.iterdir()):
                shutil.chown(owned, user.pw_uid, user.pw_gid)
        command = [program, *(["-u", user.pw_name] if user is not None else []), str(place / "pgbouncer.ini")]
        log = (place / "log").open("wb")
        with log, subprocess.Popen(command, stdout=log, stderr=log) as process:
            try:
                _wait_for(f"{at.scheme}://{at.username}@127.0.0.1:{port}{at.path}", process, place / "log")
                yield f"{at.scheme}://{at.username}@127.0.0.1:{port}{at.path}"
            finally:
                process.kill()


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Returns when the pooler takes connections."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", urlsplit(url).port or 0)):
                return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.02)
    missing(f"PgBouncer does not start: {log.read_text(errors='replace')[-1000:]}")
