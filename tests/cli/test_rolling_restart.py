"""A restart of one worker after the other is noticed by no client: every request that was sent is answered."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx

from tests.needs import missing, not_applicable
from tests.world import PATIENCE_SECONDS, eventually

from .test_serve import environment

CLIENTS = 8
FEWEST = 100
"""Requests that are answered before the restart, and after it."""


class Load:
    """Clients that keep their connections open and ask again as soon as they are answered."""

    def __init__(self, welcome: dict[str, Any]) -> None:
        self._welcome = welcome
        self.answered = 0
        self.failed: list[str] = []
        self._progress = asyncio.Condition()
        self._stopping = False

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Asks for as long as the block runs; the last requests are answered before it ends."""
        clients = [asyncio.create_task(self._ask(pause)) for pause in [0.0] * (CLIENTS // 2) + [0.02] * (CLIENTS // 2)]
        try:
            yield
        finally:
            self._stopping = True
            await asyncio.gather(*clients)

    async def advances(self) -> None:
        """Returns when FEWEST more requests have been answered."""
        goal = self.answered + FEWEST
        async with asyncio.timeout(PATIENCE_SECONDS), self._progress:
            await self._progress.wait_for(lambda: self.answered >= goal or bool(self.failed))

    async def _ask(self, pause: float) -> None:
        """Without a pause a request is mostly on its way; with one, a connection is mostly idle."""
        headers = {"Authorization": f"Bearer {self._welcome['token']}", "Version": "2021-07-28"}
        body = {"locationId": self._welcome["locationId"], "properties": {"name": "Rex", "species": "dog"}}
        # One connection each, and no retry: the first request that is cut off counts.
        limits = httpx.Limits(max_connections=1)
        async with httpx.AsyncClient(base_url=self._welcome["url"], headers=headers, limits=limits, timeout=30) as http:
            while not self._stopping:
                try:
                    reply = await http.post("/objects/custom_objects.pet/records", json=body)
                    if reply.status_code != 201:
                        self.failed.append(reply.text)
                except httpx.HTTPError as problem:
                    self.failed.append(repr(problem))
                async with self._progress:
                    self.answered += 1
                    self._progress.notify_all()
                await asyncio.sleep(pause)


def workers_of(parent: int) -> frozenset[int]:
    """The server processes that a parent has, without those that have ended."""
    path = Path(f"/proc/{parent}/task/{parent}/children")
    return frozenset(pid for pid in map(int, path.read_text().split()) if serves(pid))


def serves(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


async def test_a_rolling_restart_fails_no_request(engine_name: str, database_url: str, tmp_path: Path) -> None:
    if engine_name == "sqlite":
        not_applicable("SQLite is served by one process")
    if not Path("/proc/self/task").exists():
        missing("there is no way to see the processes of a server")
    arguments = ("--json", "--workers", "2", "--seed", "demo", "--database", database_url)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "groundlevel", "serve", "--port", "0", *arguments,
        cwd=tmp_path, env=environment(), stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        load = Load(json.loads(await process.stdout.readline()))
        async with load.running():
            await load.advances()
            before = workers_of(process.pid)
            assert len(before) == 2
            process.send_signal(signal.SIGHUP)

            async def replaced() -> bool:
                now = workers_of(process.pid)
                return len(now) == 2 and not now & before

            await eventually(replaced)
            await load.advances()
        assert load.failed == []
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()
