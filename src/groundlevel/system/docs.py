"""The reference as HTML pages without external parts, generated from the tables."""

from __future__ import annotations

import html
from collections.abc import Iterable

import msgspec

from groundlevel import __version__
from groundlevel.kernel.errors import Refusal, refusals
from groundlevel.kernel.fields import type_of
from groundlevel.kernel.fields.base import OPERATORS, Operator
from groundlevel.kernel.http.openapi import documented_message, example_of, refusals_of
from groundlevel.kernel.http.refusals import status_of
from groundlevel.kernel.http.routing import Placement, Route
from groundlevel.kernel.model import DataType

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.6rem; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
code, pre { font: 0.9em/1.45 ui-monospace, monospace; background: var(--soft); border-radius: 4px; }
code { padding: 0.1em 0.3em; } pre { padding: 0.8rem; overflow-x: auto; } pre code { background: none; padding: 0; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left;
vertical-align: top; padding: 0.35rem 0.6rem; border-bottom: 1px solid var(--line); }
details { margin: 0.4rem 0; } summary { cursor: pointer; }
.method { display: inline-block; min-width: 4.2em; font-weight: 600; } .note { opacity: 0.75; }
nav a { margin-right: 1rem; }
"""


def index_page(routes: Iterable[Route]) -> bytes:
    """Every operation, data type and error on one page."""
    groups: dict[str, list[Route]] = {}
    for route in routes:
        groups.setdefault(route.tag, []).append(route)
    parts = [
        (
            "<p>Base URL: this server. Operations of the API take <code>Authorization: Bearer &lt;token&gt;</code> and "
            "<code>Version: 2021-07-28</code>. The same table is at <a href='/openapi.json'>/openapi.json</a>.</p>"
        )
    ]
    for tag, rows in groups.items():
        parts.append(f"<h2>{_text(tag)}</h2>")
        parts += [_operation(route) for route in rows]
    parts.append("<h2 id='data-types'>Data types</h2>" + _data_types())
    parts.append("<h2 id='errors'>Errors</h2>" + _error_table())
    return _page(f"GroundLevel {__version__}", "".join(parts))


def errors_page() -> bytes:
    """Every refusal with its status and message."""
    return _page("Errors", _error_table())


def error_page(refusal: type[Refusal]) -> bytes:
    """What one refusal means and what to change."""
    status, reason = status_of(refusal)
    body = msgspec.json.format(msgspec.json.encode(example_of(refusal)), indent=2).decode()
    content = (
        f"<p><strong>{status} {_text(reason)}</strong>: {_text(documented_message(refusal))}</p>"
        f"<p>{_text(refusal.about)}</p><h2>What to change</h2><p>{_text(refusal.hint)}</p>"
        f"<h2>Body</h2><pre><code>{_text(body)}</code></pre>"
    )
    return _page(refusal.code, content)


def _operation(route: Route) -> str:
    parts = [f"<p>{_text(route.doc)}</p>"] if route.doc else []
    if route.scope is not None:
        parts.append(f"<p>Scope: <code>{_text(route.scope)}</code></p>")
    if route.query:
        rows = "".join(
            f"<tr><td><code>{_text(each.name)}</code></td><td>{'required' if each.required else 'optional'}</td>"
            f"<td>{_text(each.doc)}</td></tr>"
            for each in route.query
        )
        parts.append(f"<table><tr><th>Query</th><th></th><th></th></tr>{rows}</table>")
    if route.body is not None:
        parts.append(_members(route))
    if route.example is not None:
        text = msgspec.json.format(msgspec.json.encode(route.example), indent=2).decode()
        parts.append(f"<pre><code>{_text(text)}</code></pre>")
    links = ", ".join(f"<a href='/docs/errors/{each.code}'>{each.code}</a>" for each in refusals_of(route))
    parts.append(f"<p>Answers <strong>{route.status}</strong>{', or refuses with ' + links if links else ''}.</p>")
    note = " <span class='note'>(extension)</span>" if route.extension else ""
    return (
        f"<details id='{_text(route.operation_id)}'><summary><span class='method'>{route.method}</span> "
        f"<code>{_text(route.path)}</code> {_text(route.summary)}{note}</summary>{''.join(parts)}</details>"
    )


def _members(route: Route) -> str:
    assert route.body is not None  # the caller asked
    rows = []
    for member in msgspec.structs.fields(route.body):
        required = member.required or (member.name == "location_id" and route.placement is Placement.BODY)
        word = "required" if required else "optional"
        rows.append(f"<tr><td><code>{_text(member.encode_name)}</code></td><td>{word}</td></tr>")
    doc = _text((route.body.__doc__ or "").partition("\n\n")[0])
    return f"<p>{doc}</p><table><tr><th>Body</th><th></th></tr>{''.join(rows)}</table>"


def _data_types() -> str:
    rows = []
    for name in DataType:
        kind = type_of(name)
        operators = ", ".join(each.value for each in Operator if each in OPERATORS[kind.comparison])
        doc = (type(kind).__doc__ or "").partition("\n\n")[0]
        rows.append(f"<tr><td><code>{name.value}</code></td><td>{_text(doc)}</td><td>{operators}</td></tr>")
    return f"<table><tr><th>dataType</th><th>Value</th><th>Search operators</th></tr>{''.join(rows)}</table>"


def _error_table() -> str:
    rows = "".join(
        f"<tr><td><a href='/docs/errors/{each.code}'>{each.code}</a></td><td>{status_of(each)[0]}</td>"
        f"<td>{_text(documented_message(each))}</td></tr>"
        for each in refusals()
    )
    return f"<table><tr><th>Code</th><th>Status</th><th>Message</th></tr>{rows}</table>"


def _text(text: str) -> str:
    return html.escape(text)


def _page(title: str, content: str) -> bytes:
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{_text(title)}</title><style>{_STYLE}</style></head><body>"
        "<nav><a href='/docs'>Reference</a><a href='/docs/errors'>Errors</a><a href='/openapi.json'>OpenAPI</a></nav>"
        f"<main><h1>{_text(title)}</h1>{content}</main></body></html>"
    ).encode()
