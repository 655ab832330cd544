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
    parts: int
    """Files that the large object is imported from; each is a measurement."""
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


_DEFAULT = Scale(
    name="default", records=100_000, few=10_000, parts=5, rounds=5, seconds=0.6, patience_seconds=30, starts=5
)
_TINY = Scale(
    name="tiny", records=300, few=100, parts=1, rounds=1, seconds=0.15, warm_seconds=0.05, connections=4, creates=20,
    searches=3, patience_seconds=0, starts=1,
)  # fmt: skip
_QUICK = Scale(
    name="quick", records=10_000, few=2_000, parts=4, rounds=3, seconds=0.25, creates=200, searches=15,
    patience_seconds=10, starts=3,
)  # fmt: skip
_FULL = Scale(
    name="full", records=1_000_000, few=10_000, parts=10, rounds=11, seconds=2.0, creates=1_000, searches=100,
    patience_seconds=300, starts=9,
)  # fmt: skip
SCALES = {scale.name: scale for scale in (_TINY, _QUICK, _DEFAULT, _FULL)}
"""Every size by its name; `tiny` is for the tests of the harness, and its figures mean nothing."""
