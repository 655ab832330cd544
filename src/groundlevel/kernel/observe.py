"""Log lines and metrics."""

from __future__ import annotations

import logging
import sys
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import accumulate
from typing import TYPE_CHECKING, Any, TextIO, cast

from msgspec import Struct

from groundlevel.kernel.settings import LogFormat, LogLevel

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric
    from prometheus_client.registry import Collector, CollectorRegistry
    from structlog.typing import FilteringBoundLogger, Processor

METRICS_MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the latency histogram, in seconds."""

_LABELS = ("operation", "status")


class _Chosen(Struct, frozen=True):
    """How lines are written."""

    form: LogFormat
    number: int
    """The least severity, as the standard library counts."""
    colors: bool


class _StandardError:
    """Where lines go. What cannot be written is lost: no work fails for want of a line about it.

    A full disk behind standard error would otherwise end a background task just when it says that it has failed.
    """

    def write(self, text: str) -> None:
        """Writes, if it can."""
        with suppress(OSError, ValueError):
            sys.stderr.write(text)

    def flush(self) -> None:
        """Flushes, if it can."""
        with suppress(OSError, ValueError):
            sys.stderr.flush()


class _Lines:
    """What writes the lines of all parts.

    The library behind it takes a fifth of a start to load, so that it is loaded by the first line.
    """

    def __init__(self) -> None:
        self._chosen: _Chosen | None = None

    def choose(self, chosen: _Chosen) -> None:
        """Has all lines from now on written so."""
        self._chosen = chosen

    def of(self, part: str) -> FilteringBoundLogger:
        """The log of one part, as the library makes it."""
        import structlog

        if self._chosen is not None:
            chosen, self._chosen = self._chosen, None
            structlog.configure(
                processors=[*_common(), *_shown(chosen.form, colors=chosen.colors)],
                wrapper_class=structlog.make_filtering_bound_logger(chosen.number),
                logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _StandardError())),
                cache_logger_on_first_use=False,
            )
        log: FilteringBoundLogger = structlog.get_logger(part=part)
        return log


class _Log:
    """The log of one part, whose methods are the library's."""

    __slots__ = ("_part",)

    def __init__(self, part: str) -> None:
        self._part = part

    def __getattr__(self, name: str) -> Any:
        return getattr(_LINES.of(self._part), name)


class _LibraryLines(logging.Formatter):
    """Writes the lines of libraries as ours are written."""

    def __init__(self, form: LogFormat, *, colors: bool) -> None:
        super().__init__()
        self._form = form
        self._colors = colors
        self._formatter: logging.Formatter | None = None

    def format(self, record: logging.LogRecord) -> str:
        if self._formatter is None:
            from structlog.stdlib import ProcessorFormatter

            self._formatter = ProcessorFormatter(
                foreign_pre_chain=_common(),
                processors=[ProcessorFormatter.remove_processors_meta, *_shown(self._form, colors=self._colors)],
            )
        return self._formatter.format(record)


_LINES = _Lines()


def start_logging(form: LogFormat, level: LogLevel) -> None:
    """Sends the lines of this program and of its libraries to standard error, in one form."""
    number = logging.getLevelNamesMapping()[level.upper()]
    colors = sys.stderr.isatty()
    _LINES.choose(_Chosen(form, number, colors))
    lines = logging.StreamHandler(cast(TextIO, _StandardError()))
    lines.setFormatter(_LibraryLines(form, colors=colors))
    root = logging.getLogger()
    root.handlers = [lines]
    root.setLevel(max(number, logging.INFO))


def _common() -> list[Processor]:
    import structlog

    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _shown(form: LogFormat, *, colors: bool) -> list[Processor]:
    import structlog
    from structlog.dev import ConsoleRenderer, plain_traceback

    if form == "json":
        return [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer()]
    return [ConsoleRenderer(colors=colors, exception_formatter=plain_traceback)]


def logger(name: str) -> FilteringBoundLogger:
    """The log of one part of the program."""
    return cast("FilteringBoundLogger", _Log(name))


class Tally:
    """Counts what takes time, such as the requests of one operation that ended with one status.

    Plain integers that only the event loop changes: a request pays a tenth of what the library's own histogram takes.
    """

    __slots__ = ("buckets", "seconds")

    def __init__(self) -> None:
        self.buckets = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0

    def count(self, seconds: float) -> None:
        """Adds one that took `seconds`."""
        self.buckets[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds

    def cumulative(self) -> list[tuple[str, float]]:
        """How many took up to each of the bounds, as Prometheus counts."""
        bounds = (*map(str, BOUNDS), "+Inf")
        return list(zip(bounds, accumulate(self.buckets), strict=True))


class Measurements:
    """All that /metrics shows: tallies of requests, gauges of the engine, and the process itself."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, str], Tally] = {}
        self.loop_lags = Tally()
        """How late the event loop came to what was due."""
        self._gauges: dict[str, float] = {}
        self._tasks: list[tuple[str, int, bool]] = []
        self._registry: CollectorRegistry | None = None

    def tally(self, operation: str, status: int) -> Tally:
        """The tally of an operation and a status, made when it is first asked for."""
        return self._tallies.setdefault((operation, str(status)), Tally())

    def exposition(self, gauges: Mapping[str, float], tasks: Iterable[tuple[str, int, bool]] = ()) -> bytes:
        """The text for Prometheus, with the engine's gauges and the background tasks as they stand.

        Of a task: its name, how often it was restarted, and whether it is failing.
        """
        # Imported here, since it brings a web server of its own; only who asks for metrics needs it.
        from prometheus_client import generate_latest

        self._gauges = dict(gauges)
        self._tasks = list(tasks)
        if self._registry is None:
            self._registry = self._make_registry()
        return bytes(generate_latest(self._registry))

    def _make_registry(self) -> CollectorRegistry:
        from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector

        registry = CollectorRegistry(auto_describe=False)
        # It has what a collector has, whose class is not loaded before this.
        collector: Collector = cast(Any, self)
        registry.register(collector)
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        return registry

    def describe(self) -> list[Metric]:
        """Nothing: the names are known only when there is something to show."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The metrics as the library wants them."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

        requests = CounterMetricFamily("groundlevel_requests", "Requests answered.", labels=_LABELS)
        latency = HistogramMetricFamily(
            "groundlevel_request_seconds", "Seconds from the first byte of a request to its answer.", labels=_LABELS
        )
        for labels, tally in self._tallies.items():
            requests.add_metric(labels, sum(tally.buckets))
            latency.add_metric(labels, tally.cumulative(), sum_value=tally.seconds)
        yield requests
        yield latency
        yield HistogramMetricFamily(
            "groundlevel_event_loop_lag_seconds",
            "Seconds by which the event loop came late to what was due, ten times a second.",
            buckets=self.loop_lags.cumulative(),
            sum_value=self.loop_lags.seconds,
        )
        restarts = CounterMetricFamily(
            "groundlevel_background_restarts", "Starts of a background task after a failure.", labels=("task",)
        )
        failing = GaugeMetricFamily(
            "groundlevel_background_failing",
            "Whether a background task has failed and not recovered.",
            labels=("task",),
        )
        for name, count, is_failing in self._tasks:
            restarts.add_metric((name,), count)
            failing.add_metric((name,), is_failing)
        yield restarts
        yield failing
        for name, value in self._gauges.items():
            yield GaugeMetricFamily(f"groundlevel_{name}", f"The engine's {name.replace('_', ' ')}.", value=value)


def fields_of_request(operation: str, status: int, *, trace_id: str, seconds: float) -> dict[str, Any]:
    """What a log line about a request says of it."""
    return {
        "operation": operation,
        "status": status,
        "traceId": trace_id,
        "milliseconds": round(seconds * 1000, 3),
    }
