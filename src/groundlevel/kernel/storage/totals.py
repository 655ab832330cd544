"""Remembers what searches have found: totals and pages until the object's next write, sizes while they may guide.

A total that costs is counted once for each version of an object, and a page that costs is sought once (decision 0060).
"""

from __future__ import annotations

import threading
import time
from typing import NamedTuple

from msgspec import Struct

from groundlevel.kernel.query.ast import Plan, Test, TextMatch
from groundlevel.kernel.storage.records import Tally

MOST_OBJECTS = 2_000
"""Objects of which totals are remembered; when there are more, all are dropped."""
MOST_SEARCHES = 500
"""Searches of one object that are remembered; likewise."""
MOST_PAGES = 2_000
"""Pages of all objects together that are remembered; likewise."""
LONGEST_PAGE = 100
"""Records of a page that is remembered."""
LONGEST, LONG = 100, 100
"""Values that a filter may name to be remembered, and characters of a text that count as one of them."""
SIZE_SECONDS = 30.0
"""How long a size may guide the choice of a way. What is found does not depend on it."""
SHARE_SECONDS = 600.0
"""How long it may guide that an object has most of all texts; likewise."""


class Stamp(NamedTuple):
    """A version of an object: as long as it is the same, so is what every search finds."""

    schema: int
    tally: Tally


_NEVER = Stamp(0, Tally(0, 0))


class FoundPage(NamedTuple):
    """What a search has found."""

    ids: tuple[str, ...]
    """Of its records."""
    total: int


Question = tuple[TextMatch | None, Test | None]
"""What is counted."""


class _Known(Struct):
    """What is known of one object."""

    stamp: Stamp
    totals: dict[Question, int]
    sizes: dict[Test | TextMatch, tuple[float, int]]
    prevails: tuple[float, bool] = (0.0, False)
    """Until when it may guide, and whether most texts of the database are those of this object."""


class Totals:
    """What one process has counted. Threads read and fill it."""

    def __init__(self) -> None:
        self._of: dict[tuple[int, int], _Known] = {}
        self._pages: dict[tuple[tuple[int, int], Plan], tuple[Stamp, FoundPage]] = {}
        self._lock = threading.Lock()

    def find(self, number: tuple[int, int], stamp: Stamp, plan: Plan) -> int | None:
        """The total of the plan at this version of the object with these numbers (of location and object), if known."""
        known = self._of.get(number)
        return None if known is None or known.stamp != stamp else known.totals.get((plan.text, plan.where))

    def keep(self, number: tuple[int, int], stamp: Stamp, plan: Plan, total: int) -> None:  # Parameters: as for `find`
        """Remembers a total."""
        with self._lock:
            known = self._known_at(number, stamp)
            if len(known.totals) >= MOST_SEARCHES:
                known.totals = {}
            known.totals[plan.text, plan.where] = total

    def has_total(self, number: tuple[int, int], plan: Plan) -> bool:
        """Whether `find` may know the total, at some version of the object."""
        known = self._of.get(number)
        return known is not None and (plan.text, plan.where) in known.totals

    def find_held(self, number: tuple[int, int]) -> int:
        """How many records the object held when a total or a page was remembered last; 0 where none was."""
        known = self._of.get(number)
        return 0 if known is None else known.stamp.tally.records

    def has_page(self, number: tuple[int, int], plan: Plan) -> bool:
        """Whether `find_page` may know the page, at some version of the object."""
        return (number, plan) in self._pages

    def find_page(self, number: tuple[int, int], stamp: Stamp, plan: Plan) -> FoundPage | None:
        """The plan's page at this version of the object, if known."""
        found = self._pages.get((number, plan))
        return found[1] if found is not None and found[0] == stamp else None

    def keep_page(  # Parameters: as for `find_page`
        self, number: tuple[int, int], stamp: Stamp, plan: Plan, page: FoundPage
    ) -> None:
        """Remembers a page, unless it is long."""
        if len(page.ids) > LONGEST_PAGE:
            return
        with self._lock:
            self._known_at(number, stamp)
            if len(self._pages) >= MOST_PAGES:
                self._pages.clear()
            self._pages[number, plan] = stamp, page

    def find_size(self, number: tuple[int, int], test: Test | TextMatch) -> int | None:
        """About how many records an index named for a test, if that was found lately."""
        known = self._of.get(number)
        found = None if known is None else known.sizes.get(test)
        return None if found is None or found[0] < time.monotonic() else found[1]

    def keep_size(self, number: tuple[int, int], test: Test | TextMatch, size: int) -> None:
        """Remembers a size."""
        with self._lock:
            known = self._known(number)
            if len(known.sizes) >= MOST_SEARCHES:
                known.sizes = {}
            known.sizes[test] = (time.monotonic() + SIZE_SECONDS, size)

    def find_prevalence(self, number: tuple[int, int]) -> bool | None:
        """Whether most texts of the database are those of this object, if that was found lately."""
        known = self._of.get(number)
        return None if known is None or known.prevails[0] < time.monotonic() else known.prevails[1]

    def keep_prevalence(self, number: tuple[int, int], *, prevails: bool) -> None:
        """Remembers it."""
        with self._lock:
            self._known(number).prevails = (time.monotonic() + SHARE_SECONDS, prevails)

    def _known(self, number: tuple[int, int]) -> _Known:
        known = self._of.get(number)
        if known is None:
            if len(self._of) >= MOST_OBJECTS:
                self._of.clear()
            known = self._of[number] = _Known(_NEVER, {}, {})
        return known

    def _known_at(self, number: tuple[int, int], stamp: Stamp) -> _Known:
        """Likewise, without totals of any other version."""
        known = self._known(number)
        if known.stamp != stamp:
            known.stamp = stamp
            known.totals = {}
        return known

    def clear(self) -> None:
        """Forgets everything."""
        with self._lock:
            self._of.clear()
            self._pages.clear()
