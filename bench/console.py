"""Measures the console in a real browser, and what the log of requests costs: `python -m bench.console`.

Frames are those of a browser without a graphics card: what counts is the ratio to an empty scroller beside them.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
from playwright.sync_api import Page

from bench.report import median, median_ratio
from tests.console.browser import Demo, find_browser, open_browser, serve_demo, show, sign_in

RECORDS, SCROLLED = 20_000, 5_000
LOADS = 9
FRAMES, STEP = 240, 180
SERVERS, PAIRS, GETS = 5, 80, 256
CONNECTIONS = (1, 32)
"""At so many at once the log is measured; GETS is a multiple of each."""
_OBJECT = "custom_objects.ticket"
_CHUNK = 10_000
_MEGABYTE = 1024 * 1024

_FIRST_ROWS = """() => {
  const look = () => {
    if (document.querySelector('[role=gridcell][data-cell]')) window.firstRows = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
_SCROLL = """([frames, step, empty]) => new Promise((done) => {
  let place = document.querySelector('.grid');
  if (empty) {
    place = document.createElement('div');
    place.className = 'grid bench-empty';
    const tall = document.createElement('div');
    tall.className = 'bench-tall';
    place.append(tall);
    const style = new CSSStyleSheet();
    style.replaceSync('.bench-empty { position: fixed; inset: 0; z-index: 99; } .bench-tall { height: 1000000px; }');
    document.adoptedStyleSheets = [style];
    document.body.append(place);
  }
  place.scrollTop = 0;
  const times = [];
  let before = 0;
  const frame = (now) => {
    if (before) times.push(now - before);
    before = now;
    if (times.length >= frames) {
      if (empty) place.remove();
      done(times);
    } else {
      place.scrollTop += step;
      requestAnimationFrame(frame);
    }
  };
  requestAnimationFrame(frame);
})"""


def main() -> int:
    """Prints what was measured; returns the exit status."""
    path = find_browser()
    if path is None:
        print("Chromium is not installed: apt-get install chromium", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as directory, serve_demo(Path(directory)) as demo, open_browser(path) as browser:
        fill(demo)
        page = sign_in(browser.new_context(viewport={"width": 1360, "height": 820}), demo)
        for line in (*measure_first_rows(page, demo), *measure_scrolling(page, demo)):
            print(line, flush=True)
    for line in measure_request_log():
        print(line, flush=True)
    return 0


def fill(demo: Demo) -> None:
    """Makes the records of the list that is looked at."""
    details = {"key": "name", "name": "Name", "dataType": "TEXT"}
    labels = {"singular": "Ticket", "plural": "Tickets"}
    demo.ask("POST", "/objects/", {"labels": labels, "key": "ticket", "primaryDisplayPropertyDetails": details})
    headers = {"Authorization": f"Bearer {demo.token}", "Version": "2021-07-28", "Content-Type": "application/x-ndjson"}
    path = f"/x/objects/{_OBJECT}/records/bulk?locationId={demo.place}&chunk=1000"
    for first in range(0, RECORDS, _CHUNK):
        numbers = range(first, first + _CHUNK)
        lines = "\n".join(json.dumps({"properties": {"name": f"Ticket {number:05}"}}) for number in numbers)
        httpx.post(demo.url + path, content=lines, headers=headers, timeout=120).raise_for_status()


def measure_first_rows(page: Page, demo: Demo) -> Iterator[str]:
    """How long after a visit the first rows are there, beside the bare search that fetches them."""
    headers = {"Authorization": f"Bearer {demo.token}", "Version": "2021-07-28"}
    body = {"locationId": demo.place, "page": 1, "pageLimit": 100}
    page.add_init_script(f"({_FIRST_ROWS})()")
    shown, bare = [], []
    with httpx.Client(base_url=demo.url, headers=headers) as client:
        for number in range(LOADS + 1):
            began = time.perf_counter()
            client.post(f"/objects/{_OBJECT}/records/search", json=body).raise_for_status()
            seconds = time.perf_counter() - began
            page.goto("about:blank")
            show(page, demo, "o", _OBJECT)
            page.wait_for_function("() => window.firstRows")
            if number:  # the first visit also fills the browser's cache
                bare.append(seconds * 1000)
                shown.append(float(page.evaluate("window.firstRows")))
    most = 3 * median(bare) + 300
    yield f"first rows of {RECORDS:,}, {LOADS} warm visits: {spread(shown)} ms"
    yield f"the bare search: {spread(bare)} ms; three times that and 300 ms: {most:.0f} ms"


def measure_scrolling(page: Page, demo: Demo) -> Iterator[str]:
    """How long frames take while the list scrolls, and what the page holds afterwards."""
    show(page, demo, "o", _OBJECT)
    own: list[float] = []
    empty: list[float] = []
    ratios = []
    for _ in range(5):
        nothing = page.evaluate(_SCROLL, [FRAMES, STEP, True])
        rows = page.evaluate(_SCROLL, [FRAMES, STEP, False])
        ratios.append(median(rows) / median(nothing))
        own += rows
        empty += nothing
    yield f"{FRAMES} frames of {STEP} px, five times: {frames_of(own)}; an empty scroller: {frames_of(empty)}"
    yield f"ratio of the medians, by pairs: {median(ratios):.2f}"
    page.evaluate("document.querySelector('.grid').scrollTop = 0")
    page.locator("[data-cell='0,0']").focus()
    for count in range(100, SCROLLED + 1, 100):
        page.wait_for_function("n => document.querySelector('.grid-body').offsetHeight >= n * 36", arg=count)
        page.keyboard.press("Control+End")
    probe = page.context.new_cdp_session(page)
    probe.send("Performance.enable")
    probe.send("HeapProfiler.collectGarbage")
    metrics = {each["name"]: each["value"] for each in probe.send("Performance.getMetrics")["metrics"]}
    nodes = page.evaluate("document.querySelectorAll('*').length")
    yield f"after {SCROLLED:,} rows: {nodes:,} nodes, {metrics['JSHeapUsedSize'] / _MEGABYTE:.1f} MB of JavaScript heap"


def measure_request_log() -> Iterator[str]:
    """Processor time of a server for a get of a record with the log of requests and without, in turns."""
    for connections in CONNECTIONS:
        ratios: list[float] = []
        spent: tuple[list[float], list[float]] = ([], [])
        for _ in range(SERVERS):
            figures = _switch_log(connections)
            ratios.append(median_ratio(*figures))
            for side in (0, 1):
                spent[side].extend(figures[side])
        yield (
            f"a get with the log of requests, {connections} at once: {median(spent[0]):.1f} µs of processor time, "
            f"without: {median(spent[1]):.1f} µs; {SERVERS} servers, of each the median of {PAIRS} paired ratios of "
            f"{GETS} gets: {', '.join(f'{ratio:.3f}' for ratio in ratios)}; their median: {median(ratios):.3f}"
        )


def _switch_log(connections: int) -> tuple[list[float], list[float]]:
    """Microseconds of a get in turns, of one server with its log and without."""
    with (
        tempfile.TemporaryDirectory() as directory,
        serve_demo(Path(directory), python=(str(Path(__file__).parent / "switched_log.py"),)) as demo,
    ):
        client = Client(demo, connections)
        client.spend(20 * GETS)
        figures: tuple[list[float], list[float]] = ([], [])
        side = 0
        for pair in range(PAIRS):
            for wanted in (0, 1) if pair % 2 else (1, 0):
                if wanted != side:
                    os.kill(demo.pid, signal.SIGUSR1)
                    side = wanted
                client.spend(connections)  # the signal is handled by then
                figures[side].append(client.spend(GETS))
    return figures


class Client:
    """Connections on which the same record is fetched again and again."""

    def __init__(self, demo: Demo, connections: int) -> None:
        path = "/objects/custom_objects.pet/records"
        record = demo.ask("POST", path, {"properties": {"name": "Measured", "species": "dog"}})["record"]["id"]
        host, _, port = demo.url.removeprefix("http://").partition(":")
        lines = (
            f"GET {path}/{record}?locationId={demo.place} HTTP/1.1",
            f"Host: {host}:{port}",
            f"Authorization: Bearer {demo.token}",
            "Version: 2021-07-28",
        )
        self._request = ("\r\n".join(lines) + "\r\n\r\n").encode()
        self._connections = [socket.create_connection((host, int(port))) for _ in range(connections)]
        self._pid = demo.pid

    def spend(self, gets: int) -> float:
        """Microseconds of the server's processor time that each of so many gets takes."""
        before = processor_seconds(self._pid)
        for _ in range(gets // len(self._connections)):
            for connection in self._connections:
                connection.sendall(self._request)
            for connection in self._connections:
                self._read(connection)
        return (processor_seconds(self._pid) - before) / gets * 1e6

    def _read(self, connection: socket.socket) -> None:
        content = b""
        while b"\r\n\r\n" not in content:
            content += connection.recv(65_536)
        head, _, body = content.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode("latin-1"))
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        missing = int(length.partition(b":")[2]) - len(body)
        while missing > 0:
            missing -= len(connection.recv(missing))


def processor_seconds(pid: int) -> float:
    """What a process has used of processors, over all its threads; the kernel counts it in nanoseconds."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


def spread(values: Sequence[float]) -> str:
    """The median, and the least and the most."""
    return f"{median(values):.0f} ({min(values):.0f} to {max(values):.0f})"


def frames_of(times: Sequence[float]) -> str:
    """The median, the 95th percentile and the longest of frames."""
    p95 = statistics.quantiles(times, n=20)[-1]
    return f"{median(times):.1f} / {p95:.1f} / {max(times):.0f} ms (p50 / p95 / max)"


if __name__ == "__main__":
    sys.exit(main())
