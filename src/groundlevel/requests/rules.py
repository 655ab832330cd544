"""Shows the log of requests, without the secrets in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote

import msgspec
from msgspec import Struct

from groundlevel.kernel.http.request_log import LoggedRequest, RequestLog
from groundlevel.kernel.model import Actor
from groundlevel.kernel.timestamps import iso

MASK = "•••"
_TOKEN = re.compile(r"(pit-|once-)[\w-]{8,}|eyJ[\w-]+\.[\w-]+\.[\w-]*")
_NAMES = r"[\w-]*token|[\w-]*secret|password|passwd|code|code_?verifier|authorization|api[_-]?key"
"""How members and parameters are called that hold secrets."""
_MEMBER = re.compile(rf'("(?:{_NAMES})"\s*:\s*)(?:"(?:[^"\\]|\\.)*("|\Z)|[^\s"\[{{,}}\]]+)', re.IGNORECASE)
_PARAMETER = re.compile(r"""(^|[?&;\s"'])([^\s"'=&?;]{1,100})=([^\s"'&;]+)""")
"""A parameter of a query or of a form, also of a URL in a text."""
_NAME = re.compile(_NAMES, re.IGNORECASE)
_SECRET_PATHS = ("/oauth/", "/v2/oauth/")
"""Where nothing but credentials is exchanged: bodies are not shown at all."""


class CallerBody(Struct, rename="camel"):
    """Who asked: whom records show as the writer."""

    source: str
    source_id: str
    token_id: str


class RequestBody(Struct, rename="camel"):
    """A request and its answer, secrets as dots. Of bodies 16 KB are here at most, of what refuses nothing 1 KB."""

    number: int
    time: str
    trace_id: str
    operation: str
    method: str
    path: str
    query: str
    status: int
    milliseconds: float
    location_id: str
    client: str
    """What the client calls itself."""
    caller: CallerBody | None
    """null where no known token was sent."""
    reason: str
    """Why it was refused; empty when it was not."""
    hint: str
    """What to change."""
    docs: str
    """Where the refusal is explained."""
    body: str
    answer: str
    cut: bool
    """Whether more was sent or answered than is here."""
    fault: str
    """The id of the fault rule that changed the answer; empty where none did."""


class Asked(Struct, frozen=True):
    """Which requests to show."""

    after: int = 0
    """Only those with a higher number."""
    limit: int = 100
    refused: bool = False
    """Only those that were refused."""
    no_console: bool = False
    """Not those that the console has sent for people."""


def list_requests(log: RequestLog, asked: Asked, concerns: Callable[[LoggedRequest], bool]) -> list[RequestBody]:
    """The requests that concern whoever asks, the newest first."""
    found: list[RequestBody] = []
    for entry in log.newest():
        if entry.number <= asked.after or len(found) == asked.limit:
            break
        if asked.refused and entry.status < 400:
            continue
        if asked.no_console and entry.actor is not None and entry.actor.source == "WEB_USER":
            continue
        if concerns(entry):
            found.append(_show(entry))
    return found


def concerns_actor(actor: Actor) -> Callable[[LoggedRequest], bool]:
    """Whether a request was sent with a token of the actor's location, or of its company for a company token."""

    def concerns(entry: LoggedRequest) -> bool:
        if entry.actor is None or entry.actor.company_id != actor.company_id:
            return False
        return actor.location_id is None or actor.location_id in (entry.actor.location_id, entry.location_id)

    return concerns


def mask(text: str) -> str:
    """A text with its tokens and secrets as dots: those of JSON, and those of queries and forms."""
    return _PARAMETER.sub(_masked_parameter, _MEMBER.sub(_masked_member, _TOKEN.sub(MASK, text)))


def _masked_member(found: re.Match[str]) -> str:
    return f'{found[1]}"{MASK}{found[2] or ""}' if found[2] is not None else f'{found[1]}"{MASK}"'


def _masked_parameter(found: re.Match[str]) -> str:
    """The parameter as it was sent, its value as dots when it is, or has, a secret behind its percent-encoding."""
    before, name, value = found.groups()
    secret = _NAME.fullmatch(unquote(name)) or _TOKEN.search(unquote(value))
    return f"{before}{name}={MASK}" if secret else found[0]


def _show(entry: LoggedRequest) -> RequestBody:
    said = {name: value.decode("latin-1") for name, value in entry.answer_headers}
    path = entry.path.decode("latin-1")
    hidden = path.startswith(_SECRET_PATHS)
    as_text = entry.media_type.startswith("application/json")
    return RequestBody(
        entry.number,
        iso(int(entry.time * 1000)),
        entry.trace_id,
        entry.operation,
        entry.method,
        mask(path),
        mask(entry.query.decode("latin-1")),
        entry.status,
        round(entry.seconds * 1000, 1),
        entry.location_id,
        mask(entry.client.decode("latin-1")),
        None if entry.actor is None else _caller_of(entry.actor),
        _reason_of(entry) if entry.status >= 400 else "",
        said.get(b"x-groundlevel-hint", ""),
        said.get(b"x-groundlevel-doc", ""),
        "" if hidden else _text_of(entry.body),
        _text_of(entry.answer) if as_text and not hidden else "",
        entry.cut,
        entry.fault,
    )


def _caller_of(actor: Actor) -> CallerBody:
    return CallerBody(actor.source, actor.source_id, actor.token_id)


def _text_of(body: bytes) -> str:
    return mask(body.decode("utf-8", "replace"))


def _reason_of(entry: LoggedRequest) -> str:
    """The message of a refusal, from its body."""
    try:
        body = msgspec.json.decode(entry.answer)
    except msgspec.DecodeError:
        return ""
    message = body.get("message", "") if isinstance(body, dict) else ""
    return mask("; ".join(map(str, message)) if isinstance(message, list) else str(message))
