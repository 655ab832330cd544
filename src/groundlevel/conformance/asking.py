"""Asks a server all probes, at a pace that it bears, and takes back what they have made."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import msgspec
from msgspec import Struct

from groundlevel.conformance.answers import Answer, Reply, answer_of
from groundlevel.conformance.errors import ConformanceError
from groundlevel.conformance.matching import NOTHING, Variables, filled, value_at
from groundlevel.conformance.probe import Probe
from groundlevel.kernel.model import Json

if TYPE_CHECKING:
    import aiohttp

LOOPBACK = ("127.0.0.1", "localhost", "::1")

_UNKNOWN_TOKEN = "pit-00000000-0000-0000-0000-000000000000"
_PAUSE_SECONDS = 0.4
"""Between two requests to another machine: a quarter of what the platform lets a location ask."""
_TIMEOUT_SECONDS = 30
_LONGEST_WAIT_SECONDS = 60
_MOST_TRIES = 4
_TOO_MANY = 429


class Target(Struct, frozen=True):
    """A server, and a location of it in which the probes are asked."""

    url: str
    token: str
    location: str
    object: str | None = None
    """The key of the object whose records are read; else the first custom one is taken."""
    ca: str | None = None
    """A file of certificates to trust in place of the usual ones."""


class Run(Struct, frozen=True):
    """What came of asking."""

    answers: list[Answer]
    left_behind: list[str]
    """What has been made and could not be taken back: the requests that would, with what they were answered."""


async def ask_all(target: Target, probes: Iterable[Probe], *, write: bool) -> Run:
    """Asks the probes in their order, those that write only where `write` says so. Raises ConformanceError."""
    async with _connected(target) as session:
        return await _Asking(target, session, write=write).run([*probes])


@asynccontextmanager
async def _connected(target: Target) -> AsyncIterator[aiohttp.ClientSession]:
    import ssl

    import aiohttp

    trust = ssl.create_default_context(cafile=target.ca)
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=trust),
        timeout=aiohttp.ClientTimeout(total=_TIMEOUT_SECONDS),
        trust_env=urlsplit(target.url).hostname not in LOOPBACK,
    ) as session:
        yield session


def _without_query(path: str) -> str:
    return path.partition("?")[0]


class _Asking:
    """One run: what is known so far, and what has to be taken back."""

    def __init__(self, target: Target, session: aiohttp.ClientSession, *, write: bool) -> None:
        self._target = target
        self._session = session
        self._write = write
        self._pause = 0.0 if urlsplit(target.url).hostname in LOOPBACK else _PAUSE_SECONDS
        self._variables: Variables = {"location": target.location, "random": secrets.token_hex(4)}
        if target.object is not None:
            self._variables["object"] = target.object
        self._made: list[tuple[str, str]] = []

    async def run(self, probes: Sequence[Probe]) -> Run:
        answers: list[Answer] = []
        left: list[str] = []
        try:
            for probe in probes:
                if probe.last:
                    left += await self._take_back(but=(probe.method, self._path(probe.path)))
                answers.append(await self._answer(probe))
        except ConformanceError as problem:
            left += await self._take_back()
            if left:
                raise ConformanceError(f"{problem}; left behind: {', '.join(left)}", problem.advice) from problem
            raise
        except asyncio.CancelledError:
            await self._take_back()
            raise
        return Run(answers, left + await self._take_back())

    async def _answer(self, probe: Probe) -> Answer:
        if probe.writes and not self._write:
            return Answer(probe.name, unasked="it writes")
        if missing := [name for name in probe.variables() if name not in self._variables]:
            return Answer(probe.name, unasked=f"there is no {missing[0].replace('_', ' ')} to ask about")
        path = self._path(probe.path)
        body = None if probe.body is None else filled(probe.body, self._variables)
        reply = await self._send(probe.method, path, body=body, headers=self._headers(probe))
        if reply.status < 400:
            self._note(probe, reply, path)
        return answer_of(probe, reply, self._variables)

    def _note(self, probe: Probe, reply: Reply, path: str) -> None:
        """Keeps what later probes need, and what has to be taken back."""
        for name, source in probe.keep.items():
            found = value_at(reply.value, str(filled(source, self._variables)))
            # What was chosen before stays: the key of an object, say.
            if isinstance(found, str):
                self._variables.setdefault(name, found)
        if probe.undo is not None:
            method, undone_by = probe.undo
            self._made.append((method, self._path(undone_by)))
        if probe.method == "DELETE":
            self._made = [each for each in self._made if _without_query(each[1]) != _without_query(path)]

    async def _take_back(self, *, but: tuple[str, str] | None = None) -> list[str]:
        """Takes back what was made, the newest first, and returns what could not be."""
        left = []
        for request in reversed([each for each in self._made if each != but]):
            self._made.remove(request)
            try:
                reply = await self._send(*request, body=None, headers=self._headers(None))
            except ConformanceError as problem:
                left.append(f"{' '.join(request)}: {problem}")
                continue
            if reply.status >= 400:
                left.append(f"{' '.join(request)}: answered {reply.status}")
        return left

    def _path(self, path: str) -> str:
        known = {name: quote(str(value), safe="") for name, value in self._variables.items()}
        return str(filled(path, {**known}))

    def _headers(self, probe: Probe | None) -> dict[str, str]:
        shown = probe or Probe("", "", "")
        headers = {"Accept": "application/json", "User-Agent": "groundlevel-conformance"}
        if shown.version is not None:
            headers["Version"] = shown.version
        if shown.token != "none":
            token = self._target.token if shown.token == "own" else _UNKNOWN_TOKEN
            headers["Authorization"] = f"Bearer {token}"
        return headers

    async def _send(self, method: str, path: str, *, body: Json, headers: dict[str, str]) -> Reply:
        """One reply. Where it is that too much was asked, the request is sent again later. Raises ConformanceError."""
        for left in reversed(range(_MOST_TRIES)):
            await asyncio.sleep(self._pause)
            reply, wait = await self._try(method, path, body=body, headers=headers)
            if reply.status != _TOO_MANY or not left:
                return reply
            await asyncio.sleep(wait)
        raise AssertionError("the last try has returned")

    async def _try(self, method: str, path: str, *, body: Json, headers: dict[str, str]) -> tuple[Reply, float]:
        from aiohttp import ClientError
        from yarl import URL

        data: Any = None
        if body is not None:
            data, headers = msgspec.json.encode(body), {**headers, "Content-Type": "application/json"}
        url = URL(self._target.url.rstrip("/") + path, encoded=True)
        try:
            async with self._session.request(method, url, data=data, headers=headers, allow_redirects=False) as reply:
                content = await reply.read()
                wait = reply.headers.get("Retry-After", "")
        except (ClientError, TimeoutError, OSError) as problem:
            said = str(problem) or type(problem).__name__
            raise ConformanceError(
                f"{self._target.url} cannot be asked: {said}", "Check --target; it is the base URL of the API."
            ) from problem
        try:
            value = msgspec.json.decode(content)
        except (msgspec.DecodeError, UnicodeError):
            value = NOTHING
        seconds = float(wait) if wait.isdigit() else 10.0
        return Reply(reply.status, value), min(seconds, _LONGEST_WAIT_SECONDS)
