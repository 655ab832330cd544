"""One unit of work over one location: everything in it becomes durable together, or nothing does."""

from __future__ import annotations

from groundlevel.storage.access import AccessMethods
from groundlevel.storage.inspection import InspectionMethods
from groundlevel.storage.objects import ObjectMethods
from groundlevel.storage.records import Claim, Entries, NewRow
from groundlevel.storage.search import SearchMethods


class Transaction(AccessMethods, ObjectMethods, SearchMethods, InspectionMethods):
    """What a use case is given. An engine adds what its own statements need."""


__all__ = ["Claim", "Entries", "NewRow", "Transaction"]
