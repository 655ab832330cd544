"""Lists of files, kept as links; nothing is fetched (docs/contract.md#decision-35)."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from groundlevel.kernel.errors import InvalidUpdate
from groundlevel.kernel.fields.base import (
    Comparison,
    FieldType,
    check_filled_text,
    check_text,
    delta,
    not_saved_refusal,
    refuse,
    type_error,
    update_refusal,
)
from groundlevel.kernel.model import MAX_SAFE_INTEGER, DataType, Field, Json

MAX_URL = 4_096
"""Longest link, in characters."""
MAX_NAME = 255
"""Longest file name, in characters; a longer one read from a link is cut."""

_LINK = re.compile(r"https?://[^\x00-\x20\x7f]+", re.IGNORECASE)
_EXTENSION = re.compile(r".*\.([A-Za-z0-9]{1,10})", re.DOTALL)
_SEPARATOR = re.compile(r"[\s;]+")
_HINT = 'Send [{"url": "https://…"}].'


def _link(field: Field, value: Json) -> str:
    """`value` if it is an absolute http(s) address. Raises InvalidValue."""
    url = check_filled_text(field, value)
    try:
        parts = urlsplit(url)
        sound = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        sound = False
    if not sound or len(url) > MAX_URL or not _LINK.fullmatch(url):
        raise refuse(field, f"expected an http(s) url of at most {MAX_URL:,} characters", hint=_HINT)
    return url


def _extension(name: str) -> str:
    found = _EXTENSION.fullmatch(name)
    return found[1].lower() if found else ""


def _file(field: Field, value: Json) -> dict[str, Json]:
    """The stored form of one file, its extension read from the link, else from the name. Raises InvalidValue."""
    item = {"url": value} if isinstance(value, str) else value
    if not isinstance(item, dict):
        raise type_error(field, value, "an object with a url", hint=_HINT)
    if "url" not in item or not item.keys() <= {"url", "name", "meta"}:
        raise refuse(field, "a file has a url, and may have a name and meta", hint=_HINT)
    given = item.get("meta")
    given = {} if given is None else given
    if not isinstance(given, dict):
        raise type_error(field, given, "an object as meta", hint=_HINT)
    url = _link(field, item["url"])
    tail = "".join(c for c in unquote(urlsplit(url).path).rpartition("/")[2] if c.isprintable())
    names = [check_text(field, name) for name in (item.get("name"), given.get("name")) if name is not None]
    name = next(filter(None, names), tail[:MAX_NAME])
    if len(name) > MAX_NAME:
        raise refuse(field, f"a file name has at most {MAX_NAME} characters")
    meta: dict[str, Json] = {"name": name, "extension": _extension(tail) or _extension(name)}
    size = given.get("size")
    if size is not None:
        if isinstance(size, bool) or not isinstance(size, int) or not 0 <= size <= MAX_SAFE_INTEGER:
            raise refuse(field, "the size of a file is a whole number of bytes")
        meta["size"] = size
    _check_format(field, meta["extension"])
    return {"url": url, "meta": meta}


def _check_format(field: Field, extension: str) -> None:
    accepted = field.accepted_formats or "all"
    formats = {part.strip().lstrip(".").lower() for part in accepted.split(",")}
    if not formats & {"all", extension}:
        raise refuse(field, "the file is not of an accepted format", hint=f"Accepted formats: {accepted}")


def _join_stored(field: Field, files: list[dict[str, Json]], *, stored: int = 0) -> Json:
    """`files` without second mentions of a url; more than allowed are kept only if so many were `stored` before."""
    by_url: dict[str, Json] = {}
    for file in files:
        by_url.setdefault(file["url"], file)
    limit = field.max_file_limit
    if limit is not None and len(by_url) > max(limit, stored):
        raise refuse(field, f"at most {limit} files are allowed, got {len(by_url)}")
    return list(by_url.values()) or None


class FileUpload(FieldType):
    """Files as `{url, meta: {name, extension, size}}`; the size, in bytes, only when the client told it."""

    name = DataType.FILE_UPLOAD
    comparison = Comparison.FILES
    may_be_indexed = False
    may_be_searchable = False

    def normalise(self, field: Field, value: Json) -> Json:
        if not isinstance(value, list):
            raise type_error(field, value, "an array of files", hint=_HINT)
        return _join_stored(field, [_file(field, item) for item in value])

    def change(self, field: Field, stored: Json, value: Json, *, strict: bool) -> Json:
        """Takes a delta; without `strict` also a whole list, which replaces what is stored.

        See docs/contract.md#decision-7.
        """
        if not isinstance(value, dict):
            if strict:
                raise update_refusal(field)
            return self.normalise(field, value)
        added, removed = delta(field, value)
        if strict and any(not isinstance(item, dict) or "meta" in item for item in added + removed):
            raise InvalidUpdate(
                f"We couldn't process file updates for {field.name}.",
                hint='Send {"add": [{"url": "https://…"}], "remove": [{"url": "https://…"}]}.',
                field_key=field.full_key,
            )
        before = {file["url"]: file for file in stored or ()}
        gone = {self._url(field, item) for item in removed}
        if not gone <= before.keys():
            raise not_saved_refusal(field)
        kept = [file for url, file in before.items() if url not in gone]
        return _join_stored(field, kept + [_file(field, item) for item in added], stored=len(before))

    @staticmethod
    def _url(field: Field, item: Json) -> str:
        """The url by which a file is removed; the rest of the item does not matter."""
        if isinstance(item, dict) and "url" in item:
            return check_filled_text(field, item["url"])
        if isinstance(item, str):
            return check_filled_text(field, item)
        raise type_error(field, item, "an object with a url", hint=_HINT)

    def search_text(self, field: Field, stored: Json) -> str:
        return ", ".join(file["meta"]["name"] for file in stored)

    def from_cell(self, field: Field, cell: str) -> Json:
        """Addresses separated by blanks or `;`."""
        return [{"url": url} for url in _SEPARATOR.split(cell) if url]
