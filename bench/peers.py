"""Asks us and PocketBase the same of the same records, in turn, and shows by how much one is faster.

Both run on the same processor with as many clients. PocketBase has indexes made by hand and needs no token; ours has
the indexes that the questions have paid for. Our writes are durable, those of PocketBase are not synced.
"""

from __future__ import annotations

import argparse
import asyncio
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from bench.bulk import import_file
from bench.corpus import OBJECT, Records, write_csv
from bench.databases import furnish, record_ids
from bench.load import Exchange, Outcome, Task
from bench.pocketbase import BINARY, PocketBase, running
from bench.processes import ROOT, compiled_in, machine, pin, server_cpus
from bench.questions import QUESTIONS, Question, variants
from bench.relations import Linked
from bench.report import median, table, write_between
from bench.serving import Generator, Served, asked, serve_arguments, started
from bench.works import PAGE, Target, request

SIZES = (1_000, 3_000, 10_000, 30_000)
CONNECTIONS = 32
BEGIN, END = "<!-- peers: begin -->", "<!-- peers: end -->"
_STILL_SECONDS = 2.0
_LONGEST_SECONDS = 120.0


class Line(Struct, frozen=True):
    """How one kind of work went."""

    work: str
    records: int
    ours: float
    """Requests a second."""
    theirs: float
    ratio: float
    """The median of the ratios of neighbouring turns."""
    ours_cpu: float
    """Milliseconds of the server's processor for a request."""
    theirs_cpu: float


class Both(Struct, frozen=True):
    """The two servers, with their records."""

    ours: Served
    target: Target
    theirs: PocketBase
    generator: Generator
    seconds: float
    rounds: int

    def compare(self, work: str, ours: list[Exchange], theirs: list[Exchange], statuses: tuple[int, int]) -> Line:
        """Puts both under the same load, in turn."""
        turns: list[tuple[Outcome, Outcome]] = []
        for _ in range(self.rounds):
            mine = self._turn(self.ours.port, self.ours.process.pid, ours, statuses[0])
            turns.append((mine, self._turn(self.theirs.port, self.theirs.pid, theirs, statuses[1])))
        mine_all, other_all = zip(*turns, strict=True)
        return Line(
            work=work,
            records=self.target.records,
            ours=median(outcome.rate for outcome in mine_all),
            theirs=median(outcome.rate for outcome in other_all),
            ratio=median(mine.rate / other.rate for mine, other in turns),
            ours_cpu=_cpu(mine_all),
            theirs_cpu=_cpu(other_all),
        )

    def _turn(self, port: int, pid: int, exchanges: list[Exchange], status: int) -> Outcome:
        return self.generator.outcome(
            Task(
                port=port,
                exchanges=exchanges,
                status=status,
                connections=CONNECTIONS,
                seconds=self.seconds,
                warm_seconds=0.1,
                server_pid=pid,
            )
        )

    def search(self, question: Question) -> Exchange:
        """The question as we are asked it."""
        location = self.target.database.location.id
        body = {"locationId": location, "page": 1, "pageLimit": PAGE, **question.ours}
        return Exchange(request(self.target, "POST", f"/objects/{OBJECT}/records/search", body), b'"total":')

    def total(self, question: Question) -> int:
        """How many records we find."""
        found: int = self._asked(self.search(question))["total"]
        return found

    def _asked(self, exchange: Exchange) -> Any:
        return msgspec.json.decode(asked(self.ours.port, exchange.request).body)

    def settle(self) -> None:
        """Asks all questions until our server builds no more indexes for them."""
        read = request(
            self.target, "GET", f"/objects/{OBJECT}?fetchProperties=true&locationId={self.target.database.location.id}"
        )
        states: Any = None
        until = time.monotonic() + _LONGEST_SECONDS
        while time.monotonic() < until:
            for name in QUESTIONS:
                for question in variants(name):
                    asked(self.ours.port, self.search(question).request)
            time.sleep(_STILL_SECONDS)
            fields = self._asked(Exchange(read))["fields"]
            before, states = states, [field["index"] for field in fields]
            if states == before and "building" not in states:
                return

    def lines(self) -> Iterator[Line]:
        """Everything there is to compare. Raises ValueError when the two do not find the same."""
        for name in QUESTIONS:
            questions = list(variants(name))
            for question in questions[:3]:
                totals = self.total(question), self.theirs.total(question)
                if totals[0] != totals[1]:
                    raise ValueError(f"{name}: we find {totals[0]}, they {totals[1]} of {question}")
            ours, theirs = [], []
            for word in ("one", "another"):
                change = self._change(word)
                ours += [*(self.search(each) for each in questions), change[0]]
                theirs += [*(self.theirs.search(each) for each in questions), change[1]]
            yield self.compare(name, ours, theirs, (200, 200))
        yield self._gets()
        yield self._updates()
        yield self._creates()

    def _change(self, word: str) -> tuple[Exchange, Exchange]:
        """A write of one record, for both: whatever was remembered of answers is of no use behind it."""
        note = {"note": word}
        return self._update(self.target.ids[-1], note), self.theirs.update(self.theirs.ids[-1], note)

    def _update(self, record_id: str, properties: dict[str, Any]) -> Exchange:
        path = f"{self._path(record_id)}?locationId={self.target.database.location.id}"
        return Exchange(request(self.target, "PUT", path, {"properties": properties}))

    def _path(self, record_id: str = "") -> str:
        return f"/objects/{OBJECT}/records" + (f"/{record_id}" if record_id else "")

    def _gets(self) -> Line:
        ours = [Exchange(request(self.target, "GET", self._path(each)), each.encode()) for each in self.target.ids]
        return self.compare(
            "get a record", ours, [self.theirs.get(each) for each in self.theirs.ids[:2000]], (200, 200)
        )

    def _updates(self) -> Line:
        fresh = [{key: each[key] for key in ("name", "seats", "joined_on")} for each in islice(Records(seed=2), 500)]
        ours = [self._update(each, properties) for each, properties in zip(cycle(self.target.ids), fresh, strict=False)]
        theirs = [
            self.theirs.update(each, properties)
            for each, properties in zip(cycle(self.theirs.ids), fresh, strict=False)
        ]
        return self.compare("update 3 of 12 properties", ours, theirs, (200, 200))

    def _creates(self) -> Line:
        location = self.target.database.location.id
        fresh = list(islice(Records(seed=1), 500))
        bodies = [{"locationId": location, "properties": properties} for properties in fresh]
        ours = [Exchange(request(self.target, "POST", self._path(), body)) for body in bodies]
        return self.compare("create", ours, [self.theirs.create(each) for each in fresh], (201, 200))


def _cpu(outcomes: Sequence[Outcome]) -> float:
    """Milliseconds of the server's processor for a request."""
    return 1e3 * median((outcome.server_seconds or 0) / outcome.replies for outcome in outcomes)


def measure(sizes: tuple[int, ...], *, rounds: int, seconds: float, say: Callable[[str], None]) -> list[Line]:
    """A line for each kind of work at each size."""
    lines: list[Line] = []
    pin(server_cpus())
    for size in sizes:
        with ExitStack() as stack:
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="groundlevel-peers-")))
            stack.enter_context(compiled_in(directory / "compiled"))
            say(f"{size:,} records: filling")
            target = asyncio.run(_filled(directory, size))
            theirs = stack.enter_context(running(directory / "peer", _free_port(), size))
            ours = stack.enter_context(started("groundlevel", *serve_arguments(target.database)))
            generator = Generator()
            stack.callback(generator.stop)
            both = Both(ours, target, theirs, generator, seconds, rounds)
            say(f"{size:,} records: waiting for indexes")
            both.settle()
            for line in both.lines():
                say(f"{size:,} records: {line.work} {line.ratio:.2f}")
                lines.append(line)
    return lines


async def _filled(directory: Path, size: int) -> Target:
    path = directory / "records.csv"
    write_csv(path, iter(Records()), size)
    database = await furnish("sqlite", f"sqlite:///{directory}/ours.db")
    await import_file(database, path, size)
    ids = await record_ids(database, min(size, 2_000))
    return Target(
        database=database, ids=ids, records=size, linked=Linked(association_id="", first="", second="", others=[])
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def as_markdown(lines: list[Line], *, machine: str, seconds: float) -> str:
    """The lines as a table: how many times as fast we are, by kind of work and number of records."""
    sizes = list(dict.fromkeys(line.records for line in lines))
    rows = []
    for work in dict.fromkeys(line.work for line in lines):
        found = {line.records: line for line in lines if line.work == work}
        last = found[sizes[-1]]
        cells = [f"{found[size].ratio:.2f}" for size in sizes]
        rows.append([work, *cells, f"{last.ours_cpu:.2f}", f"{last.theirs_cpu:.2f}"])
    heads = ["work", *(f"{size:,}" for size in sizes), "our CPU ms", "PocketBase CPU ms"]
    said = (
        f"{machine}; {CONNECTIONS} clients; {seconds:.0f} s. Our requests a second over those of PocketBase, medians "
        f"of neighbouring turns, by number of records; processor time for a request with {sizes[-1]:,}."
    )
    return f"{said}\n\n{table(heads, rows)}"


def main(arguments: list[str] | None = None) -> int:
    """Runs the comparison that the arguments ask for; returns the exit status."""
    parser = argparse.ArgumentParser("make bench-peers", description=__doc__)
    parser.add_argument("--size", type=int, action="append", help="records; may be given more than once")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.4, help="length of one turn")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--update-docs", action="store_true", help="put the table into docs/performance.md")
    given = parser.parse_args(arguments)
    if not BINARY.exists():
        print("PocketBase is not installed: make bench-peers installs it", file=sys.stderr)
        return 2
    began = time.monotonic()
    where = machine()

    def say(what: str) -> None:
        print(f"{time.monotonic() - began:5.0f} s  {what}", file=sys.stderr, flush=True)

    lines = measure(tuple(given.size or SIZES), rounds=given.rounds, seconds=given.seconds, say=say)
    text = as_markdown(lines, machine=where, seconds=time.monotonic() - began)
    print(msgspec.json.format(msgspec.json.encode(lines), indent=2).decode() if given.json else text)
    if given.update_docs:
        write_between(ROOT / "docs" / "performance.md", (BEGIN, END), text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
