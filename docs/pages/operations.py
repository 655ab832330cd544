"""The page of operations, from the table of routes."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from groundlevel.api import ROUTES
from groundlevel.kernel.errors import Refusal, refusals
from groundlevel.kernel.http.openapi import PARAMETER, refusals_of
from groundlevel.kernel.http.refusals import status_of
from groundlevel.kernel.http.routing import Admission, Placement, Route
from pages.markdown import anchor, code, json_block, plain, table
from pages.markdown import page as whole

PLACES = {
    Placement.NOWHERE: "none.",
    Placement.COMPANY: "none; the company of the token counts",
    Placement.BODY: "`locationId` in the body, required. Profile `spec` takes it from the query too.",
    Placement.QUERY: "`locationId` in the query, required.",
    Placement.EITHER: "`locationId` in the body or the query, or that of the token.",
    Placement.FOUND: "that of the token, or found by the id in the path.",
    Placement.PATH: "the id in the path.",
}
ADMISSIONS = {
    Admission.OPEN: "none; no token is asked for, and `Version` may be left out",
    Admission.NONE: "none; the operation asks for no token either",
}
LIVE = {
    Placement.STATED: " Profile `live`: in the body, else 400.",
    Placement.QUERY: " Profile `live`: in the query, else 422.",
    Placement.BODY: " Profile `live`: in the body, else 422.",
}

HEADERS = (
    ("`Authorization: Bearer <token>`", "every operation but those under [Server](#server)"),
    ("`Version: 2021-07-28`", "the same; `2021-04-15`, `2023-02-21` and `v3` mean the same here"),
    ("`Content-Type: application/json`", "sent by clients with a body; not looked at"),
)

GUARDED = [set(refusals_of(route)) for route in ROUTES if route.admission is Admission.TOKEN]
EVERYWHERE = set.intersection(*GUARDED)
"""What every operation that asks for a token may refuse."""


def page() -> str:
    """The page."""
    groups: dict[str, list[Route]] = {}
    for route in ROUTES:
        groups.setdefault(route.tag, []).append(route)
    parts = [
        (
            "A path is accepted with and without a slash at its end, and nothing is ever redirected. Bodies are "
            "UTF-8 JSON. Operations marked *extension* are not in the platform's documentation."
        ),
        table(("header", "where"), HEADERS),
        "Every operation that asks for a token may refuse with "
        + ", ".join(_linked(each) for each in refusals() if each in EVERYWHERE)
        + ". Further refusals stand with each operation.",
        "\n".join(
            f"- [{tag}](#{anchor(tag)}): " + ", ".join(f"[{code(r.operation_id)}](#{anchor(heading(r))})" for r in rows)
            for tag, rows in groups.items()
        ),
    ]
    for tag, rows in groups.items():
        parts.append(f"## {tag}")
        parts += [part for route in rows for part in _operation(route)]
    return whole("Operations", *parts)


def heading(route: Route) -> str:
    """The heading under which an operation is described."""
    return f"{route.method} {route.path}"


def _linked(refusal: type[Refusal]) -> str:
    return f"[{status_of(refusal)[0]} {code(refusal.code)}](errors/{refusal.code}.md)"


def _operation(route: Route) -> list[str]:
    facts = [("operation", code(route.operation_id)), ("location", _place(route))]
    if route.scope:
        facts.insert(1, ("scope", code(route.scope)))
    facts.append(
        ("answers", _statuses(route) + (f"; profile `live`: {route.live_status}" if route.live_status else ""))
    )
    if route.reply is not None:
        facts.append(("reply", ", ".join(code(name) for name in _members(route.reply)["properties"])))
    elif route.media_type != "application/json":
        facts.append(("reply", code(route.media_type)))
    own = [each for each in refusals_of(route) if route.admission is not Admission.TOKEN or each not in EVERYWHERE]
    facts.append(("refuses with", ", ".join(_linked(each) for each in own) or "nothing else"))
    return [
        f"### {heading(route)}",
        f"{route.summary}.{' *Extension.*' if route.extension else ''} {plain(route.doc)}".rstrip(),
        table(("", ""), facts),
        _parameters(route),
        _body(route),
        json_block(route.example) if route.example is not None else "",
    ]


def _statuses(route: Route) -> str:
    return " or ".join(str(status) for status in (route.status, route.other_status) if status is not None)


def _parameters(route: Route) -> str:
    rows = [(code(name), "path", "yes", "") for name in PARAMETER.findall(route.path)]
    rows += [(code(p.name), "query", "yes" if p.required else "no", plain(p.doc)) for p in route.query]
    return table(("parameter", "in", "required", ""), rows)


def _body(route: Route) -> str:
    sent = route.body or route.lines
    if sent is None:
        return ""
    members = _members(sent)
    required = {*members["required"], *(("locationId",) if route.placement is Placement.BODY else ())}
    rows = [
        (code(name), _kind(member, members["all"], filled=name in required), "yes" if name in required else "no")
        for name, member in members["properties"].items()
    ]
    what = "body" if route.lines is None else "line"
    return plain((sent.__doc__ or "").partition("\n\n")[0]) + "\n\n" + table((what, "type", "required"), rows)


def _members(struct: type[Struct]) -> dict[str, Any]:
    """The JSON schema of a Struct, with those it refers to under `all`."""
    _, components = msgspec.json.schema_components([struct], ref_template="{name}")
    found = components[struct.__name__]
    return {"properties": found["properties"], "required": found.get("required", []), "all": components}


def _kind(schema: dict[str, Any], components: dict[str, Any], *, filled: bool = False) -> str:
    """A JSON schema in words; `filled` leaves out null."""
    if "$ref" in schema:
        return _kind(components[schema["$ref"]], components)
    if "anyOf" in schema:
        kinds = dict.fromkeys(_kind(each, components) for each in schema["anyOf"])
        return " or ".join(kind for kind in kinds if not (filled and kind == "null"))
    if "enum" in schema:
        return "one of " + ", ".join(code(str(value)) for value in schema["enum"])
    kind = schema.get("type")
    if kind == "array":
        return f"array of {_kind(schema['items'], components)}" if schema.get("items") else "array"
    if kind == "object" and "properties" in schema:
        members = ", ".join(code(name) for name in schema["properties"])
        return f"object of {members}"
    return str(kind) if kind else "any"


def _place(route: Route) -> str:
    """Where an operation's location is named."""
    if route.admission is not Admission.TOKEN:
        return ADMISSIONS[route.admission]
    live = " Profile `live`: in the query, else 422 or 404." if route.live_check is not None else ""
    return PLACES[route.placement] + (LIVE[route.live_placement] if route.live_placement is not None else live)
