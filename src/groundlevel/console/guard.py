"""Decides which requests the console answers: under which names, from which pages, and whose."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from groundlevel.console.errors import ConsoleHostForbidden, ForeignPage
from groundlevel.console.model import Session
from groundlevel.console.rules import find_session
from groundlevel.kernel.errors import RouteNotFound
from groundlevel.kernel.http.hosts import is_address, is_loopback, name_in
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.settings import Settings

PATH = "/console"
_HEADER = b"x-groundlevel-console"
_MAX_AGE = 7 * 86_400


def check_host(request: Request) -> None:
    """Raises RouteNotFound where there is no console, ConsoleHostForbidden under a name that may be anybody's."""
    settings = request.context.settings
    if settings.console == "off":
        raise RouteNotFound(request.scope["method"], PATH, hint="Start the server with --console loopback or password.")
    if not _is_own_name(settings, name_in(request.host)):
        raise ConsoleHostForbidden


def check_page(request: Request) -> None:
    """What `check_host` raises, and ForeignPage for what no page of the console has sent.

    What Sec-Fetch-Site says no page can forge; browsers leave it out over plain HTTP to other machines, and then the
    Origin has to be ours. The header of our own makes a browser ask before it sends anything for another origin.
    """
    check_host(request)
    site, origin = request.site, request.headers.get(b"origin", b"").decode("latin-1")
    if not request.headers.get(_HEADER) or (site and site != "same-origin"):
        raise ForeignPage
    if origin and origin.partition("://")[2].lower() != request.host.lower():
        raise ForeignPage


async def session_of(request: Request) -> Session:
    """Who sends this from a page of the console. Raises also ConsoleSignedOut."""
    check_page(request)
    return await find_session(request.context.storage, _cookie_of(request))


def session_cookie(request: Request, secret: str) -> tuple[bytes, bytes]:
    """The header that gives a browser its cookie; with an empty secret, that takes it away."""
    secure = "; Secure" if _is_secure(request) else ""
    age = _MAX_AGE if secret else 0
    text = f"{_cookie_name(request)}={secret}; Path={PATH}; Max-Age={age}; HttpOnly; SameSite=Strict{secure}"
    return b"set-cookie", text.encode("ascii")


def _cookie_of(request: Request) -> str:
    try:
        cookies = SimpleCookie(request.headers.get(b"cookie", b"").decode("latin-1"))
    except CookieError:
        return ""
    found = cookies.get(_cookie_name(request))
    return "" if found is None else found.value


def _cookie_name(request: Request) -> str:
    # A browser takes a __Secure- cookie from nobody who could not have set it over TLS. __Host- would go to every path.
    return "__Secure-groundlevel" if _is_secure(request) else "groundlevel"


def _is_secure(request: Request) -> bool:
    return request.address.startswith("https://")


def _is_own_name(settings: Settings, name: str) -> bool:
    if is_loopback(name):
        return True
    if settings.console == "loopback":
        return False
    public = urlsplit(settings.public_url or "").hostname
    return is_address(name) or name in (public, settings.host.lower())
