"""The rules in force, and what they do to requests and webhooks."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable
from importlib import resources
from urllib.parse import parse_qs

import msgspec

from groundlevel.control.errors import FaultInvalid, FaultNotFound
from groundlevel.control.fault_replies import reply_of
from groundlevel.control.fault_rules import MOST_RULES, MatchBody, Rule, ThenBody, read_match, read_then
from groundlevel.control.fault_sending import change_of
from groundlevel.kernel.errors import Refusal
from groundlevel.kernel.http.bodies import Body
from groundlevel.kernel.http.faults import Fault
from groundlevel.kernel.http.guard import read_token
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import JSON, Page, Placement
from groundlevel.kernel.model import Json
from groundlevel.requests.rules import MASK

NO_ANSWER = 0
"""The status in the log of a request that was not answered."""
_SECRET_HEADERS = ("authorization", "cookie")


class RuleBody(Body, kw_only=True):
    """A rule."""

    match: MatchBody
    then: ThenBody


class Scenario(Body, kw_only=True):
    """A named set of rules."""

    about: str
    rules: list[RuleBody]


class Faults:
    """The rules in force. `changed` is called when there may be others than before for requests."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self.rules: list[Rule] = []
        self._changed = changed
        self._count = 0
        self._chance = random.Random(0)

    @property
    def concern_requests(self) -> bool:
        """Whether a request may meet a rule."""
        return any(rule.match.event is None and not rule.is_over for rule in self.rules)

    def restart(self, seed: int | None = None) -> None:
        """Drops every rule, and makes chance repeat itself from here."""
        self.reseed(seed)
        self.clear()

    def reseed(self, seed: int | None = None) -> None:
        """Makes chance repeat itself from here."""
        self._chance.seed(seed or 0)

    def add(self, body: RuleBody, *, scenario: str = "") -> Rule:
        """Puts a rule behind the others. Raises FaultInvalid, InvalidShape."""
        if len(self.rules) >= MOST_RULES:
            raise FaultInvalid(f"There are {MOST_RULES} rules already")
        match = read_match(body.match)
        then = read_then(body.then, of_webhooks=match.event is not None)
        self._count += 1
        rule = Rule(id=f"fault-{self._count}", match=match, then=then, shown=_show(body), scenario=scenario)
        self.rules.append(rule)
        self._changed()
        return rule

    def use(self, name: str) -> list[Rule]:
        """Adds the rules of a named set. Raises FaultNotFound."""
        return [self.add(body, scenario=name) for body in load_scenario(name).rules]

    def remove(self, rule_id: str) -> None:
        """Removes one rule. Raises FaultNotFound."""
        kept = [rule for rule in self.rules if rule.id != rule_id]
        if len(kept) == len(self.rules):
            raise FaultNotFound
        self.rules[:] = kept
        self._changed()

    def remove_scenario(self, name: str) -> None:
        """Removes the rules of a named set."""
        self.rules[:] = [rule for rule in self.rules if rule.scenario != name]
        self._changed()

    def clear(self) -> None:
        """Removes every rule."""
        self.rules.clear()
        self._changed()

    async def find(self, request: Request) -> Fault | None:
        """What is done to a request, after the delay of its rule."""
        rule = await self._find_rule(request)
        if rule is None:
            return None
        if rule.is_over:
            self._changed()
        then, now = rule.then, request.context.storage.ids.now()
        if then.delay is not None:
            await asyncio.sleep(then.delay.seconds(self._chance))
        change = change_of(then, now, self._chance)
        if then.drop == "before" or (then.status is not None and not then.performed):
            await _read_through(request)
        if then.status is not None:
            return Fault(rule.id, reply_of(rule, request), performed=then.performed, change=change)
        if then.drop == "before":
            return Fault(rule.id, Page(JSON, b"", NO_ANSWER), change=change)
        return Fault(rule.id, change=change)

    async def _find_rule(self, request: Request) -> Rule | None:
        for rule in tuple(self.rules):
            if rule.match.event is None and await self._matches(rule, request) and rule.takes(self._chance):
                return rule
        return None

    async def _matches(self, rule: Rule, request: Request) -> bool:
        match, scope = rule.match, request.scope
        if match.operation is not None and match.operation != request.endpoint.route.operation_id:
            return False
        if match.method is not None and match.method != scope["method"]:
            return False
        if match.path is not None and match.path.fullmatch(scope["path"]) is None:
            return False
        if any(request.headers.get(name) != value for name, value in match.headers.items()):
            return False
        if match.token is not None and match.token != _token_of(request):
            return False
        return match.location_id is None or match.location_id == await _location_of(request)

    def find_for_event(self, event: str, location_id: str | None) -> Rule | None:
        """The rule for a webhook about an event of this type in a location."""
        for rule in self.rules:
            match = rule.match
            concerned = match.event in ("*", event) and match.location_id in (None, location_id)
            if concerned and rule.takes(self._chance):
                return rule
        return None

    def delay_of(self, rule: Rule) -> float:
        """For how many seconds a rule holds up what it applies to now."""
        return 0.0 if rule.then.delay is None else rule.then.delay.seconds(self._chance)


def _show(body: RuleBody) -> dict[str, Json]:
    """A rule as lists show it: a token, which is worth as much here as anywhere, as dots."""
    shown: dict[str, Json] = msgspec.to_builtins(body)
    match = shown["match"]
    if match.get("token"):
        match["token"] = MASK
    for name in match.get("headers") or {}:
        if name.lower() in _SECRET_HEADERS:
            match["headers"][name] = MASK
    return shown


async def _read_through(request: Request) -> None:
    """Takes all that the client sends: a connection that is closed before that is reset, and not only silent."""
    while (await request.receive()).get("more_body"):
        pass


def _token_of(request: Request) -> str | None:
    try:
        return read_token(request.headers.get(b"authorization", b""))
    except Refusal:
        return None


async def _location_of(request: Request) -> str | None:
    """The location in the path or the query, or that of the token."""
    if request.endpoint.placement is Placement.PATH:
        return str(request.params[0])
    named = parse_qs(request.scope["query_string"].decode("latin-1")).get("locationId")
    if named:
        return str(named[0])
    token = _token_of(request)
    if token is None:
        return None
    try:
        return (await request.context.access.authenticate(token)).location_id
    except Refusal:
        return None


def scenarios() -> Iterable[tuple[str, Scenario]]:
    """The named sets of rules, by name."""
    folder = resources.files("groundlevel.control") / "scenarios"
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".json"):
            yield entry.name.removesuffix(".json"), msgspec.json.decode(entry.read_bytes(), type=Scenario)


def load_scenario(name: str) -> Scenario:
    """The rules of a named set. Raises FaultNotFound."""
    found = dict(scenarios()).get(name)
    if found is None:
        raise FaultNotFound(f"There is no scenario {name[:100]}")
    return found
