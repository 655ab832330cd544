"""The watch over the event loop notices what holds it, and says where."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from structlog.testing import capture_logs

from groundlevel.kernel import loop_watch
from groundlevel.kernel.loop_watch import BEAT_SECONDS, HELD_SECONDS, LoopWatch
from groundlevel.kernel.observe import Measurements, Tally
from tests.world import PATIENCE_SECONDS


class Time:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watched() -> tuple[LoopWatch, Tally, Time]:
    time, lags = Time(), Tally()
    watch = LoopWatch(lags, clock=time)
    watch._due = time.now
    watch.beat()
    return watch, lags, time


def test_a_loop_that_is_held_is_reported_once_and_when_it_is_free(watched: tuple[LoopWatch, Tally, Time]) -> None:
    watch, lags, time = watched
    with capture_logs() as lines:
        time.now += BEAT_SECONDS + HELD_SECONDS / 2
        watch.check()
        assert lines == []
        time.now += HELD_SECONDS
        watch.check()
        time.now += HELD_SECONDS
        watch.check()
        assert [line["event"] for line in lines] == ["event loop held"]
        watch.beat()
        watch.beat()
    assert [line["event"] for line in lines] == ["event loop held", "event loop free again"]
    assert lines[1]["milliseconds"] == round(2.5 * HELD_SECONDS * 1000)
    assert sum(lags.buckets) == 3
    assert lags.seconds == pytest.approx(2.5 * HELD_SECONDS)


def test_a_loop_that_is_held_again_is_reported_again(watched: tuple[LoopWatch, Tally, Time]) -> None:
    watch, _, time = watched
    with capture_logs() as lines:
        for _ in range(2):
            time.now += BEAT_SECONDS + HELD_SECONDS
            watch.check()
            watch.beat()
    assert [line["event"] for line in lines].count("event loop held") == 2


async def test_a_real_loop_is_caught_in_the_act(monkeypatch: pytest.MonkeyPatch) -> None:
    noticed = threading.Event()
    said: list[dict[str, Any]] = []

    class Log:
        """Takes what would be logged."""

        def warning(self, event: str, **fields: Any) -> None:
            said.append({"event": event, **fields})
            noticed.set()

    monkeypatch.setattr(loop_watch, "_log", Log())
    monkeypatch.setattr(loop_watch, "_PACKAGE", __file__.rpartition("/")[0])
    watch = LoopWatch(Tally())
    watch.start()
    try:
        hold(noticed)
    finally:
        watch.stop()
    assert said[0]["event"] == "event loop held"
    assert any(place.endswith(" hold") for place in said[0]["where"]), said


def hold(noticed: threading.Event) -> None:
    """Keeps the event loop from everything else until that is noticed."""
    assert noticed.wait(PATIENCE_SECONDS)


def test_the_lags_are_among_the_metrics() -> None:
    measurements = Measurements()
    measurements.loop_lags.count(0.3)
    text = measurements.exposition({}).decode()
    assert 'groundlevel_event_loop_lag_seconds_bucket{le="0.25"} 0.0' in text
    assert 'groundlevel_event_loop_lag_seconds_bucket{le="0.5"} 1.0' in text
    assert "groundlevel_event_loop_lag_seconds_count 1.0" in text
