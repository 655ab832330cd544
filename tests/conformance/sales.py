"""The operations on businesses, contacts, opportunities and pipelines, for the checks that hold for every operation."""

from __future__ import annotations

from typing import Any

from tests.conformance import notes, record_notes, tasks
from tests.conformance.businesses import business
from tests.conformance.contacts import contact
from tests.conformance.opportunities import PIPELINES, deal, lost_reason

GIVEN = (
    business(name="Acme"),
    PIPELINES,
    contact(name="Ann"),
    deal(),
    lost_reason("Price"),
    *notes.GIVEN,
    *record_notes.GIVEN,
    *tasks.GIVEN,
)
"""What the requests below need."""

_HERE = {"locationId": "{location}"}
_PERSON = {**_HERE, "email": "bob@example.com"}
_DEAL = {"pipelineId": "{pipeline}", "contactId": "{contact}", "name": "Other", "status": "open"}

OPERATIONS: tuple[tuple[str, str, str, Any], ...] = (
    ("B1", "POST", "/businesses/", {**_HERE, "name": "Other"}),
    ("B2", "PUT", "/businesses/{business}", {"city": "Delhi"}),
    ("B3", "GET", "/businesses/{business}", None),
    ("B4", "GET", "/businesses/?locationId={location}", None),
    ("C1", "POST", "/contacts/", _PERSON),
    ("C2", "POST", "/contacts/upsert", _PERSON),
    ("C3", "GET", "/contacts/{contact}", None),
    ("C4", "PUT", "/contacts/{contact}", {"city": "Delhi"}),
    ("C5", "GET", "/contacts/?locationId={location}", None),
    ("C6", "POST", "/contacts/search", {**_HERE, "pageLimit": 5}),
    ("C7", "POST", "/contacts/bulk/business", {**_HERE, "ids": ["{contact}"], "businessId": "{business}"}),
    ("C8", "GET", "/contacts/business/{business}?locationId={location}", None),
    ("C9", "POST", "/contacts/{contact}/tags", {"tags": ["vip"]}),
    ("C10", "DELETE", "/contacts/{contact}/tags", {"tags": ["vip"]}),
    ("C12", "POST", "/contacts/{contact}/followers", {"followers": ["y0BeYjuRIlDwsDcOHOJo"]}),
    ("C13", "DELETE", "/contacts/{contact}/followers", {"followers": ["y0BeYjuRIlDwsDcOHOJo"]}),
    ("C14", "GET", "/contacts/search/duplicate?locationId={location}&email=a@example.com", None),
    ("C15", "POST", "/contacts/bulk/tags/update/add", {**_HERE, "contacts": ["{contact}"], "tags": ["vip"]}),
    ("C16", "GET", "/contacts/{contact}/appointments", None),
    ("C17", "POST", "/contacts/{contact}/campaigns/Y2I9XM7aO1hncuSOlc9L", None),
    ("C18", "DELETE", "/contacts/{contact}/campaigns/Y2I9XM7aO1hncuSOlc9L", None),
    ("C19", "DELETE", "/contacts/{contact}/campaigns/removeAll", None),
    ("C19v3", "DELETE", "/contacts/{contact}/campaigns/remove-all", None),
    ("C20", "POST", "/contacts/{contact}/workflow/sx6wyHhbFdRXh302LLNR", {}),
    ("C21", "DELETE", "/contacts/{contact}/workflow/sx6wyHhbFdRXh302LLNR", None),
    *notes.OPERATIONS,
    *record_notes.OPERATIONS,
    *tasks.OPERATIONS,
    ("P1", "POST", "/x/pipelines", {**_HERE, "name": "Other", "stages": ["Begin"]}),
    ("P2", "GET", "/opportunities/pipelines?locationId={location}", None),
    ("P3", "POST", "/opportunities/", {**_HERE, **_DEAL}),
    ("P4", "GET", "/opportunities/{deal}", None),
    ("P5", "PUT", "/opportunities/{deal}", {"name": "Renamed"}),
    ("P6", "PUT", "/opportunities/{deal}/status", {"status": "won"}),
    ("P7", "POST", "/opportunities/search", {**_HERE, "limit": 5}),
    ("P8", "GET", "/opportunities/search?locationId={location}", None),
    ("P10", "POST", "/opportunities/upsert", {**_HERE, "pipelineId": "{pipeline}", "contactId": "{contact}"}),
    ("P11", "POST", "/opportunities/{deal}/followers", {"followers": ["sx6wyHhbFdRXh302LLNR"]}),
    ("P12", "DELETE", "/opportunities/{deal}/followers", {"followers": ["sx6wyHhbFdRXh302LLNR"]}),
    ("P13", "GET", "/opportunities/lost-reason?locationId={location}", None),
    ("P14", "POST", "/x/lost-reasons", {**_HERE, "name": "Other"}),
    ("P15", "DELETE", "/x/lost-reasons/{reason}?locationId={location}", None),
    ("P9", "DELETE", "/opportunities/{deal}", None),
    ("C11", "DELETE", "/contacts/{contact}", None),
    ("B5", "DELETE", "/businesses/{business}", None),
)
"""Every one of them with a request that would succeed in the order given."""

FOUND_BY_ID = frozenset(
    (
        "B2", "B3", "B5", "C3", "C4", "C9", "C10", "C11", "C12", "C13", "C16", "C17", "C18", "C19", "C19v3",
        "C20", "C21", "P4", "P5", "P6", "P9", "P11", "P12", *notes.FOUND_BY_ID, *tasks.FOUND_BY_ID,
    )
)  # fmt: skip
"""Those that find nothing in another location instead of being refused it."""
ANSWERED_200 = frozenset(("C2", "C6", "C7", "C20", "L14", "NR5", "P7", "P10", "T6"))
"""Those that are posted and answered 200, as documented."""
