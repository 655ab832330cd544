"""Lost reasons: why opportunities were lost, as a location chooses from (docs/contract.md#sales-operations)."""

from __future__ import annotations

from msgspec import Struct

from groundlevel.crm.lost_reasons import store
from groundlevel.crm.lost_reasons.errors import LostReasonNotFound
from groundlevel.crm.lost_reasons.store import LostReason
from groundlevel.kernel.errors import SHOWN, LimitExceeded
from groundlevel.kernel.fields.fold import fold
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, reading, writing
from groundlevel.records.errors import UnknownReference

MAX_REASONS = 1_000
"""Most lost reasons of a location, deleted ones too: they are read whole."""


class LostReasonQuery(Struct, frozen=True):
    """Which lost reasons to list: a page of those with a name, with a text in it, and deleted or not."""

    skip: int
    limit: int
    name: str = ""
    """Empty for any; compared without regard to case and accents, as `text` is."""
    text: str = ""
    deleted: bool = False


@reading
async def list_lost_reasons(tx: Transaction, call: Call, request: LostReasonQuery) -> tuple[list[LostReason], int]:
    """A page of lost reasons, oldest first, and how many there are in all."""
    name, text = fold(request.name), fold(request.text)
    found = [
        reason
        for reason in await store.list_lost_reasons(tx)
        if reason.deleted is request.deleted and (not name or fold(reason.name) == name) and text in fold(reason.name)
    ]
    return found[request.skip : request.skip + request.limit], len(found)


@writing
async def create_lost_reason(tx: Transaction, call: Call, request: str) -> LostReason:
    """A further lost reason with this name; the platform itself has no published way to make one.

    A name that there is already, however it is spelled, is not made twice. Raises LimitExceeded.
    """
    reasons = await store.list_lost_reasons(tx)
    for reason in reasons:
        if not reason.deleted and fold(reason.name) == fold(request):
            return reason
    if len(reasons) >= MAX_REASONS:
        raise LimitExceeded(f"A location can have at most {MAX_REASONS} lost reasons, deleted ones included")
    # Later than the one before even within one millisecond, so that the list keeps their order.
    now = max(call.ids.now(), reasons[-1].created_at + 1 if reasons else 0)
    new = LostReason(call.ids.short_id(), request.strip(), deleted=False, created_at=now, updated_at=now)
    await store.insert_lost_reason(tx, new)
    return new


@writing
async def delete_lost_reason(tx: Transaction, call: Call, request: str) -> None:
    """Lets the lost reason with this id be chosen no longer. Raises LostReasonNotFound."""
    reason = await store.find_lost_reason(tx, request)
    if reason is None or reason.deleted:
        raise LostReasonNotFound(request)
    await store.mark_lost_reason_deleted(tx, reason, call.ids.now())


async def check_lost_reason(tx: Transaction, reason_id: str) -> None:
    """Raises UnknownReference unless the location can choose the lost reason."""
    reason = await store.find_lost_reason(tx, reason_id)
    if reason is None or reason.deleted:
        raise UnknownReference(f"lostReasonId: the location has no lost reason {reason_id[:SHOWN]}")
