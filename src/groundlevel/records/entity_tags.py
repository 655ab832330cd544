"""The entity tags of records, and what conditional requests ask of them (RFC 9110, section 13)."""

from __future__ import annotations

import re
from functools import lru_cache
from zlib import crc32

from groundlevel.kernel.http.request import Request
from groundlevel.records.rules import RecordView

_TAG = re.compile(r'(?<![^\s,])"([0-9]{1,18})-[0-9a-f]{8}"(?=\s*(?:,|$))')


def record_tag(view: RecordView, *others: str) -> str:
    """The tag of a record as it is shown: its version, then what else its reply depends on.

    That is its object's schema and the relations shown with it, which change without a new version of the record, and
    what `others` name: who else is shown.
    """
    relations = tuple([related.relation_id for related in view.relations]) if view.relations else ()
    return f'"{view.record.version}-{_checksum(view.schema.object.version, (*relations, *others))}"'


@lru_cache(maxsize=1_024)
def _checksum(schema_version: int, shown: tuple[str, ...]) -> str:
    """Of the rest: kept, since most records that are read are of few objects and have no relations."""
    return f"{crc32(','.join((str(schema_version), *shown)).encode()):08x}"


def name_state(request: Request, view: RecordView, *others: str) -> None:
    """Has the reply to a request name the state of the record that it shows, by its `ETag`."""
    request.reply_headers = ((b"etag", record_tag(view, *others).encode()),)


def is_known(tag: str, if_none_match: str) -> bool:
    """Whether If-None-Match names the tag, weakly or not, or any."""
    names = {each.strip().removeprefix("W/") for each in if_none_match.split(",")}
    return tag in names or "*" in names


def matching_versions(if_match: str | None) -> frozenset[int] | None:
    """The versions that If-Match admits; None for any.

    Only the version of a tag counts: a new relation is not in the way of a change of the record. A weak tag, or one
    that is none of ours, admits nothing.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    return frozenset(int(version) for version in _TAG.findall(if_match))
