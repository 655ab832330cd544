"""The consent page: without scripts, and without parts from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from urllib.parse import urlsplit

from msgspec import Struct

from groundlevel.kernel.http.rendering import render
from groundlevel.kernel.http.routing import Page
from groundlevel.kernel.scopes import declared_scopes, is_foreign_scope
from groundlevel.oauth.consent_rules import AuthorizationReading, Offer

_OWN_TOKENS = "Get tokens for single locations of the company"


class Form(Struct, frozen=True):
    """The state of the form."""

    path: str
    offers: list[Offer] | None
    """The locations and companies to choose from; None until a token was entered."""
    token: str = ""
    problem: str = ""


def consent_page(asked: AuthorizationReading, form: Form, *, status: int = 200) -> Page:
    """The question whether an app may be installed."""
    return _page(
        "consent.html",
        status,
        target=asked.redirect_uri,
        title=f"Authorize {asked.app.name}?",
        name=asked.app.name,
        host=urlsplit(asked.redirect_uri).netloc,
        permissions=permissions(asked.scopes),
        form=form,
        hidden_members=_hidden_members(asked),
    )


def problem_page(problem: str, advice: str) -> Page:
    """Says why the question cannot be asked. It links to nothing, since the address of the app cannot be trusted."""
    title = "This link does not work"
    return _page("consent_problem.html", 400, target="", title=title, problem=problem, advice=advice)


def permissions(scopes: tuple[str, ...]) -> list[str]:
    """What scopes allow, in words: seeing and changing the same things in one line; last, what opens nothing here."""
    known = declared_scopes()
    access: dict[tuple[str, str], set[str]] = {}
    foreign = [scope for scope in scopes if is_foreign_scope(scope)]
    for scope in (each for each in scopes if each not in foreign):
        area, _, kind = scope.rpartition(".")
        access.setdefault((area, known.get(scope, area)), set()).add(kind)
    lines = []
    for (area, words), kinds in access.items():
        if area == "oauth":
            lines += [f"See {words}"] if "readonly" in kinds else []
            lines += [_OWN_TOKENS] if "write" in kinds else []
        else:
            verbs = {frozenset(("readonly",)): "See", frozenset(("write",)): "Change and delete"}
            lines.append(f"{verbs.get(frozenset(kinds), 'See, change and delete')} {words}")
    if foreign:
        lines.append(f"Nothing by {', '.join(foreign)}, which this server does not have")
    return lines


def _hidden_members(asked: AuthorizationReading) -> dict[str, str]:
    """What the app has sent, for the form to send again. The challenge is S256 by now, whatever it was."""
    return {
        "client_id": asked.app.client_id,
        "redirect_uri": asked.redirect_uri,
        "response_type": "code",
        "scope": " ".join(asked.scopes),
        "state": asked.state,
        "code_challenge": asked.challenge or "",
        "code_challenge_method": "S256" if asked.challenge else "",
    }


def _page(template: str, status: int, *, target: str, **values: object) -> Page:
    """A page that may send its form here and, by way of an answer, to the app, and do nothing else."""
    parts = urlsplit(target)
    # A browser checks where an answer to a form leads too, and knows no IPv6 addresses here.
    beyond = "" if not target else f" {parts.scheme}:" if "[" in parts.netloc else f" {parts.scheme}://{parts.netloc}"
    policy = (
        f"default-src 'none'; style-src 'sha256-{_style_hash()}'; form-action 'self'{beyond}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    headers = (
        (b"cache-control", b"no-store"),
        (b"content-security-policy", policy.encode("ascii")),
        (b"referrer-policy", b"same-origin"),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
    )
    return Page("text/html; charset=utf-8", render(__package__, template, **values), status, headers)


@cache
def _style_hash() -> str:
    """The hash by which a browser knows the style in the page."""
    return base64.b64encode(hashlib.sha256(render(__package__, "consent.css")).digest()).decode()
