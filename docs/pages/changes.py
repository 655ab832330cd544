"""The page of changes: what is logged, what is kept of it, and who makes changes, from their tables."""

from __future__ import annotations

from groundlevel.kernel.changes import AUTHORS, OPERATIONS, declared_kinds
from pages.markdown import code, table
from pages.markdown import page as whole

ABOUT = """Every change is logged in the transaction that makes it. The log is shown as the
[feed](operations.md) of changes, as the history of a record, as the bin and as the audit;
[how to use them](../how-to/history.md) has a walk-through. Changes of a location are numbered in the order in which
they became durable, without gaps; the number is the cursor behind a change."""
STATES = """`op` is what happened: {operations}. Of an update, `before` and `after` have what is different, null for no
value, and `changed` has its names. A creation and a return have the whole state as `after`, a deletion has it as
`before`. The state of a record is `properties`, `owners` and `followers`. What a record was when it was created is
worked out from what it is and from its later changes; where one of them was not logged, `after` is null."""
KEPT = """Changes are kept for [`audit_days`](settings.md#audit_days) days, and at most
[`audit_max_rows`](settings.md#audit_max_rows) of each location; the last one always stays. Deleted records can be
brought back for [`bin_days`](settings.md#bin_days) days. Passwords, tokens and secrets are not in the log, and of the
URL of a webhook the query is not. The values of records are, also of deleted ones, unless their
field is sensitive: then the log says that a value changed, and shows null for it. `groundlevel/audit.readonly` is a
scope for those who may read everything."""


def page() -> str:
    """The page."""
    operations = ", ".join(code(each) for each in OPERATIONS)
    parts = [
        " ".join(ABOUT.split()),
        " ".join(STATES.split()).format(operations=operations),
        "## Kinds",
        table(("`kind`", "is"), [(code(name), doc) for name, doc in declared_kinds().items()]),
        "## Actors",
        table(("`actor.kind`", "is"), [(code(name), doc) for name, doc in AUTHORS.items()]),
        "`source` is what records show as `createdBy.source`, and `traceId` is the request's, null without one.",
        "## What is kept",
        " ".join(KEPT.split()),
    ]
    return whole("Changes", *parts)
