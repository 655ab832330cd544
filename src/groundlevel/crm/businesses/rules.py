"""Businesses: the records of the standard object `business` (docs/contract.md#standard-records, #sales-operations)."""

from __future__ import annotations

import msgspec

from groundlevel.crm.phones import international_phone
from groundlevel.crm.standard_object import StandardObject, as_records
from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, writing
from groundlevel.records import rules as records
from groundlevel.records.rules import NewRecord, RecordChange, RecordView
from groundlevel.standard.objects import BUSINESS

BUSINESSES = StandardObject(BUSINESS, show=as_records, names=None)
"""They are found by the names of the records' own grammar."""


@writing
async def create_business(tx: Transaction, call: Call, request: NewRecord) -> RecordView:
    """A new business, whose phone may be a national number. Raises what `create_record` raises."""
    schema = await BUSINESSES.schema(tx)
    properties = international_phone(schema, request.properties, {}, call.location)
    return await records.create_record(tx, call, msgspec.structs.replace(request, properties=properties))


@writing
async def update_business(tx: Transaction, call: Call, request: RecordChange) -> RecordView:
    """A change of a business. Raises what `update_record` raises."""
    view = await BUSINESSES.lock(tx, call, request.id)
    stored = decode_object(view.record.properties)
    properties = international_phone(view.schema, request.properties, stored, call.location)
    return await records.update_record(tx, call, msgspec.structs.replace(request, properties=properties))
