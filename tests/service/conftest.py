"""Two storages on one database, as the storage tests have them."""

from __future__ import annotations

from tests.storage.conftest import opening, pair, shared_url

__all__ = ["opening", "pair", "shared_url"]
