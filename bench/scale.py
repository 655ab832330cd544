"""How much one run measures, and how long it may take."""

from __future__ import annotations

from msgspec import Struct


class Scale(Struct, frozen=True, kw_only=True):
    """One size of a run."""

    name: str
    records: int
    """Records of the large object."""
    few: int
    """Records of the small object that the cost of a create is compared with."""
    rounds: int
    """How often every subject has its turn; medians are taken over these."""
    seconds: float
    """Length of one turn of a server under load."""
    warm_seconds: float = 0.1
    """How long a server is under load before its turn is counted."""
    connections: int = 32
    creates: int = 400
    """Creates of one turn at the store."""
    searches: int = 40
    """Searches of each kind at the store, in each round."""
    patience_seconds: float
    """How long to wait for the field indexes that searches ask for."""
    starts: int
    """How often a server is started."""


SCALES = {
    "tiny": Scale(
        name="tiny", records=300, few=100, rounds=1, seconds=0.05, warm_seconds=0.02, connections=4, creates=20,
        searches=3, patience_seconds=0, starts=1,
    ),
    "quick": Scale(
        name="quick", records=20_000, few=2_000, rounds=3, seconds=0.4, creates=200, searches=15, patience_seconds=3,
        starts=3,
    ),
    "default": Scale(
        name="default", records=100_000, few=10_000, rounds=5, seconds=0.8, patience_seconds=10, starts=5
    ),
    "full": Scale(
        name="full", records=1_000_000, few=10_000, rounds=11, seconds=2.0, creates=1_000, searches=100,
        patience_seconds=120, starts=9,
    ),
}  # fmt: skip
"""Every size by its name; `tiny` is for the tests of the harness, and its figures mean nothing."""
