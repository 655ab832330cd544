"""Turns the bytes of a request into values.

A body is decoded once, straight into the Struct of its route. Only when that fails is it decoded again without a
type, so that every fault can be named at once. What no reader of JSON can be relied on to notice is looked for
here: a name that stands twice in an object.

Two readers may disagree about a parameter that stands twice in a query, so that is refused as well.
"""

from __future__ import annotations

import json
import re
from typing import Any, Generic, NoReturn, TypeVar
from urllib.parse import parse_qsl

import msgspec
from msgspec import UNSET, Struct

from groundlevel.kernel.errors import DuplicateMember, InvalidShape, MalformedJson, NestingTooDeep, Refusal
from groundlevel.kernel.http.routing import Endpoint, Placement
from groundlevel.kernel.http.spelling import AS_DOCUMENTED, Spelling, camel_name
from groundlevel.kernel.http.validation import SHOWN_NAME, nul_errors, undocumented_error, validation_errors
from groundlevel.kernel.model import Json

MAX_PARAMETERS = 100
"""Most parameters of a query."""
PAGE_NAMES = frozenset(
    ("limit", "skip", "offset", "page", "pageLimit", "pageSize", "pageToken", "startAfter", "startAfterId")
)
"""What clients ask for pages by. One that a list does not know is refused, or a loop over its pages never ends."""

S = TypeVar("S", bound=Struct)
_decode_any = msgspec.json.Decoder().decode
_STRING_OR_NAME = re.compile(rb'"(?:[^"\\]|\\.)*+"\s*+(:)?', re.DOTALL)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ESCAPED_NUL = b"\\u0000"
_FORM = b"application/x-www-form-urlencoded"


def decode_query(endpoint: Endpoint, raw: bytes, *, strict: bool) -> dict[str, str]:
    """The parameters of a query by name. Those the route does not know are refused when `strict`; otherwise they are
    ignored, unless a client of GET wants to page by them.

    Raises InvalidShape for a parameter that stands twice, where the platform's framework reads an array, and for an
    empty location; whether the location is there is left to the guard.
    """
    query: dict[str, str] = {}
    faults: list[str] = []
    unpaged = False
    for sent, value in _pairs(raw):
        name = endpoint.aliases.get(sent, sent)
        if endpoint.many and (listed := name.removesuffix("[]")) in endpoint.many:
            query[listed] = f"{query[listed]},{value}" if listed in query else value
            continue
        known = name in endpoint.query_names
        if not known and (strict or (name in PAGE_NAMES and endpoint.route.method == "GET")):
            faults.append(f"property {sent[:SHOWN_NAME]} should not exist")
            unpaged = unpaged or name in PAGE_NAMES
        elif name in query:
            faults.append(f"{name[:SHOWN_NAME]} must be a string")
        elif "\0" in value and (known or name == "locationId"):
            faults.append(f"{name} must not hold NUL characters")
        query[name] = value
    if query.get("locationId") == "":
        faults.append("locationId should not be empty")
    if faults:
        raise InvalidShape(faults, hint=_page_hint(endpoint) if unpaged else None)
    return query


def _page_hint(endpoint: Endpoint) -> str:
    """How the list of a route is paged, in the order of its documentation."""
    known = [parameter.name for parameter in endpoint.route.query if parameter.name in PAGE_NAMES]
    return f"This is paged by {', '.join(known)}." if known else "This answers with everything at once."


def _pairs(raw: bytes) -> list[tuple[str, str]]:
    if not raw:
        return []
    try:
        return parse_qsl(raw.decode("latin-1"), keep_blank_values=True, max_num_fields=MAX_PARAMETERS)
    except ValueError:
        raise InvalidShape([f"the query must hold no more than {MAX_PARAMETERS} parameters"]) from None


def decode_body(endpoint: Endpoint, raw: bytes, *, located: bool, spelling: Spelling = AS_DOCUMENTED) -> Any:
    """The body as the Struct of its route.

    `located` says that the query names the location, `spelling` how the client spells members, so that refusals name
    what it sent. An empty body counts as an object without members.
    Raises InvalidShape naming every fault; MalformedJson, DuplicateMember, NestingTooDeep.
    """
    location_required = endpoint.placement is Placement.BODY and not located
    decode = endpoint.decode
    assert decode is not None and endpoint.body is not None  # noqa: PT018  # routes without a body never get here
    try:
        body = decode(raw or b"{}")
        names = _count_names(body)
    except RecursionError:
        raise NestingTooDeep from None
    except ValueError:
        _refuse(endpoint.body, raw, location_required=location_required, spelling=spelling)
    if location_required and getattr(body, "location_id", UNSET) in (UNSET, None):
        _refuse(endpoint.body, raw, location_required=True, spelling=spelling)
    _check_plainness(raw, names)
    return body


class LineDecoder(Generic[S]):
    """Decodes the lines of a body, each of which is a Struct."""

    def __init__(self, kind: type[S]) -> None:
        self._kind = kind
        self._decode = msgspec.json.Decoder(kind).decode

    def decode(self, line: bytes) -> S:
        """The Struct that a line holds. Raises what `decode_body` raises."""
        try:
            return self._read(line)
        except Refusal as refusal:
            refusal.message = refusal.message.replace("request body", "line")
            raise

    def _read(self, line: bytes) -> S:
        try:
            value = self._decode(line)
            names = _count_names(value)
        except RecursionError:
            raise NestingTooDeep from None
        except ValueError:
            _refuse(self._kind, line, location_required=False, spelling=AS_DOCUMENTED)
        _check_plainness(line, names)
        return value


def _check_plainness(raw: bytes, names: int) -> None:
    """Refuses what the decoder lets through, given how many names its value has.

    Raises DuplicateMember, InvalidShape for NUL characters.
    """
    if raw.count(b":") != names and _count_separators(raw) != names:
        raise _duplicate(raw)
    if _ESCAPED_NUL in raw and (faults := nul_errors(decode_json(raw))):
        raise InvalidShape(faults)


def camel_form(raw: bytes, content_type: bytes) -> tuple[bytes, Spelling]:
    """The JSON text with members in camelCase that a form or another JSON text stands for, and how its own are spelled.

    See docs/contract.md#oauth-endpoints.

    Raises InvalidShape for a form with too many members, DuplicateMember for one that stands twice, MalformedJson.
    """
    if content_type.partition(b";")[0].strip().lower() == _FORM:
        pairs = [(name, value) for name, value in _pairs(raw) if value]
    else:
        body = decode_json(raw)
        if not isinstance(body, dict):
            return raw, AS_DOCUMENTED
        pairs = list(body.items())
    members: dict[str, Json] = {}
    for sent, value in pairs:
        name = camel_name(sent)
        if name in members:
            raise DuplicateMember(f"The request body names a member twice: {sent[:SHOWN_NAME]}")
        members[name] = value
    return msgspec.json.encode(members), Spelling(sent for sent, _ in pairs)


def decode_json(raw: bytes) -> Json:
    """Any JSON value. Raises MalformedJson, NestingTooDeep."""
    try:
        return _decode_any(raw or b"{}")
    except RecursionError:
        raise NestingTooDeep from None
    except UnicodeDecodeError:
        raise MalformedJson("The request body is not valid JSON: it is not UTF-8") from None
    except ValueError as problem:
        if raw.startswith(_BYTE_ORDER_MARK):
            raise MalformedJson("The request body is not valid JSON: it starts with a byte order mark") from None
        raise MalformedJson(f"The request body is not valid JSON: {problem}") from None


def _refuse(body: type[Struct], raw: bytes, *, location_required: bool, spelling: Spelling) -> NoReturn:
    """Raises what is wrong with a body that did not fit its Struct."""
    value = decode_json(raw)
    faults = validation_errors(body, value, location_required=location_required, spell=spelling)
    try:
        msgspec.convert(value, body)
    except msgspec.ValidationError as problem:
        faults = faults or [undocumented_error(problem)]
    raise InvalidShape(faults)


def _count_names(value: Any) -> int:
    """How many members the objects inside a decoded body have, itself included."""
    if isinstance(value, dict):
        return len(value) + sum(_count_names(item) for item in value.values() if isinstance(item, dict | list))
    if isinstance(value, list):
        return sum(_count_names(item) for item in value if isinstance(item, dict | list | Struct))
    total = 0
    for name in value.__struct_fields__:
        item = getattr(value, name)
        if item is not UNSET:
            total += 1
            if isinstance(item, dict | list | Struct):
                total += _count_names(item)
    return total


def _count_separators(raw: bytes) -> int:
    """How many names the objects of a JSON text have: strings with a colon behind them."""
    return sum(1 for match in _STRING_OR_NAME.findall(raw) if match)


def _duplicate(raw: bytes) -> DuplicateMember:
    twice: list[str] = []

    def notice(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        seen: dict[str, Json] = {}
        for name, value in pairs:
            if name in seen:
                twice.append(name)
            seen[name] = value
        return seen

    json.loads(raw, object_pairs_hook=notice)
    return DuplicateMember(f"The request body names a member twice: {twice[0][:SHOWN_NAME]}" if twice else None)
