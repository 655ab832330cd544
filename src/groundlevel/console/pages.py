"""The page of the console and what it loads: files of the package under paths that change with their content."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from functools import cache
from importlib import resources

import msgspec
from msgspec import Struct

from groundlevel.kernel.errors import RouteNotFound
from groundlevel.kernel.http.rendering import render
from groundlevel.kernel.http.routing import Page
from groundlevel.system.assets import unless_known

ASSETS = "/console/assets/"
_LIBRARIES = {"preact": "preact.js", "preact/hooks": "hooks.js", "htm": "htm.js"}
"""The names under which our scripts import what is in `static/vendor`."""
_MEDIA_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml; charset=utf-8",
}
_IMPORT = re.compile(r'^import .* from "\./([\w-]+\.js)"', re.MULTILINE)
_SHOWN = 16
_HERE = "IMPORT-MAP"
"""Stands in the template for the import map, which is JSON of our own and not to be escaped."""


class _Bundle(Struct, frozen=True):
    """Every file of the console by its name, and the hash of all of them together."""

    build: str
    files: dict[str, tuple[bytes, bytes]]
    """Plain and compressed."""


def console_page(if_none_match: str) -> Page:
    """The one page of the console, whose policy lets in nothing that is not from this server."""
    build = _load().build
    base = f"{ASSETS}{build}/"
    import_map = msgspec.json.encode({"imports": {name: base + file for name, file in _LIBRARIES.items()}}).decode()
    digest = base64.b64encode(hashlib.sha256(import_map.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; script-src 'self' 'sha256-{digest}'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    headers = (
        (b"content-security-policy", policy.encode("ascii")),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-opener-policy", b"same-origin"),
    )
    content = render(__package__, "console.html", base=base, import_map=_HERE, modules=_modules())
    content = content.replace(_HERE.encode(), import_map.encode())
    tag = hashlib.sha256(content).hexdigest()
    return unless_known(Page("text/html; charset=utf-8", content, headers=headers), tag, if_none_match)


def asset_page(build: str, name: str, *, compressed: bool) -> Page:
    """A file that the page loads, for a client that takes it compressed or not. Raises RouteNotFound."""
    bundle = _load()
    media_type = _MEDIA_TYPES.get(name.rpartition(".")[2])
    if build != bundle.build or name not in bundle.files or media_type is None:
        raise RouteNotFound("GET", f"{ASSETS}{build}/{name}", hint="Load the page again: the server has another build.")
    plain, small = bundle.files[name]
    headers = (
        (b"cache-control", b"public, max-age=31536000, immutable"),
        (b"vary", b"accept-encoding"),
        (b"x-content-type-options", b"nosniff"),
    )
    if compressed:
        return Page(media_type, small, headers=(*headers, (b"content-encoding", b"gzip")))
    return Page(media_type, plain, headers=headers)


def _modules() -> list[str]:
    """The scripts that every visit needs, so that a browser need not find them one by one: the libraries, `app.js` and
    what it imports. Those of single screens are fetched when these are shown."""
    files = _load().files
    found = ["app.js"]
    for name in found:
        found += [each for each in _IMPORT.findall(files[name][0].decode()) if each not in found]
    return sorted([*found, *_LIBRARIES.values()])


@cache
def _load() -> _Bundle:
    folder = resources.files(__package__) / "static"
    plain = {
        file.name: file.read_bytes()
        for place in (folder, folder / "vendor")
        for file in place.iterdir()
        if file.name.rpartition(".")[2] in _MEDIA_TYPES
    }
    whole = hashlib.sha256()
    for name, content in sorted(plain.items()):
        whole.update(f"{name} {len(content)}\n".encode() + content)
    files = {name: (content, gzip.compress(content, 9, mtime=0)) for name, content in plain.items()}
    return _Bundle(whole.hexdigest()[:_SHOWN], files)
