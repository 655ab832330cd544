"""The server as tests steer it: its images, clock, faults and inboxes, and how all of them go back to the start."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from functools import partial

import msgspec
from msgspec import Struct

from groundlevel.access.rules import NewToken, create_token, list_locations
from groundlevel.control.changes import Moment, read_cursors
from groundlevel.control.clock import MovableClock
from groundlevel.control.deliveries import FaultyTransport
from groundlevel.control.durations import read_duration
from groundlevel.control.errors import CheckpointElsewhere, CheckpointNotFound, CheckpointReserved, NotDisposable
from groundlevel.control.fault_rules import MatchBody, ThenBody
from groundlevel.control.faults import Faults, RuleBody
from groundlevel.control.inbox import Inboxes
from groundlevel.kernel.errors import BadRequest
from groundlevel.kernel.http.server import Application
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.seed.rules import DEMO, Seed, SeedError, load_seed, read_seed, seed_copy, seed_database
from groundlevel.webhooks.egress import EgressPolicy
from groundlevel.webhooks.transport import Transport

_LAGS = {
    "searchLag": MatchBody(path="/**/search"),
    "relationLag": MatchBody(method="GET", path="/associations/relations/*"),
}
"""What can show later than it was created, by what says so: these requests."""
SEED, EMPTY = "seed", "empty"
RESERVED = (SEED, EMPTY)
"""The images that are taken when the server starts."""


class World(Struct, frozen=True, rename="camel"):
    """A location of its own, and a token for it."""

    location_id: str
    token: str


class Double:
    """One server under the control of tests. It is usable once `steer` and `begin` were called."""

    def __init__(self, storage: Storage, settings: Settings) -> None:
        self.storage = storage
        self.clock = MovableClock()
        storage.ids.clock = self.clock
        self.faults = Faults(self._apply_faults)
        self.inboxes = Inboxes(storage)
        self.ids_seed: int | None = None
        """From which ids are made; None while they are random."""
        self.settings = settings
        """Those in force, of which tests may change the profile and the limits."""
        self.disposable = False
        self.keepers: list[Callable[[], Awaitable[Callable[[], Awaitable[None]]]]] = []
        """What outlives a reset: each notes something before it, and returns what stores that again."""
        self._first_settings = settings
        self._worlds = 0
        self._taken: dict[str, Moment] = {}
        """Where in the log of changes each image was taken."""
        self._moments = 0
        self._past: frozenset[int] = frozenset()
        """The numbers of the moments from which what is stored now has come."""
        self._application: Application
        self._show: Callable[[Settings], None]

    def steer(self, application: Application, show: Callable[[Settings], None]) -> None:
        """Takes the application that is steered; `show` makes it serve with other settings."""
        self._application, self._show = application, show

    async def begin(self) -> None:
        """Takes the image that a reset goes back to, where everything may be replaced."""
        images = self.storage.images()
        self.disposable = await images.is_disposable()
        if self.disposable:
            await self._take(SEED)

    def make_transport(self, networks: EgressPolicy) -> Transport:
        """What sends webhooks."""
        return FaultyTransport(networks, self.faults, self.storage)

    def _apply_faults(self) -> None:
        self._application.find_fault = self.faults.find if self.faults.concern_requests else None

    # --- what is stored

    async def reset(self, to: str, keep: Collection[str] = ()) -> float:
        """Makes everything as it was, and returns how many milliseconds that took.

        Raises NotDisposable, CheckpointNotFound.
        """
        began = time.perf_counter()
        async with self.keeping():
            await self._put_back(to)
            self._restart(keep)
        return (time.perf_counter() - began) * 1_000

    def _restart(self, keep: Collection[str]) -> None:
        """Takes back everything that is not stored, save what is to be kept."""
        if "requests" not in keep and self._application.requests is not None:
            self._application.requests.clear()
        if "inbox" not in keep:
            self.inboxes.clear()
        if "clock" not in keep:
            self.clock.restart()
        if "ids" not in keep:
            self.ids_seed = None
        self.storage.ids.restart(self.ids_seed)
        if "faults" not in keep:
            self.faults.restart(self.ids_seed)
        settings = self.settings if "profile" in keep else self._first_settings
        # What was counted against the limits is forgotten with the rest.
        if settings != self.settings or settings.limits == "live":
            self.show(settings)

    async def restore(self, name: str) -> None:
        """Makes what is stored as it was. Raises NotDisposable, CheckpointNotFound."""
        async with self.keeping():
            await self._put_back(name)

    @asynccontextmanager
    async def keeping(self) -> AsyncIterator[None]:
        """Stores again after the block what the keepers have noted before it."""
        noted = [await keep() for keep in self.keepers]
        yield
        for store in noted:
            await store()

    async def _put_back(self, name: str) -> None:
        self._require_disposable()
        images = self.storage.images()
        if name not in images.names:
            raise CheckpointNotFound(f"There is no checkpoint {name[:100]}")
        await images.put_back(name)
        self._past = self._taken[name].past if name in self._taken else frozenset()
        self.storage.ids.restart(self.ids_seed)

    def checkpoints(self) -> list[str]:
        """The names of all images, oldest first."""
        return self.storage.images().names

    async def save(self, name: str) -> None:
        """Takes a checkpoint. Raises NotDisposable, CheckpointReserved."""
        self._require_disposable()
        if name in RESERVED:
            raise CheckpointReserved
        await self._take(name)

    async def _take(self, name: str) -> None:
        cursors: dict[int, int] = {}
        await self.storage.images().take(name, partial(read_cursors, cursors))
        self._moments += 1
        self._past |= {self._moments}
        self._taken[name] = Moment(self._moments, cursors, self._past)

    def moment(self, name: str) -> Moment:
        """Where in the log of changes a checkpoint was taken. Raises CheckpointNotFound, CheckpointElsewhere."""
        if name not in self.checkpoints() or name not in self._taken:
            raise CheckpointNotFound(f"There is no checkpoint {name[:100]} with changes since")
        if self._taken[name].number not in self._past:
            raise CheckpointElsewhere
        return self._taken[name]

    async def delete(self, name: str) -> None:
        """Lets go of a checkpoint. Raises CheckpointReserved, CheckpointNotFound."""
        if name in RESERVED:
            raise CheckpointReserved
        if name not in self.checkpoints():
            raise CheckpointNotFound(f"There is no checkpoint {name[:100]}")
        await self.storage.images().drop(name)
        del self._taken[name]

    def _require_disposable(self) -> None:
        if not self.disposable:
            raise NotDisposable

    # --- clock, ids and face

    def move_clock(self, *, now: int | None, advance: int | None, frozen: bool | None, speed: float | None) -> None:
        """Stops or moves the clock, and wakes what may have come due."""
        if frozen is not None:  # first, so that a clock that is set and stopped shows that very time
            self.clock.freeze(frozen)
        if now is not None:
            self.clock.set(now)
        if advance is not None:
            self.clock.advance(advance)
        if speed is not None:
            self.clock.run_at(speed)
        self.storage.work_available.set()
        self.storage.long_work.set()

    def seed_ids(self, seed: int | None) -> None:
        """Makes ids, and what chance decides, repeat themselves from here; with None they are random again."""
        self.ids_seed = seed
        self.storage.ids.restart(seed)
        self.faults.reseed(seed)

    def show(self, settings: Settings) -> None:
        """Serves with another profile or other limits from the next request on."""
        self.settings = settings
        self._show(settings)

    def lag(self, name: str, lag: str | None) -> None:
        """Makes searches, or lists of relations, show what was created only after a while; None at once.

        Raises InvalidShape.
        """
        if lag is not None:
            read_duration(lag, name)
        self.faults.remove_scenario(name)
        if lag is not None:
            self.faults.add(RuleBody(match=_LAGS[name], then=ThenBody(search_lag=lag)), scenario=name)

    # --- more to work with

    async def make_world(self, seed: bytes | None) -> World:
        """A new location with what a seed describes; with None what the server's own does. Raises BadRequest."""
        self._worlds += 1
        described = load_seed(self.settings.seed or DEMO) if seed is None else _read(seed)
        locations = await list_locations(self.storage)
        company_id = locations[0].company_id if locations else None
        name = f"{described.locations[0].name} {self._worlds}"
        try:
            location = await seed_copy(self.storage, described, name, company_id=company_id)
        except SeedError as problem:
            raise BadRequest(str(problem)) from problem
        secret, _ = await create_token(self.storage, NewToken(name, location.id))
        return World(location.id, secret)

    async def add_seed(self, seed: bytes) -> Sequence[World]:
        """Adds what a seed describes; a token for each location that was made. Raises BadRequest."""
        try:
            seeded = await seed_database(self.storage, _read(seed))
        except SeedError as problem:
            raise BadRequest(str(problem)) from problem
        made = [part.location for part in seeded if part.created]
        tokens = [(await create_token(self.storage, NewToken(each.name, each.id)))[0] for each in made]
        return [World(each.id, token) for each, token in zip(made, tokens, strict=True)]


def _read(seed: bytes) -> Seed:
    try:
        return read_seed(seed, "the body")
    except SeedError as problem:
        hint = "docs/how-to/ci.md shows a seed file." if problem.advice == SeedError.advice else problem.advice
        raise BadRequest(str(problem), hint=hint) from problem


def changed_settings(settings: Settings, **values: object) -> Settings:
    """Settings with those values that are not None."""
    return msgspec.structs.replace(settings, **{name: value for name, value in values.items() if value is not None})
