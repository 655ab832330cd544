"""Measures servers under load, each in turn with the ceiling."""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from bench.ceiling import CONTROL, Reply
from bench.databases import Database
from bench.load import Exchange, Outcome, Task, read_message, write_message
from bench.processes import Process, client_cpus, server_cpus
from bench.report import Row, judged, median, median_of_known, median_ratio
from bench.scale import Scale
from bench.works import WORKS, Target, Work

SECTION = "Over HTTP"
SATURATED = 0.9
"""From this share of its processor on, the load generator and not the server sets the pace."""
_ANSWER_SECONDS = 30.0


Pair = tuple[Outcome, Outcome]
"""What came of a server's turn, and of the ceiling's just before it."""


class WrongRepliesError(Exception):
    """A server answered something else than it should have; figures of such a run mean nothing."""


class Served(Struct, frozen=True):
    """A running server."""

    process: Process
    port: int
    database_pid: int = 0


@contextmanager
def started(module: str, *args: str, database_pid: int = 0) -> Iterator[Served]:
    """A server process that is ready; it ends with the block."""
    process = Process(module, *args, cpus=server_cpus())
    try:
        port = urlsplit(process.announced()["url"]).port
        assert port is not None
        yield Served(process, port, database_pid)
    finally:
        process.stop()


def serve_arguments(database: Database) -> list[str]:
    """The command line of a server on a free port, with default settings but that it stops without delay."""
    return ["serve", "--database", database.url, "--port", "0", "--json", "--shutdown-grace-seconds", "0.2"]


def asked(port: int, request: bytes) -> Reply:
    """The reply to one request, as soon as the server listens. Raises OSError when it does not."""
    until = time.monotonic() + _ANSWER_SECONDS
    while True:
        try:
            connection = socket.create_connection(("127.0.0.1", port), timeout=_ANSWER_SECONDS)
            break
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.005)
    with connection:
        connection.sendall(request)
        response = http.client.HTTPResponse(connection)
        response.begin()
        body = response.read()
    headers = [(name.lower().encode(), value.encode()) for name, value in response.getheaders()]
    return Reply(response.status, headers, body)


class Generator:
    """The load generator's process."""

    def __init__(self) -> None:
        self._process = Process("bench.load", cpus=client_cpus())

    def outcome(self, task: Task) -> Outcome:
        """Has a task carried out. Raises WrongRepliesError."""
        write_message(self._process.stdin, task)
        content = read_message(self._process.stdout)
        if content is None:
            raise RuntimeError("the load generator ended")
        outcome = msgspec.msgpack.decode(content, type=Outcome)
        if outcome.wrong or not outcome.replies:
            counts = f"{outcome.wrong} wrong replies and {outcome.replies} right ones"
            raise WrongRepliesError(f"{counts} to {task.exchanges[0].request[:60]!r}: {outcome.fault}")
        return outcome

    def stop(self) -> None:
        """Ends it."""
        self._process.stop()


class Bench:
    """The servers under measurement: the ceiling, and one for every engine."""

    def __init__(self, scale: Scale, ceiling: Served, generator: Generator) -> None:
        self.scale = scale
        self.ceiling = ceiling
        self.generator = generator
        self.subjects: dict[str, tuple[Served, Target]] = {}

    def measure(self, work: Work) -> Iterator[Row]:
        """One row for every engine."""
        exchanges = {engine: work.exchanges(target) for engine, (_, target) in self.subjects.items()}
        turns: dict[str, list[Pair]] = {engine: [] for engine in self.subjects}
        for _ in range(self.scale.rounds):
            for engine, (subject, _) in self.subjects.items():
                with subject.process.running():
                    reply = asked(subject.port, exchanges[engine][0].request)
                ceiling = self._turn(self.ceiling, work, _without_expectations(exchanges[engine]), reply)
                turns[engine].append((self._turn(subject, work, exchanges[engine]), ceiling))
        for engine, pairs in turns.items():
            yield judged(_row(work, engine, pairs), work.budget, self.scale.records)

    def _turn(self, server: Served, work: Work, exchanges: list[Exchange], reply: Reply | None = None) -> Outcome:
        task = Task(
            port=server.port,
            exchanges=exchanges,
            status=work.status,
            connections=self.scale.connections,
            seconds=self.scale.seconds,
            warm_seconds=self.scale.warm_seconds,
            server_pid=server.process.pid,
            database_pid=server.database_pid,
        )
        with server.process.running():
            if reply is not None:
                asked(server.port, _teaching(reply))
            return self.generator.outcome(task)


def _teaching(reply: Reply) -> bytes:
    content = msgspec.msgpack.encode(reply)
    return f"PUT {CONTROL} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content


def _without_expectations(exchanges: list[Exchange]) -> list[Exchange]:
    return [Exchange(exchange.request) for exchange in exchanges]


def _row(work: Work, engine: str, pairs: list[Pair]) -> Row:
    own, ceilings = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    share = max(median(each.client_share for each in side) for side in (own, ceilings))
    return Row(
        section=SECTION,
        work=work.name,
        engine=engine,
        figure=median(each.rate for each in own),
        unit="requests/s",
        ceiling=median(each.rate for each in ceilings),
        ratio=median_ratio([each.rate for each in own], [each.rate for each in ceilings]),
        p50_ms=median(each.p50 for each in own) * 1e3,
        p99_ms=median(each.p99 for each in own) * 1e3,
        server_us=_microseconds((each.server_seconds, each.replies) for each in own),
        ceiling_us=_microseconds((each.server_seconds, each.replies) for each in ceilings),
        database_us=_microseconds((each.database_seconds, each.replies) for each in own),
        client_share=share,
        note="the load generator was saturated: the ceiling is higher" if share >= SATURATED else "",
    )


def _microseconds(spent: Iterable[tuple[float | None, int]]) -> float | None:
    """Of one reply."""
    each = median_of_known(None if seconds is None else seconds / replies for seconds, replies in spent)
    return None if each is None else each * 1e6


def measure_serving(scale: Scale, targets: list[Target], database_pids: dict[str, int]) -> Iterator[Row]:
    """A row for every kind of request on every engine."""
    with ExitStack() as stack:
        ceiling = stack.enter_context(started("bench.ceiling"))
        generator = Generator()
        stack.callback(generator.stop)
        bench = Bench(scale, ceiling, generator)
        asked(ceiling.port, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        for target in targets:
            engine = target.database.engine
            arguments = serve_arguments(target.database)
            served = stack.enter_context(started("groundlevel", *arguments, database_pid=database_pids[engine]))
            bench.subjects[engine] = (served, target)
        for served in (ceiling, *(subject for subject, _ in bench.subjects.values())):
            served.process.pause()
        for work in WORKS:
            yield from bench.measure(work)
