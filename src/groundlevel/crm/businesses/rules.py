"""Businesses: the records of the standard object `business` (docs/contract.md#standard-records, #sales-operations)."""

from __future__ import annotations

from groundlevel.crm.standard_object import StandardObject, as_records
from groundlevel.standard.objects import BUSINESS

BUSINESSES = StandardObject(BUSINESS, show=as_records, names=None)
"""They are written by the use cases of records, and found by the names of the records' own grammar."""
