"""Rules by which faults happen: what they match, what they do, and how they are read from a body."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from groundlevel.control.durations import Delay, read_delay, read_duration, read_rate
from groundlevel.control.errors import FaultInvalid
from groundlevel.kernel.absence import or_else, or_none
from groundlevel.kernel.http.bodies import Body, Flag, Text
from groundlevel.kernel.model import Json

MOST_RULES = 1_000
Count = Annotated[int, Meta(ge=1, le=1_000_000)] | None | UnsetType
Status = Annotated[int, Meta(ge=400, le=599)] | None | UnsetType


class MatchBody(Body, kw_only=True):
    """What a rule is about: requests, or webhooks where it names an event. What is left out may be anything."""

    operation: Text = UNSET
    """An operationId of the reference."""
    method: Text = UNSET
    path: Text = UNSET
    """A path in which `*` is any part and a last `**` any rest."""
    headers: dict[str, str] | None | UnsetType = UNSET
    token: Text = UNSET
    """A bearer token: requests that carry it. Lists show it as dots."""
    location_id: Text = UNSET
    """The location in the path or the query, or that of the token; of a webhook that of its body."""
    event: Text = UNSET
    """The type of an event, or `*`: the rule is about its webhooks."""
    nth: Count = UNSET
    """Only so many-th of what matches."""
    times: Count = UNSET
    """At most so often; without end if left out."""
    probability: Annotated[float, Meta(ge=0, le=1)] | None | UnsetType = UNSET


class ThenBody(Body, kw_only=True):
    """What a rule does. Of an answer the status, of what becomes of it any of the others."""

    status: Status = UNSET
    """Answered in place of what the operation says, with the platform's body for it."""
    body: Json | UnsetType = UNSET
    """Another body for `status`."""
    headers: dict[str, str] | None | UnsetType = UNSET
    retry_after: Annotated[int, Meta(ge=0, le=86_400)] | None | UnsetType = UNSET
    """Seconds, sent as Retry-After with `status`."""
    performed: Flag = UNSET
    """Whether the operation is performed although `status` says otherwise."""
    delay: Text = UNSET
    """`300ms`, or with jitter `300ms±100ms`."""
    drop: Text = UNSET
    """`before` or `after-commit`: the connection ends without an answer. Of a webhook any text: it never arrives."""
    reset: Flag = UNSET
    """The connection is reset in place of an answer."""
    truncate: Annotated[int, Meta(ge=0)] | None | UnsetType = UNSET
    """The connection ends after so many bytes of the body."""
    malformed: Flag = UNSET
    """The body is no JSON."""
    trickle: Text = UNSET
    """The body comes no faster than `1KB/s`."""
    search_lag: Text = UNSET
    """A search, or a list of relations, does not hold what was created within that time."""
    duplicate: Annotated[int, Meta(ge=2, le=100)] | None | UnsetType = UNSET
    """A webhook arrives so often."""
    reorder: Annotated[int, Meta(ge=2, le=1_000)] | None | UnsetType = UNSET
    """So many webhooks arrive in reverse order."""
    bad_signature: Flag = UNSET
    """A webhook arrives with signatures that are wrong."""


class Match(Struct, frozen=True, kw_only=True):
    """What a rule is about; None is anything."""

    operation: str | None = None
    method: str | None = None
    path: re.Pattern[str] | None = None
    headers: Mapping[bytes, bytes]
    token: str | None = None
    location_id: str | None = None
    event: str | None = None
    nth: int | None = None
    times: int | None = None
    probability: float = 1.0


class Then(Struct, frozen=True, kw_only=True):
    """What a rule does."""

    status: int | None = None
    body: Json | UnsetType = UNSET
    headers: tuple[tuple[bytes, bytes], ...] = ()
    performed: bool = False
    delay: Delay | None = None
    drop: str | None = None
    reset: bool = False
    truncate: int | None = None
    malformed: bool = False
    trickle: float | None = None
    """Bytes a second."""
    search_lag: int | None = None
    """Milliseconds."""
    duplicate: int = 1
    reorder: int | None = None
    bad_signature: bool = False


class Rule(Struct, kw_only=True):
    """One rule, and how often it has been looked at and applied."""

    id: str
    match: Match
    then: Then
    shown: Mapping[str, Json]
    """As it was sent, its secrets as dots."""
    scenario: str = ""
    """The named set that it belongs to."""
    seen: int = 0
    """How much it has matched."""
    applied: int = 0

    @property
    def is_over(self) -> bool:
        """Whether it will apply to nothing any more."""
        match = self.match
        spent = match.times is not None and self.applied >= match.times
        return spent or (match.nth is not None and self.seen >= match.nth)

    def takes(self, chance: random.Random) -> bool:
        """Counts something that matches; whether the rule applies to it."""
        if self.is_over:
            return False
        self.seen += 1
        if self.match.nth is not None and self.seen != self.match.nth:
            return False
        if self.match.probability < 1 and chance.random() >= self.match.probability:
            return False
        self.applied += 1
        return True


_REQUESTS_ONLY = ("status", "reset", "truncate", "malformed", "trickle", "search_lag")
_WEBHOOKS_ONLY = ("duplicate", "reorder", "bad_signature")


def read_match(body: MatchBody) -> Match:
    """What a body matches. Raises FaultInvalid."""
    match = Match(
        operation=or_none(body.operation),
        method=(or_none(body.method) or "").upper() or None,
        path=None if or_none(body.path) is None else path_pattern(or_else(body.path, "")),
        headers={name.lower().encode(): value.encode() for name, value in or_else(body.headers, {}).items()},
        token=or_none(body.token),
        location_id=or_none(body.location_id),
        event=or_none(body.event),
        nth=or_none(body.nth),
        times=or_none(body.times),
        probability=or_else(body.probability, 1.0),
    )
    if match.event is not None and any((match.operation, match.method, match.path, match.headers, match.token)):
        raise FaultInvalid("A rule is about requests or about the webhooks of an event, not both")
    return match


def read_then(body: ThenBody, *, of_webhooks: bool) -> Then:
    """What a body does. Raises FaultInvalid, InvalidShape."""
    impossible = _REQUESTS_ONLY if of_webhooks else _WEBHOOKS_ONLY
    if wrong := [name for name in impossible if or_none(getattr(body, name)) not in (None, False)]:
        kind = "webhooks" if of_webhooks else "requests"
        raise FaultInvalid(f"This cannot be done to {kind}: {', '.join(wrong)}")
    drop = or_none(body.drop)
    if drop is not None and not of_webhooks and drop not in ("before", "after-commit"):
        raise FaultInvalid("drop is before or after-commit")
    sent = dict(or_else(body.headers, {}))
    if (seconds := or_none(body.retry_after)) is not None:
        sent["retry-after"] = str(seconds)
    lag, trickle, delay = or_none(body.search_lag), or_none(body.trickle), or_none(body.delay)
    then = Then(
        status=or_none(body.status),
        body=body.body,
        headers=tuple((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in sent.items()),
        performed=or_else(body.performed, False),
        delay=None if delay is None else read_delay(delay, "then.delay"),
        drop=drop,
        reset=or_else(body.reset, False),
        truncate=or_none(body.truncate),
        malformed=or_else(body.malformed, False),
        trickle=None if trickle is None else read_rate(trickle, "then.trickle"),
        search_lag=None if lag is None else read_duration(lag, "then.searchLag"),
        duplicate=or_else(body.duplicate, 1),
        reorder=or_none(body.reorder),
        bad_signature=or_else(body.bad_signature, False),
    )
    if then == Then(body=then.body, headers=then.headers, performed=then.performed):
        raise FaultInvalid("The rule does nothing: `then` names no fault")
    return then


def path_pattern(glob: str) -> re.Pattern[str]:
    """A path in which `*` is any part of it and a last `**` any rest, with or without a slash at the end."""
    whole = {"*": "[^/]+", "**": ".*"}
    parts = (whole.get(part, re.escape(part).replace(r"\*", "[^/]*")) for part in glob.rstrip("/").split("/"))
    return re.compile("/".join(parts) + "/?")
