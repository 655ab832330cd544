"""The load generator: a process that keeps some connections busy and counts only correct replies.

It reads tasks from standard input and writes their outcomes to standard output, each preceded by its length, so that
the one process serves a whole run and is warm when it counts.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from typing import IO, Any

import msgspec
import uvloop
from msgspec import Struct

from bench.processes import client_cpus, cpu_seconds, pin

CHECKED = 16
"""The body of one reply in so many is read and compared; the status of every one is."""
_DRAIN_SECONDS = 10.0
_PATIENCE_SECONDS = 60.0
"""How much longer than it should a task goes on for the replies without which its figures would mean nothing."""
_LENGTH = b"content-length: "
_LAST_CHUNK = b"0\r\n\r\n"


class Exchange(Struct, frozen=True, array_like=True):
    """A request as it goes over the wire, and a fragment that the body of its reply has to hold."""

    request: bytes
    expected: bytes = b""


class Task(Struct, frozen=True, kw_only=True):
    """What to do for how long."""

    port: int
    exchanges: list[Exchange]
    """Sent in turn, over and over."""
    status: int
    connections: int
    seconds: float
    """How long at least: a task goes on until the body of one reply that counts was compared."""
    warm_seconds: float
    server_pid: int = 0
    database_pid: int = 0
    """The parent process of a database server; 0 when there is none."""


class Outcome(Struct, frozen=True, kw_only=True):
    """What came of a task in the seconds that counted."""

    replies: int
    seconds: float
    wrong: int
    """Replies, warm-up included, of another status or body."""
    fault: str
    """What was wrong with the first of them."""
    p50: float
    """Seconds from request to reply of the median request."""
    p99: float
    client_seconds: float
    """Processor seconds of the load generator."""
    server_seconds: float | None
    database_seconds: float | None

    @property
    def rate(self) -> float:
        """Correct replies in a second."""
        return self.replies / self.seconds

    @property
    def client_share(self) -> float:
        """Which part of a processor the load generator used."""
        return self.client_seconds / self.seconds


class _Run:
    """A task under way."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.exchanges = task.exchanges
        self.next = 0
        self.counting = False
        self.ended = False
        self.busy = 0
        self.seen = 0
        self.counted = 0
        self.wrong = 0
        self.fault = ""
        self.times: list[float] = []
        self.status = b"%d" % task.status

    def refuse(self, fault: str) -> None:
        """Notes a wrong reply."""
        self.wrong += 1
        self.fault = self.fault or fault


class _Connection(asyncio.Protocol):
    """One client: a request at a time."""

    __slots__ = ("_expected", "_rest", "_run", "_sent_at", "_transport")

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._rest = b""
        self._expected = b""
        self._sent_at = 0.0

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._run.busy += 1
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._run.ended:
            self._run.refuse(f"the server closed a connection: {exc}")
        self._run.busy -= 1

    def _send(self) -> None:
        run = self._run
        exchange = run.exchanges[run.next]
        run.next += 1
        if run.next == len(run.exchanges):
            run.next = 0
        self._expected = exchange.expected
        self._sent_at = time.perf_counter()
        self._transport.write(exchange.request)

    def data_received(self, data: bytes) -> None:
        if self._rest:
            data = self._rest + data
        end = data.find(b"\r\n\r\n")
        if end < 0 or not _is_whole(data, end):
            self._rest = data
            return
        self._rest = b""
        run = self._run
        took = time.perf_counter() - self._sent_at
        run.seen += 1
        run.counted += run.counting
        if data[9:12] != run.status:
            run.refuse(f"{data[:12].decode()}: {data[end:].decode(errors='replace').strip()}")
        elif run.seen % CHECKED == 0 and self._expected and data.find(self._expected, end) < 0:
            run.refuse(f"expected {self._expected.decode()} in {data[end:].decode(errors='replace')}")
        elif run.counting:
            run.times.append(took)
        if run.ended:
            self._transport.close()
        else:
            self._send()


def _is_whole(data: bytes, end: int) -> bool:
    """Whether a reply whose head ends there has come to its end: by its length, or by the last of its chunks."""
    at = data.find(_LENGTH, 0, end)
    if at < 0:
        # Peers name their headers otherwise, and send long bodies in chunks.
        at = data[:end].lower().find(_LENGTH)
    if at < 0:
        return data.endswith(_LAST_CHUNK)
    at += len(_LENGTH)
    return len(data) >= end + 4 + int(data[at : data.find(b"\r", at)])


async def carry_out(task: Task) -> Outcome:
    """Puts a server under load. Raises OSError when it cannot be reached."""
    loop = asyncio.get_running_loop()
    run = _Run(task)
    for _ in range(task.connections):
        await loop.create_connection(lambda: _Connection(run), "127.0.0.1", task.port)
    await asyncio.sleep(task.warm_seconds)
    servers = cpu_seconds(task.server_pid), cpu_seconds(task.database_pid, family=True)
    own = time.process_time()
    run.counting = True
    started = time.perf_counter()
    await asyncio.sleep(task.seconds)
    until = started + task.seconds + _PATIENCE_SECONDS
    while run.busy and run.counted < CHECKED and time.perf_counter() < until:  # noqa: ASYNC110 - as below
        await asyncio.sleep(0.002)
    run.counting = False
    seconds = time.perf_counter() - started
    own = time.process_time() - own
    after = cpu_seconds(task.server_pid), cpu_seconds(task.database_pid, family=True)
    run.ended = True
    until = time.perf_counter() + _DRAIN_SECONDS
    while run.busy and time.perf_counter() < until:  # noqa: ASYNC110 - simpler than to have connections tell
        await asyncio.sleep(0.002)
    if run.busy:
        run.refuse(f"{run.busy} requests were not answered within {_DRAIN_SECONDS:g} seconds")
    times = sorted(run.times) or [float("nan")]
    return Outcome(
        replies=len(run.times),
        seconds=seconds,
        wrong=run.wrong,
        fault=run.fault[:600],
        p50=times[len(times) // 2],
        p99=times[len(times) * 99 // 100],
        client_seconds=own,
        server_seconds=_between(servers[0], after[0]),
        database_seconds=_between(servers[1], after[1]),
    )


def _between(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else after - before


def write_message(stream: IO[bytes], message: Struct) -> None:
    """Writes a task or an outcome."""
    content = msgspec.msgpack.encode(message)
    stream.write(len(content).to_bytes(8, "big") + content)
    stream.flush()


def read_message(stream: IO[bytes]) -> bytes | None:
    """The next message as it was encoded, or None at the end."""
    length = stream.read(8)
    return stream.read(int.from_bytes(length, "big")) if len(length) == 8 else None


def main() -> None:
    """Carries out tasks until there are no more."""
    pin(client_cpus())
    gc.disable()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        while (content := read_message(sys.stdin.buffer)) is not None:
            task = msgspec.msgpack.decode(content, type=Task)
            write_message(sys.stdout.buffer, runner.run(carry_out(task)))
            gc.collect()


if __name__ == "__main__":
    main()
