"""The events about opportunities (docs/contract.md#webhook-events)."""

from __future__ import annotations

from collections.abc import Sequence

from groundlevel.crm.members import camel, shown_members
from groundlevel.crm.opportunities.members import MEMBERS
from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.events import EventKind, declare_event, is_subscribed, make_event
from groundlevel.kernel.ids import to_short_id
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.timestamps import iso
from groundlevel.records.rules import RecordView

_SAMPLE = {
    "locationId": "ve9EPM428h8vShlRW1KT",
    "id": "wWhVuzqpRuOA1ZVWi4FC",
    "assignedTo": "bNl8QNGXhIQJLv8eeASQ",
    "contactId": "cJAWDskpkJHbRbhAT7bs",
    "monetaryValue": 40,
    "name": "First deal",
    "pipelineId": "VDm7RPYC2GLUvdpKmBfC",
    "pipelineStageId": "e93ba61a-53b3-45e7-985a-c7732dbcdb69",
    "source": "fair",
    "status": "open",
    "dateAdded": "2021-11-26T12:41:02.193Z",
}


def _declare(event_type: str, doc: str) -> EventKind:
    return declare_event(event_type, scope="opportunities.readonly", doc=doc, sample=_SAMPLE)


OPPORTUNITY_CREATE = _declare("OpportunityCreate", "An opportunity is new.")
OPPORTUNITY_UPDATE = _declare("OpportunityUpdate", "An opportunity has changed; it is sent whole.")
OPPORTUNITY_DELETE = _declare("OpportunityDelete", "An opportunity was deleted.")
_OF_PROPERTIES = {
    "status": _declare("OpportunityStatusUpdate", "An opportunity stands otherwise than before."),
    "pipeline_stage_id": _declare("OpportunityStageUpdate", "An opportunity is at another stage."),
    "monetary_value": _declare("OpportunityMonetaryValueUpdate", "An opportunity is worth more or less than before."),
    "assigned_to": _declare("OpportunityAssignedToUpdate", "An opportunity is assigned to another user, or to none."),
}
"""The event of a change of one property, which is emitted beside OpportunityUpdate."""

_NAMES = (
    "assigned_to",
    "contact_id",
    "monetary_value",
    "name",
    "pipeline_id",
    "pipeline_stage_id",
    "source",
    "status",
)
"""The members of an opportunity that a payload has, in the order of the documents."""


async def emit_opportunity_created(tx: Transaction, view: RecordView) -> None:
    """Emits the event of a new opportunity."""
    await _emit(tx, view, (OPPORTUNITY_CREATE,))


async def emit_opportunity_changes(tx: Transaction, before: RecordView, after: RecordView) -> None:
    """Emits the events of a changed opportunity, given as it was and as it is."""
    old, new = decode_object(before.record.properties), decode_object(after.record.properties)
    kinds = [kind for key, kind in _OF_PROPERTIES.items() if old.get(key) != new.get(key)]
    await _emit(tx, after, (OPPORTUNITY_UPDATE, *kinds))


async def emit_opportunity_deleted(tx: Transaction, view: RecordView) -> None:
    """Emits the event of an opportunity that is deleted, with what it held."""
    await _emit(tx, view, (OPPORTUNITY_DELETE,))


async def _emit(tx: Transaction, view: RecordView, kinds: Sequence[EventKind]) -> None:
    """Emits events with the payload that all of them have; what was never set is absent."""
    wanted = [kind for kind in kinds if await is_subscribed(tx, kind)]
    if not wanted:
        return
    shown_id, stored = to_short_id(view.record.id), view.schema.visible(decode_object(view.record.properties))
    shown = shown_members(stored, MEMBERS)
    payload = {
        "locationId": tx.location.id,
        "id": shown_id,
        **{camel(name): shown[name] for name in _NAMES if name in shown},
        "dateAdded": iso(view.record.created_at),
    }
    for kind in wanted:
        tx.emit(make_event(tx, kind, shown_id, payload))
