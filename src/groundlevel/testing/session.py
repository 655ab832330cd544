"""A running double as a test sees it: where it is, and everything that can be done to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from groundlevel.control.client import API_VERSION, Client, ControlClient, ControlError

USUAL_SECONDS = 10.0
_FAULTS = {"retry_after": "retryAfter", "search_lag": "searchLag", "bad_signature": "badSignature"}
"""Members of a rule that are called otherwise on the wire."""


class TestClock:
    """The clock of a double."""

    __test__ = False

    def __init__(self, control: ControlClient) -> None:
        self._control = control

    @property
    def now(self) -> str:
        """What it shows, as ISO 8601."""
        return str(self._control.ask("GET", "/clock")["now"])

    def advance(self, duration: str) -> None:
        """Goes on from so much later: `25h`, `90s`, `1h30m`."""
        self._control.ask("PUT", "/clock", {"advance": duration})

    def set(self, now: str | int) -> None:
        """Goes on from a moment: ISO 8601 with a time zone, or epoch milliseconds."""
        self._control.ask("PUT", "/clock", {"now": now})

    def freeze(self, *, frozen: bool = True) -> None:
        """Stops, or goes on."""
        self._control.ask("PUT", "/clock", {"frozen": frozen})


class Inbox:
    """Where webhooks can be sent to, and looked at."""

    def __init__(self, control: ControlClient, name: str) -> None:
        self._control = control
        self._path = f"/inbox/{quote(name, safe='')}"
        self.url = f"{control.url}/control{self._path}"
        """The URL for a webhook."""

    def refusing(self, status: int, times: int) -> str:
        """The URL for a webhook of which the first few messages are refused with a status."""
        return f"{self.url}?{urlencode({'status': status, 'times': times})}"

    def messages(self, event: str | None = None) -> list[dict[str, Any]]:
        """What has arrived, the oldest first."""
        query = "" if event is None else f"?{urlencode({'event': event})}"
        return list(self._control.ask("GET", f"{self._path}/messages{query}")["messages"])

    def wait_for(
        self, event: str | None = None, *, count: int = 1, timeout: float = USUAL_SECONDS
    ) -> list[dict[str, Any]]:
        """What has arrived, once that is so much. Raises AssertionError when it takes too long."""
        body = {"event": event, "count": count, "timeout": timeout}
        answer = self._control.ask("POST", f"{self._path}/wait", body)
        if not answer["complete"]:
            came = ", ".join(message["event"] or "?" for message in self.messages()) or "nothing"
            raise AssertionError(
                f"{count} webhooks {event or ''} did not arrive within {timeout} s; there came: {came}"
            )
        return list(answer["messages"])


class Session:
    """A running double, and the demo's location in it with a token."""

    def __init__(self, url: str, token: str = "", location: str = "", key: str = "") -> None:
        self.url = url.rstrip("/")
        self.token = token
        self.location = location
        """The id of the location."""
        self.control = ControlClient(url, key)
        self.clock = TestClock(self.control)
        self._start = "seed"
        """Where a reset goes back to."""
        self._expected: set[str] = set()
        self._is_world = False
        """Whether others use the same double in locations of their own."""
        self._seeded: dict[str, tuple[str, str]] = {}
        """The location and token of each seed file that a checkpoint was taken of, by the name of that."""

    def anew(self) -> Session:
        """The same double, for somebody else to steer."""
        return self._at(self.location, self.token)

    def starting_here(self, name: str) -> Session:
        """The same double with a location of its own, to which a reset goes back from now on."""
        other = self.world()
        other.checkpoint(name)
        other._start = name
        other._is_world = False
        return other

    def _at(self, location: str, token: str) -> Session:
        other = copy(self)
        other.location, other.token, other._expected = location, token, set()
        return other

    @property
    def env(self) -> dict[str, str]:
        """The variables that `groundlevel env` prints, which client programs read."""
        keys = self.control.ask("GET", "")["webhookKeys"]
        return {
            "GHL_BASE_URL": self.url,
            "GHL_API_KEY": self.token,
            "GHL_LOCATION_ID": self.location,
            "GHL_API_VERSION": API_VERSION,
            "WEBHOOK_SIGNATURE_PUBLIC_KEY": keys["ed25519"],
            "WEBHOOK_PUBLIC_KEY": keys["rsa"],
        }

    @property
    def headers(self) -> dict[str, str]:
        """What a request has to send."""
        return {"Authorization": f"Bearer {self.token}", "Version": API_VERSION}

    def api(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """What the API answers, for preparing a test. Raises AssertionError for a refusal."""
        client = Client(self.url, self.headers)
        try:
            return client.ask(method, path, body)
        except ControlError as refusal:
            raise AssertionError(f"{method} {path}: {refusal.status} {refusal}") from None
        finally:
            client.close()

    # --- back

    def reset(self, to: str = "", *, keep: tuple[str, ...] = ()) -> None:
        """Makes everything as it was when the double started, or at a checkpoint, or empty."""
        self.control.ask("POST", "/reset", {"to": to or self._start, "keep": list(keep)})
        self._expected.clear()

    def reset_to_seed(self, path: Path) -> None:
        """Makes everything as a seed file says, and nothing else; the second time from a checkpoint."""
        name = f"seed {path.resolve()} {path.stat().st_mtime_ns}"
        if name not in self._seeded:
            self.reset("empty")
            self.seed(path)
            self.checkpoint(name)
            self._seeded[name] = (self.location, self.token)
        else:
            self.reset(name)
        self.location, self.token = self._seeded[name]

    def checkpoint(self, name: str) -> Checkpoint:
        """Takes a checkpoint of what is stored."""
        self.control.ask("PUT", f"/checkpoints/{quote(name, safe='')}")
        return Checkpoint(self, name)

    def seed(self, source: str | Path | Mapping[str, Any]) -> list[dict[str, str]]:
        """Adds what a seed file, or its content, describes: the id and a token of each location that was made.

        The first of them becomes the `location` and the `token` of this session.
        """
        content = source if isinstance(source, Mapping) else Path(source).read_bytes()
        worlds: list[dict[str, str]] = self.control.ask("POST", "/seed", content)["worlds"]
        if worlds:
            self.location, self.token = worlds[0]["locationId"], worlds[0]["token"]
        return worlds

    def world(self, seed: str | Path | Mapping[str, Any] | None = None) -> Session:
        """The same double with a new location of its own, which holds a seed file or its content, or else the demo.

        Its `refusals` are those of requests about that location.
        """
        content = Path(seed).read_text("utf-8") if isinstance(seed, str | Path) else seed
        made = self.control.ask("POST", "/worlds", {"seed": content})
        other = self._at(made["locationId"], made["token"])
        other._is_world = True
        return other

    def app(self, **wanted: Any) -> dict[str, Any]:
        """A new app that is installed in this session's location, as it is once a user has approved.

        Has `clientId`, `clientSecret`, `accessToken`, `refreshToken` and a `code` for another pair. `wanted` are
        `name`, `scopes`, `redirect_uris`, and `company` for its id instead of the location.
        """
        names = {"redirect_uris": "redirectUris", "company": "companyId"}
        body = {names.get(name, name): value for name, value in wanted.items()}
        where = {} if "company" in wanted else {"locationId": self.location}
        return dict(self.control.ask("POST", "/apps", {**where, **body}))

    def records(self, key: str) -> list[dict[str, Any]]:
        """The records of an object, `pet` or `custom_objects.pet`: up to 100."""
        full = key if "." in key else f"custom_objects.{key}"
        body = {"locationId": self.location, "page": 1, "pageLimit": 100}
        return list(self.api("POST", f"/objects/{full}/records/search", body)["records"])

    # --- what goes wrong

    def fail(self, match: Mapping[str, Any] | str = "", **then: Any) -> str:
        """Adds a rule and returns its id.

        `match` is a text such as `POST /objects/*/records`, or the members of a rule; what happens is said by names:
        `status=429, retry_after=2`, `drop="after-commit"`, `delay="300ms"`.
        """
        members = {_FAULTS.get(name, name): value for name, value in then.items()}
        rule = {"match": _match_of(match), "then": members}
        return str(self.control.ask("POST", "/faults", rule)["faults"][0]["id"])

    def fail_next(self, match: Mapping[str, Any] | str = "", status: int | None = None, **then: Any) -> str:
        """Adds a rule for the next thing that matches, as `fail` does."""
        members = then if status is None else {"status": status, **then}
        return self.fail({**_match_of(match), "times": 1}, **members)

    def use(self, scenario: str) -> None:
        """Adds the rules of a named scenario: `flaky-webhooks`, `lost-answers`, …"""
        self.control.ask("POST", "/faults", {"use": scenario})

    def clear_faults(self) -> None:
        """Removes all rules."""
        self.control.ask("DELETE", "/faults")

    def profile(
        self,
        profile: str | None = None,
        *,
        limits: str | None = None,
        search_lag: str | None = None,
        relation_lag: str | None = None,
    ) -> None:
        """Shows another profile, enforces limits, or makes searches or relations lag, until the next reset."""
        body = {"profile": profile, "limits": limits, "searchLag": search_lag, "relationLag": relation_lag}
        self.control.ask("PUT", "/profile", {name: value for name, value in body.items() if value is not None})

    # --- what has happened

    def requests(self, **wanted: Any) -> list[dict[str, Any]]:
        """The last requests, the newest first: `operation`, `method`, `path`, `status`, `refused`."""
        query = {name: str(value).lower() if isinstance(value, bool) else value for name, value in wanted.items()}
        return list(self.control.ask("GET", f"/requests?{urlencode(query)}")["requests"])

    def wait_for_requests(
        self, match: Mapping[str, Any] | str = "", *, count: int = 1, timeout: float = USUAL_SECONDS
    ) -> list[dict[str, Any]]:
        """The requests, once there are so many. Raises AssertionError when it takes too long."""
        body = {"match": _match_of(match), "count": count, "timeout": timeout}
        answer = self.control.ask("POST", "/requests/wait", body)
        if not answer["complete"]:
            came = ", ".join(f"{each['method']} {each['path']}" for each in self.requests()) or "nothing"
            raise AssertionError(f"{count} requests {match} did not come within {timeout} s; there came: {came}")
        return list(answer["requests"])

    def inbox(self, name: str = "test") -> Inbox:
        """A receiver of webhooks."""
        return Inbox(self.control, name)

    def wait_for(
        self, event: str | None = None, *, count: int = 1, timeout: float = USUAL_SECONDS
    ) -> list[dict[str, Any]]:
        """The webhooks in the inbox `test`, once there are so many. Raises AssertionError when it takes too long."""
        return self.inbox().wait_for(event, count=count, timeout=timeout)

    def settle(self, timeout: float = USUAL_SECONDS) -> None:
        """Returns when nothing is left to happen by itself. Raises AssertionError when it takes too long."""
        answer = self.control.ask("POST", "/settle", {"timeout": timeout})
        if not answer["settled"]:
            raise AssertionError(f"after {timeout} s there is left: {answer['left']}")

    def refusals(self) -> list[dict[str, Any]]:
        """The requests that were refused, the oldest first, without those by a fault and those that are expected."""
        own = {"locationId": self.location} if self._is_world else {}
        refused = self.requests(refused=True, **own)
        return [each for each in reversed(refused) if not each["fault"] and each["traceId"] not in self._expected]

    @contextmanager
    def expect_refusals(self) -> Iterator[None]:
        """Lets the requests of a `with` block be refused."""
        before = self.control.ask("GET", "/requests?status=999")["latest"]
        yield
        self._expected.update(each["traceId"] for each in self.requests(refused=True, after=before))

    def assert_no_refusals(self) -> None:
        """Raises AssertionError with every refusal and what to change."""
        if found := self.refusals():
            raise AssertionError("requests were refused:\n" + "\n".join(map(lines_of, found)))


class Checkpoint:
    """How everything was at one moment."""

    def __init__(self, session: Session, name: str) -> None:
        self._session = session
        self._path = f"/checkpoints/{quote(name, safe='')}"

    def restore(self) -> None:
        """Makes what is stored as it was."""
        self._session.control.ask("POST", f"{self._path}/restore")

    def changes(self) -> list[dict[str, Any]]:
        """Everything that has changed since, in order: `op`, `kind`, `id`, `changed`, `before`, `after`."""
        return list(self._session.control.ask("GET", f"{self._path}/changes")["changes"])


def lines_of(refused: Mapping[str, Any]) -> str:
    """A refused request in two lines."""
    line = f"  {refused['method']} {refused['path']} -> {refused['status']} {refused['reason']}"
    return f"{line}\n    {refused['hint']}" if refused["hint"] else line


def _match_of(match: Mapping[str, Any] | str) -> dict[str, Any]:
    if not isinstance(match, str):
        return dict(match)
    method, _, path = match.partition(" ")
    if not path:
        return {"path": method} if method.startswith("/") else {"method": method} if method else {}
    return {"method": method, "path": path}
