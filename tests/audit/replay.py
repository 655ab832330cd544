"""Builds a database again from nothing but the feed of its changes."""

from __future__ import annotations

from typing import Any

from groundlevel.audit.model import ChangeView
from groundlevel.audit.rules import ChangesPage, ChangesQuery, changes_since
from tests.world import World


class Replica:
    """What whoever follows the feed knows: records by object and id, and relations by id."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], dict[str, Any]] = {}
        self.relations: dict[str, dict[str, Any]] = {}
        self.numbers: list[int] = []
        """The numbers of the changes seen, in the order in which they came."""

    def apply(self, change: ChangeView) -> None:
        """Applies one change, and fails where it does not fit what is known."""
        row = change.row
        self.numbers.append(row.number)
        if row.kind == "relation":
            self._apply_to(self.relations, row.subject, change)
        elif row.kind == "record":
            self._apply_to(self.records, (row.object_key, row.subject), change)

    def _apply_to(self, known: dict[Any, dict[str, Any]], key: Any, change: ChangeView) -> None:
        match change.row.operation:
            case "create" | "restore":
                assert key not in known
                assert change.after is not None
                known[key] = dict(change.after)
            case "delete":
                assert known.pop(key) == change.before
            case "update":
                assert change.before is not None
                assert change.after is not None
                state = known[key]
                for name, before in change.before.items():
                    if name == "properties":
                        properties = dict(state["properties"])
                        for each, value in before.items():
                            assert properties.pop(each, None) == value
                        properties |= {
                            each: value for each, value in change.after["properties"].items() if value is not None
                        }
                        state["properties"] = properties
                    else:
                        assert tuple(state[name]) == tuple(before)
                        state[name] = change.after[name]

    def apply_page(self, page: ChangesPage) -> None:
        """Applies the changes of a page in order."""
        for change in page.changes:
            self.apply(change)


async def read_all(world: World, replica: Replica, since: int | None = None) -> int:
    """Follows the feed to its end; the cursor behind it."""
    while True:
        page = await world.do(changes_since, ChangesQuery(since, limit=37))
        replica.apply_page(page)
        if page.complete:
            return page.next
        since = page.next
