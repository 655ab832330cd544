"""The consent page as HTML: without scripts, without external parts, and every text of others escaped."""

from __future__ import annotations

import base64
import hashlib
import html
from urllib.parse import urlsplit

from msgspec import Struct

from groundlevel.kernel.http.routing import Page
from groundlevel.oauth.consent_rules import Asked, Offer

_STYLE = """
:root { color-scheme: light dark; --page: #f3f5f8; --card: #fff; --ink: #17202e; --soft: #5a6679; --line: #d5dbe4;
  --main: #1d5fd6; --over: #174fb4; --bad: #b3261e; --pale: #fdeceb; }
@media (prefers-color-scheme: dark) { :root { --page: #11161e; --card: #1a212c; --ink: #e9edf4; --soft: #a3afc1;
  --line: #35404f; --main: #2f6fe0; --over: #4580e8; --bad: #ffb4ab; --pale: #3a1f1e; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.25rem; background: var(--page);
  color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
main { width: 100%; max-width: 30rem; background: var(--card); border: 1px solid var(--line); border-radius: 14px;
  padding: 2rem; box-shadow: 0 8px 30px #0b1a3314; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; line-height: 1.3; margin: 0 0 .35rem; } h2 { font-size: 1rem; margin: 1.5rem 0 .4rem; }
p { margin: .35rem 0; } .soft { color: var(--soft); font-size: .9rem; }
ul { margin: 0; padding: 0; list-style: none; border: 1px solid var(--line); border-radius: 10px; }
li { padding: .5rem .8rem; } li + li { border-top: 1px solid var(--line); }
label { display: block; font-weight: 600; margin: 1.5rem 0 .4rem; }
select, input { width: 100%; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--soft);
  border-radius: 8px; padding: .6rem .7rem; }
.buttons { display: flex; flex-direction: row-reverse; gap: .75rem; margin: 1.75rem 0 1rem; }
button { flex: 1; font: inherit; font-weight: 600; padding: .65rem 1rem; border-radius: 8px; cursor: pointer;
  border: 1px solid var(--soft); background: none; color: inherit; }
button.main { background: var(--main); border-color: var(--main); color: #fff; }
button.main:hover { background: var(--over); }
:focus-visible { outline: 3px solid var(--main); outline-offset: 2px; }
.bad { margin-top: 1.25rem; padding: .6rem .8rem; border-radius: 8px; background: var(--pale); color: var(--bad); }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

_THINGS = {
    "objects/schema": "objects and their definitions",
    "objects/record": "records",
    "associations": "associations between objects",
    "associations/relation": "relations between records",
    "locations/customFields": "custom fields and folders",
    "locations": "location profiles",
    "businesses": "businesses",
    "contacts": "contacts",
    "opportunities": "opportunities and pipelines",
    "users": "users",
    "webhooks": "webhooks and what was sent to them",
    "oauth": "where the app itself is installed",
}
_OWN_TOKENS = "Get tokens for single locations of the company"


class Form(Struct, frozen=True):
    """The state of the form."""

    path: str
    offers: list[Offer] | None
    """The places to choose from; None until a token was entered."""
    token: str = ""
    problem: str = ""


def consent_page(asked: Asked, form: Form, *, status: int = 200) -> Page:
    """The question whether an app may act at a place."""
    name, host = _text(asked.app.name), _text(urlsplit(asked.redirect_uri).netloc)
    parts = [
        f"<h1>{name} wants to be let in</h1>",
        f"<p class='soft'>You decide for a location, or for a whole company. Afterwards you are sent to {host}.</p>",
        f"<h2 id='scopes'>{name} will be able to</h2>",
        f"<ul aria-labelledby='scopes'>{''.join(f'<li>{_text(each)}</li>' for each in permissions(asked.scopes))}</ul>",
        f"<p class='bad' role='alert'>{_text(form.problem)}</p>" if form.problem else "",
        f"<form method='post' action='{_text(form.path)}'>{_carried(asked)}",
        _token_field() if form.offers is None else _place_field(form.offers) + _hidden("token", form.token),
        "<div class='buttons'>",
        _button("continue", "Continue") if form.offers is None else _button("approve", "Approve"),
        "<button name='decision' value='cancel' formnovalidate>Cancel</button></div></form>",
        "<p class='soft'>You can take this back at any time: <code>groundlevel app uninstall</code>.</p>",
    ]
    return _page(f"Let {asked.app.name} in?", "".join(parts), status, target=asked.redirect_uri)


def problem_page(problem: str, advice: str) -> Page:
    """Why nobody can be asked. It leads nowhere, since where to is what cannot be trusted."""
    content = f"<h1>This link does not work</h1><p>{_text(problem)}.</p><p class='soft'>{_text(advice)}</p>"
    return _page("This link does not work", content, 400)


def permissions(scopes: tuple[str, ...]) -> list[str]:
    """What scopes allow, in words: seeing and changing the same things in one line."""
    access: dict[str, set[str]] = {}
    for scope in scopes:
        thing, _, kind = scope.rpartition(".")
        access.setdefault(thing, set()).add(kind)
    lines = []
    for thing, kinds in access.items():
        words = _THINGS.get(thing, thing)
        if thing == "oauth":
            lines += [f"See {words}"] if "readonly" in kinds else []
            lines += [_OWN_TOKENS] if "write" in kinds else []
        else:
            verbs = {frozenset(("readonly",)): "See", frozenset(("write",)): "Change and delete"}
            lines.append(f"{verbs.get(frozenset(kinds), 'See, change and delete')} {words}")
    return lines


def _carried(asked: Asked) -> str:
    """What the app has sent, for the form to send again. The challenge is S256 by now, whatever it was."""
    members = {
        "client_id": asked.app.client_id,
        "redirect_uri": asked.redirect_uri,
        "response_type": "code",
        "scope": " ".join(asked.scopes),
        "state": asked.state,
        "code_challenge": asked.challenge or "",
        "code_challenge_method": "S256" if asked.challenge else "",
    }
    return "".join(_hidden(name, value) for name, value in members.items())


def _hidden(name: str, value: str) -> str:
    return f"<input type='hidden' name='{name}' value='{_text(value)}'>" if value else ""


def _token_field() -> str:
    return (
        "<label for='token'>Private integration token</label>"
        "<input id='token' name='token' type='password' autocomplete='off' required aria-describedby='about'>"
        "<p class='soft' id='about'>It shows which places you may decide about: <code>groundlevel token create</code> "
        "makes one. The app does not get it.</p>"
    )


def _place_field(offers: list[Offer]) -> str:
    groups = []
    for offer in offers:
        options = [_option(f"company:{offer.company.id}", f"All of {offer.company.name}")] if offer.whole else []
        options += [_option(f"location:{each.id}", f"{each.name} ({each.id})") for each in offer.locations]
        groups.append(f"<optgroup label='{_text(offer.company.name)}'>{''.join(options)}</optgroup>")
    return (
        "<label for='place'>Where</label><select id='place' name='place' required>"
        f"<option value=''>Choose a location or company</option>{''.join(groups)}</select>"
    )


def _option(value: str, words: str) -> str:
    return f"<option value='{_text(value)}'>{_text(words)}</option>"


def _button(decision: str, words: str) -> str:
    return f"<button class='main' name='decision' value='{decision}'>{words}</button>"


def _page(title: str, content: str, status: int, *, target: str = "") -> Page:
    """A page that may send its form here and, by way of an answer, to the app, and do nothing else."""
    body = (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'><meta name='robots' content='noindex'>"
        f"<title>{_text(title)}</title><style>{_STYLE}</style></head><body><main>{content}</main></body></html>"
    )
    parts = urlsplit(target)
    # A browser checks where an answer to a form leads too, and knows no IPv6 addresses in this place.
    beyond = "" if not target else f" {parts.scheme}:" if "[" in parts.netloc else f" {parts.scheme}://{parts.netloc}"
    policy = (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'{beyond}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    headers = (
        (b"cache-control", b"no-store"),
        (b"content-security-policy", policy.encode("ascii")),
        (b"referrer-policy", b"no-referrer"),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
    )
    return Page("text/html; charset=utf-8", body.encode(), status, headers)


def _text(text: str) -> str:
    return html.escape(text)
