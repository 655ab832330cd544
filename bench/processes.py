"""Starts, pins, stops and watches the processes that are measured."""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parent.parent
_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")
_STOP_SECONDS = 15


def _allowed() -> set[int]:
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()


_MACHINE = _allowed()


def server_cpus() -> set[int]:
    """The processors that servers run on: all but the last, which is the load generator's."""
    cpus = sorted(_allowed())
    return set(cpus[:-1] or cpus)


def client_cpus() -> set[int]:
    """The processor of the load generator; shared with the servers on a machine that has only one."""
    return {max(_allowed())} if _allowed() else set()


def pin(cpus: set[int], pid: int = 0) -> None:
    """Keeps a process on some processors, where the system can."""
    if cpus and hasattr(os, "sched_setaffinity"):
        # One of many may have ended meanwhile.
        with suppress(ProcessLookupError):
            os.sched_setaffinity(pid, cpus)


@contextmanager
def unpinned() -> Iterator[int]:
    """Lets this process, and all that it has started, run on every processor for the length of the block: how many."""
    before, everyone = _allowed(), _family(os.getpid())
    for pid in everyone:
        pin(_MACHINE, pid)
    try:
        yield max(1, len(_MACHINE))
    finally:
        for pid in _family(os.getpid()):
            pin(before, pid)


def environment() -> dict[str, str]:
    """The environment of our processes: this source, and no setting of the person who measures."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GROUNDLEVEL_", "PYTHON"))}
    kept |= {"PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}
    return kept | ({"PYTHONPYCACHEPREFIX": str(_compiled)} if _compiled else {"PYTHONDONTWRITEBYTECODE": "1"})


_compiled: Path | None = None


@contextmanager
def compiled_in(directory: Path) -> Iterator[None]:
    """Has our processes keep compiled modules in a directory, as an installed program keeps them beside its source."""
    global _compiled  # noqa: PLW0603 - every process of a run is meant
    _compiled = directory
    try:
        yield
    finally:
        _compiled = None


class Process:
    """One process of ours: a Python module with arguments."""

    def __init__(self, module: str, *args: str, cpus: set[int] | None = None) -> None:
        self._process: subprocess.Popen[bytes] = subprocess.Popen(
            [sys.executable, "-m", module, *args],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=environment(),
        )
        self.pid = self._process.pid
        # Before it has started any thread, all of which inherit this.
        pin(cpus or set(), self.pid)

    @property
    def stdin(self) -> IO[bytes]:
        """What it reads."""
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def stdout(self) -> IO[bytes]:
        """What it says."""
        assert self._process.stdout is not None
        return self._process.stdout

    def announced(self) -> dict[str, Any]:
        """The line of JSON with which a server says that it is ready. Raises RuntimeError when it ends instead."""
        line = self.stdout.readline()
        if not line:
            raise RuntimeError(f"a process ended before it was ready, with status {self._process.wait()}")
        said: dict[str, Any] = json.loads(line)
        return said

    @contextmanager
    def running(self) -> Iterator[None]:
        """Lets a paused process run for as long as the block does."""
        os.kill(self.pid, signal.SIGCONT)
        try:
            yield
        finally:
            self.pause()

    def pause(self) -> None:
        """Stops it where it is, so that it takes nothing from whoever is measured."""
        os.kill(self.pid, signal.SIGSTOP)

    def stop(self) -> None:
        """Ends it and waits until it is gone."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.send_signal(signal.SIGCONT)
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self.stdin.close()
        self.stdout.close()


def cpu_seconds(pid: int, *, family: bool = False) -> float | None:
    """Processor seconds of a process, with its children's if `family`; None where the system does not tell."""
    if not pid or not (_PROC / str(pid) / "stat").exists():
        return None
    if not family:
        return _cpu(pid, slice(11, 13))
    children = _children(pid)
    # What children that have ended used stands with their parent.
    return _cpu(pid, slice(11, 15)) + sum(_cpu(child, slice(11, 13)) for child in children)


def _children(pid: int) -> list[int]:
    return [int(path.name) for path in _PROC.iterdir() if path.name.isdigit() and parent_of(int(path.name)) == pid]


def _family(pid: int) -> list[int]:
    """A process, its children, theirs, and so on, as far as the system tells."""
    children = _children(pid) if _PROC.exists() else []
    return [pid, *(each for child in children for each in _family(child))]


def _cpu(pid: int, columns: slice) -> float:
    return sum(int(ticks) for ticks in _stat(pid)[columns]) / _TICKS


def parent_of(pid: int) -> int | None:
    """The process that started another one; None where the system does not tell."""
    stat = _stat(pid)
    return int(stat[1]) if stat else None


def _stat(pid: int) -> list[str]:
    """The columns of a process's status that follow its name; none when it has ended."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def resident_bytes(pid: int) -> int | None:
    """The memory a process holds; None where the system does not tell."""
    try:
        status = (_PROC / str(pid) / "status").read_text()
    except OSError:
        return None
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024


def machine() -> str:
    """What is measured on, and who has which processor."""
    servers, client = server_cpus(), client_cpus()
    pinned = f"servers on {_cpus(servers)}, load generator on {_cpus(client)}" if servers else "nothing pinned"
    return f"Python {platform.python_version()} on {platform.system()} {platform.machine()}; {pinned}"


def _cpus(cpus: set[int]) -> str:
    return f"processor{'s' if len(cpus) > 1 else ''} {', '.join(str(cpu) for cpu in sorted(cpus))}"
