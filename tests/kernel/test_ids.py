"""Identifiers: record ids only ever grow, and short ids are theirs in another form."""

from __future__ import annotations

from collections import Counter

import pytest

from groundlevel.kernel.ids import Clock, Ids, from_short_id, timestamp_of, to_short_id

NOW = 1_720_690_539_032


class Settable(Clock):
    """A clock that tests set."""

    timestamp = NOW

    def now(self) -> int:
        return self.timestamp


@pytest.fixture
def clock() -> Settable:
    return Settable()


@pytest.fixture
def ids(clock: Settable) -> Ids:
    return Ids(worker=5, seed=1, clock=clock)


def test_more_ids_than_a_millisecond_has_go_on_in_the_next(ids: Ids) -> None:
    ids._counter = 0xFFFFFF - 2
    made = [ids.record_id() for _ in range(4)]

    assert made == sorted(set(made))
    assert [timestamp_of(each) for each in made] == [NOW, NOW, NOW + 1, NOW + 1]
    assert [each[-6:] for each in made] == ["fffffe", "ffffff", "000000", "000001"]


def test_a_clock_that_goes_back_makes_no_smaller_ids(ids: Ids, clock: Settable) -> None:
    before = ids.record_id()
    clock.timestamp = NOW - 60_000
    assert ids.record_id() > before


def test_ids_are_greater_than_what_another_process_has_made(ids: Ids) -> None:
    ids.after(Ids(worker=9, seed=2, clock=Settable()).record_id())
    first = ids.record_id()
    assert timestamp_of(first) == NOW + 1
    ids.after("0" * 24)
    assert timestamp_of(ids.record_id()) == NOW + 1


def test_short_ids_use_every_character_alike_and_follow_from_the_seed() -> None:
    source, again = Ids(seed=1), Ids(seed=1)
    made = [source.short_id() for _ in range(2_000)]

    assert [again.short_id() for _ in range(2_000)] == made
    assert len(set(made)) == 2_000
    for place in zip(*made, strict=True):
        counts = Counter(place)
        assert len(counts) == 62
        assert max(counts.values()) < 3 * 2_000 / 62


@pytest.mark.parametrize("record_id", ["668fa61b0802420000000001", "0" * 24, "f" * 24])
def test_a_short_id_leads_back_and_no_other_text_does(record_id: str) -> None:
    short = to_short_id(record_id)
    assert len(short) == 20
    assert from_short_id(short) == record_id
    changed = ("A" if short[0] != "A" else "B") + short[1:]
    for other in ("", short[:-1], short + "A", short[:-1] + "-", changed, record_id, "9" * 20):
        assert from_short_id(other) is None, other
