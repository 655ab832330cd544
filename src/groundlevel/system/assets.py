"""The scripts and styles that pages load from this server, each under a path that changes with its content.

`static/swagger-ui` is from the npm package swagger-ui-dist, as it was published: SHA256SUMS there is tested.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources

from groundlevel.kernel.errors import RouteNotFound
from groundlevel.kernel.http.routing import Page

PREFIX = "/docs/assets/"
_FILES = {
    "docs.css": "docs.css",
    "reference.css": "reference.css",
    "reference.js": "reference.js",
    "swagger-ui-bundle.js": "swagger-ui/swagger-ui-bundle.js",
    "swagger-ui.css": "swagger-ui/swagger-ui.css",
}
"""What is served, by the name that templates give it."""
_MEDIA_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}
_FOREVER = b"public, max-age=31536000, immutable"
_SHOWN = 16
"""Digits of the hash in a path."""


def asset_path(name: str) -> str:
    """Where a file is served: its name with the hash of its content."""
    stem, _, suffix = name.rpartition(".")
    return f"{PREFIX}{stem}.{_load_file(name)[1][:_SHOWN]}.{suffix}"


def asset_page(name: str, if_none_match: str) -> Page:
    """The file that is served under a name, or 304 for a client that has it. Raises RouteNotFound."""
    plain = _serve_file().get(PREFIX + name)
    if plain is None:
        raise RouteNotFound("GET", PREFIX + name)
    content, digest = _load_file(plain)
    media_type = _MEDIA_TYPES[plain.rpartition(".")[2]]
    return unless_known(Page(media_type, content), digest, if_none_match, cache_control=_FOREVER)


def unless_known(page: Page, digest: str, if_none_match: str, *, cache_control: bytes = b"no-cache") -> Page:
    """The page with its ETag; 304 without content if that header has it already."""
    tag = f'"{digest[:_SHOWN]}"'
    headers = (
        *page.headers,
        (b"etag", tag.encode()),
        (b"cache-control", cache_control),
        (b"x-content-type-options", b"nosniff"),
    )
    names = {each.strip().removeprefix("W/") for each in if_none_match.split(",")}
    if tag in names or "*" in names:
        return Page(page.media_type, b"", 304, headers)
    return Page(page.media_type, page.content, page.status, headers)


@cache
def _serve_file() -> dict[str, str]:
    """The files by the paths at which they are served."""
    return {asset_path(name): name for name in _FILES}


@cache
def _load_file(name: str) -> tuple[bytes, str]:
    """A file's content and its SHA-256."""
    content = (resources.files(__package__) / "static" / _FILES[name]).read_bytes()
    return content, hashlib.sha256(content).hexdigest()
