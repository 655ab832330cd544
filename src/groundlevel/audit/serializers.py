"""Turns changes into the bodies of replies."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET

from groundlevel.audit.model import AuditRow, ChangeView
from groundlevel.audit.schemas import ActorBody, ChangeBody, ChangeListReply
from groundlevel.kernel.changes import Author
from groundlevel.kernel.timestamps import iso
from groundlevel.records.changes import RECORD
from groundlevel.standard.ids import public_id


def change_body(view: ChangeView) -> ChangeBody:
    """The wire form of a change."""
    row = view.row
    return ChangeBody(
        str(row.number),
        iso(row.at),
        row.operation,
        row.kind,
        row.object_key or None,
        shown_id(row),
        row.version or None,
        actor_body(row.author),
        row.author.trace_id or None,
        list(view.changed),
        None if view.before is None else dict(view.before),
        None if view.after is None else dict(view.after),
        UNSET if view.restored is None else view.restored,
    )


def change_list_reply(found: Sequence[ChangeView], limit: int, trace_id: str) -> ChangeListReply:
    """A page of changes, the newest first, of which there may be as many as the limit says."""
    following = str(found[-1].row.number) if len(found) == limit else None
    return ChangeListReply([change_body(each) for each in found], following, trace_id)


def shown_id(row: AuditRow) -> str:
    """The id of what has changed, as the world knows it."""
    return public_id(row.object_key, row.subject) if row.kind == RECORD else row.subject


def actor_body(author: Author) -> ActorBody:
    """The wire form of an author."""
    return ActorBody(author.kind, author.id, author.source)
