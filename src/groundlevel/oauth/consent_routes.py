"""The consent page, to which an app sends people to authorize it, and its form (RFC 6749, 4.1).

There are no logins here. A person who decides enters a private integration token, which must reach the target and hold
every scope that the app would get, or a one-time code that `groundlevel app ticket` prints. Before that, no location is
shown: neither the Host header nor the peer's address says who is behind a proxy (decision 0036).
"""

from __future__ import annotations

import asyncio
from urllib.parse import urlencode, urlsplit, urlunsplit

from msgspec import UNSET

from groundlevel.kernel.errors import LocationForbidden, Refusal, ScopeMissing, TokenInvalid
from groundlevel.kernel.http.bodies import Body, Text
from groundlevel.kernel.http.refusals import status_of
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Admission, Page, Parameter, Placement, Route
from groundlevel.oauth import consent_rules as consent
from groundlevel.oauth.app_rules import TargetQuery
from groundlevel.oauth.consent_page import Form, consent_page, problem_page
from groundlevel.oauth.consent_rules import Authority, AuthorizationReading, AuthorizationRequest
from groundlevel.oauth.errors import InvalidClient, InvalidRedirect

TAG = "OAuth"
_OWN_SITES = ("none", "same-origin")
"""What browsers say of a form that is ours, or of an address that was typed."""


class ConsentBody(Body, kw_only=True):
    """The form of the consent page: what the app has sent, and what was decided."""

    client_id: Text = UNSET
    redirect_uri: Text = UNSET
    response_type: Text = UNSET
    scope: Text = UNSET
    state: Text = UNSET
    code_challenge: Text = UNSET
    code_challenge_method: Text = UNSET
    target: Text = UNSET
    """`location:` or `company:` and the id."""
    token: Text = UNSET
    """A private integration token or a one-time code."""
    decision: Text = UNSET
    """approve or cancel; anything else shows the page again."""


async def show_consent(request: Request) -> Page:
    """The page, or the way back for a request that cannot be granted."""
    try:
        asked = await consent.read_authorization_request(request.context.storage, _authorization_request(request.query))
    except (InvalidClient, InvalidRedirect) as refusal:
        return await asyncio.to_thread(problem_page, refusal.message, refusal.advice)
    if asked.fault is not None:
        return _declined_page(asked)
    return await asyncio.to_thread(consent_page, asked, Form(request.endpoint.route.path, None))


async def decide(request: Request) -> Page:
    """The way back with a code or a refusal; the page again while something is missing."""
    body: ConsentBody = request.body
    members = {name: getattr(body, name) or "" for name in body.__struct_fields__}
    try:
        asked = await consent.read_authorization_request(request.context.storage, _authorization_request(members))
    except (InvalidClient, InvalidRedirect) as refusal:
        return await asyncio.to_thread(problem_page, refusal.message, refusal.advice)
    if not _is_own_form(request):
        advice = "Open the app's link again and decide on this page."
        return await asyncio.to_thread(problem_page, "This form was sent by another site", advice)
    if asked.fault is not None:
        return _declined_page(asked)
    if body.decision == "cancel":
        return _redirect(asked, {"error": "access_denied", "error_description": "The user did not authorize the app"})
    authority: Authority | None = None
    problem: Refusal | None = None
    try:
        authority = await consent.authorize(request.context.storage, members["token"], asked.scopes)
        if body.decision == "approve" and (where := _target(members["target"])):
            code = await consent.approve(request.context.storage, asked, authority, where)
            return _redirect(asked, {"code": code})
    except TokenInvalid as refusal:
        authority, problem = None, refusal
    except (ScopeMissing, LocationForbidden) as refusal:
        problem = refusal
    offers = None if authority is None else authority.offers
    form = Form(request.endpoint.route.path, offers, members["token"], problem.message if problem else "")
    status = status_of(type(problem))[0] if problem else 200
    return await asyncio.to_thread(consent_page, asked, form, status=status)


def _authorization_request(members: dict[str, str]) -> AuthorizationRequest:
    names = AuthorizationRequest.__struct_fields__
    return AuthorizationRequest(**{name: members[name] for name in names if members.get(name)})


def _target(text: str) -> TargetQuery | None:
    kind, _, target_id = text.partition(":")
    if kind == "location" and target_id:
        return TargetQuery(location_id=target_id)
    return TargetQuery(company_id=target_id) if kind == "company" and target_id else None


def _is_own_form(request: Request) -> bool:
    """Whether the form is that of our own page, or was sent by a program that is no browser.

    What Sec-Fetch-Site says no page can forge. Browsers leave it out over plain HTTP; then the Origin has to be ours.
    """
    if site := request.site:
        return site in _OWN_SITES
    origin = request.headers.get(b"origin", b"").decode("latin-1")
    return not origin or origin.partition("://")[2].lower() == request.host.lower()


def _declined_page(asked: AuthorizationReading) -> Page:
    assert asked.fault is not None  # the caller has looked
    return _redirect(asked, {"error": asked.fault[0], "error_description": asked.fault[1]})


def _redirect(asked: AuthorizationReading, members: dict[str, str]) -> Page:
    """Sends the browser back to the app with an answer."""
    parts = urlsplit(asked.redirect_uri)
    answer = urlencode(members | ({"state": asked.state} if asked.state else {}))
    target = urlunsplit(parts._replace(query=f"{parts.query}&{answer}" if parts.query else answer))
    headers = (
        (b"location", target.encode("ascii")),
        (b"cache-control", b"no-store"),
        (b"referrer-policy", b"no-referrer"),
    )
    return Page("text/html; charset=utf-8", b"", 302, headers)


_QUERY = (
    Parameter("client_id", "The client id of the app.", required=True),
    Parameter("response_type", "code", required=True),
    Parameter("redirect_uri", "One of the app's; may be left out when it has only one."),
    Parameter("scope", "Scopes separated by spaces; all of the app's if left out."),
    Parameter("state", "Sent back unchanged."),
    Parameter("code_challenge", "The challenge of a code verifier (RFC 7636)."),
    Parameter("code_challenge_method", "S256, or plain."),
    Parameter("loginWindowOpenMode", "Accepted and ignored."),
)
_DOC = (
    "An unknown app or redirect URI is answered by a page that leads nowhere; whatever else is wrong, and the user's "
    "no, is returned to the app as `error`, as RFC 6749 says."
)
_PATHS = (("/oauth/chooselocation", ""), ("/v2/oauth/chooselocation", "-v2"))

ROUTES = tuple(
    route
    for path, suffix in _PATHS
    for route in (
        Route(
            method="GET",
            path=path,
            operation_id=f"show-consent{suffix}",
            tag=TAG,
            summary="The page on which a user authorizes an app",
            handler=show_consent,
            placement=Placement.NOWHERE,
            admission=Admission.OPEN,
            query=_QUERY,
            media_type="text/html",
            pages=(302, 400),
            doc=_DOC,
        ),
        Route(
            method="POST",
            path=path,
            operation_id=f"decide-consent{suffix}",
            tag=TAG,
            summary="What the consent page's form sends",
            handler=decide,
            placement=Placement.NOWHERE,
            admission=Admission.OPEN,
            status=302,
            body=ConsentBody,
            media_type="text/html",
            pages=(200, 400, 401, 403),
            form=True,
            doc="Sends the browser to the app with `code` or `error`, or shows the page while something is missing.",
        ),
    )
)
