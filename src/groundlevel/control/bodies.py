"""The bodies of requests to the control plane, and what it answers."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from groundlevel.control.fault_rules import MatchBody, ThenBody
from groundlevel.control.inbox import Message
from groundlevel.kernel.http.bodies import Body, Filled, Flag, Text
from groundlevel.kernel.model import Json
from groundlevel.kernel.settings import Limits, Profile
from groundlevel.requests.rules import RequestBody

MOST_SECONDS = 25
"""How long a request may wait, which has to be answered within the time limit of all requests."""
Seconds = Annotated[float, Meta(ge=0, le=MOST_SECONDS)] | None | UnsetType
Number = Annotated[int, Meta(ge=1, le=2_000)] | None | UnsetType


class ResetBody(Body, kw_only=True):
    """To where, and what is kept of what else a reset takes back."""

    to: Filled | None | UnsetType = UNSET
    """`seed` if left out, `empty`, or the name of a checkpoint."""
    keep: list[Literal["clock", "ids", "faults", "requests", "inbox", "profile"]] | None | UnsetType = UNSET


class ClockBody(Body, kw_only=True):
    """How the clock is moved."""

    now: int | str | None | UnsetType = UNSET
    """Epoch milliseconds, or ISO 8601."""
    advance: Text = UNSET
    """A duration such as `25h`."""
    frozen: Flag = UNSET
    speed: Annotated[float, Meta(gt=0, le=1_000_000)] | None | UnsetType = UNSET


class IdsBody(Body, kw_only=True):
    """From which number ids are made; null makes them random."""

    seed: Annotated[int, Meta(ge=0)] | None


class FaultBody(Body, kw_only=True):
    """A rule, or the name of a set of them."""

    match: MatchBody | None | UnsetType = UNSET
    then: ThenBody | None | UnsetType = UNSET
    use: Filled | None | UnsetType = UNSET


class ProfileBody(Body, kw_only=True):
    """How the server shows itself."""

    profile: Profile | None | UnsetType = UNSET
    limits: Limits | None | UnsetType = UNSET
    search_lag: Text = UNSET
    """How long a search does not find what was created; null finds it at once."""
    relation_lag: Text = UNSET
    """How long the relations of a record do not show one that was created; null shows it at once."""


class WorldBody(Body, kw_only=True):
    """What is in the new location: a seed or the text of its file, or else the server's own."""

    seed: dict[str, Json] | str | None | UnsetType = UNSET


class AppBody(Body, kw_only=True):
    """An app, and where it is installed: in a location, a company, or the first location if neither is named."""

    name: Text = UNSET
    scopes: list[str] | None | UnsetType = UNSET
    """The most that it may ask for, which it is given; all that there are if left out."""
    redirect_uris: list[str] | None | UnsetType = UNSET
    location_id: Text = UNSET
    company_id: Text = UNSET


class WantedBody(Body, kw_only=True):
    """Which requests."""

    operation: Text = UNSET
    method: Text = UNSET
    path: Text = UNSET
    status: Annotated[int, Meta(ge=0, le=599)] | None | UnsetType = UNSET
    refused: Flag = UNSET
    location_id: Text = UNSET


class RequestsWaitBody(Body, kw_only=True):
    """For which requests, for how many, and for how long."""

    match: WantedBody | None | UnsetType = UNSET
    count: Number = UNSET
    timeout: Seconds = UNSET


class InboxWaitBody(Body, kw_only=True):
    """For which event, for how many messages, and for how long."""

    event: Text = UNSET
    count: Number = UNSET
    timeout: Seconds = UNSET


class SettleBody(Body, kw_only=True):
    """For how many seconds."""

    timeout: Seconds = UNSET


class ResetReply(Struct, rename="camel"):
    """How many milliseconds it took."""

    took_ms: float


class ClockReply(Struct, rename="camel"):
    """How the clock stands."""

    now: str
    frozen: bool
    speed: float


class FaultReply(Struct, rename="camel"):
    """A rule, as it was sent."""

    id: str
    rule: dict[str, Json]
    scenario: str
    """The set that it belongs to; empty for none."""
    seen: int
    """How much has matched it."""
    applied: int
    """To how much of that it was applied."""


class FaultsReply(Struct, rename="camel"):
    """Rules, in the order in which they are tried."""

    faults: list[FaultReply]


class ScenarioReply(Struct, rename="camel"):
    """A named set of rules."""

    name: str
    about: str
    rules: list[Json]


class ScenariosReply(Struct, rename="camel"):
    """The named sets of rules."""

    scenarios: list[ScenarioReply]


class CheckpointsReply(Struct, rename="camel"):
    """The names of the checkpoints, oldest first."""

    checkpoints: list[str]


class CheckpointChangesReply(Struct, rename="camel"):
    """Changes as `GET /x/changes` shows them, with the location of each."""

    changes: list[dict[str, Json]]


class LoggedRequestsReply(Struct, rename="camel"):
    """Requests, the newest first."""

    requests: list[RequestBody]
    latest: int
    """The number of the last request: the next `after`."""
    complete: bool = True
    """Whether as many came as were waited for."""


class MessagesReply(Struct, rename="camel"):
    """Messages, the oldest first."""

    messages: list[Message]
    complete: bool = True
    """Whether as many came as were waited for."""


class SettledReply(Struct, rename="camel"):
    """Whether nothing is left to happen, and else what is."""

    settled: bool
    took_ms: float
    left: dict[str, int]


class IdsReply(Struct, rename="camel"):
    """From which number ids are made; null while they are random."""

    seed: int | None


class ProfileReply(Struct, rename="camel"):
    """How the server shows itself."""

    profile: str
    limits: str


class WebhookKeys(Struct, rename="camel"):
    """The public keys of the two signatures of webhooks, in one line, as `groundlevel env` prints them."""

    ed25519: str
    rsa: str


class OverviewReply(Struct, rename="camel"):
    """The server, and how it is steered at this moment."""

    version: str
    engine: str
    disposable: bool
    profile: str
    limits: str
    clock: ClockReply
    ids: IdsReply
    faults: int
    checkpoints: list[str]
    inboxes: list[str]
    requests: int
    """How many were answered since the server started."""
    webhook_keys: WebhookKeys


class AppReply(Struct, rename="camel", kw_only=True):
    """An app that is installed, and what it has got for that."""

    client_id: str
    client_secret: str
    company_id: str
    location_id: str | None
    """Null where it is installed in a whole company."""
    access_token: str
    refresh_token: str
    expires_in: int
    """Seconds."""
    code: str
    """An authorization code that nobody has exchanged yet."""


class DoneReply(Struct, rename="camel"):
    """It is done."""

    done: bool = True


class SeededReply(Struct, rename="camel"):
    """A token for each location that was made."""

    worlds: list[dict[str, str]]
