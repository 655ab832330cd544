"""Lets the server ask the database who calls and what they reach."""

from __future__ import annotations

from functools import partial

from groundlevel.access import rules
from groundlevel.kernel.http.access import Access
from groundlevel.kernel.storage.base import Storage


def make_access(storage: Storage, *, live: bool = False) -> Access:
    """Access by the tokens and locations of a storage; in profile `live` with the platform's words for refusals."""
    return Access(
        over=partial(make_access, live=live),
        find_cached_actor=partial(rules.find_cached_actor, storage),
        authenticate=partial(rules.authenticate, storage, live=live),
        find_cached_location=partial(rules.find_cached_location, storage),
        resolve_location=partial(rules.resolve_location, storage),
        locations_with_object=partial(rules.locations_with_object, storage),
    )
