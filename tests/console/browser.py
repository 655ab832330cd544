"""A server with the demo in it, and the machine's own Chromium, for tests and pictures of the console."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from msgspec import Struct
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first is made to have no window, and takes a fifth less."""
BRIEFLY = ("--shutdown-grace-seconds", "0.2")
"""For a server whose connections a browser keeps open: they are otherwise served for some seconds after a test."""
SOURCES = Path(__file__).resolve().parents[2] / "src"
ENVIRONMENT = {"PYTHONPATH": str(SOURCES), "PATH": "/usr/bin:/bin"}


class Demo(Struct, frozen=True):
    """A running server, and who may use it."""

    url: str
    token: str
    place: str
    console: str
    """The link that signs in, once."""
    directory: Path
    """Where its database is."""
    pid: int = 0
    """The process that answers."""

    def make_link(self) -> str:
        """Another link that signs in once, as the command prints it."""
        command = [sys.executable, "-m", "groundlevel", "console", "--url", self.url, "--json"]
        made = subprocess.run(command, cwd=self.directory, env=ENVIRONMENT, capture_output=True, check=True)
        return str(json.loads(made.stdout)["url"])

    def ask(self, method: str, path: str, body: Any = None, token: str = "") -> Any:
        """Sends one request of a program, with the location in what creates something, and returns the body of the
        answer, whatever its status."""
        headers = {
            "Authorization": f"Bearer {token or self.token}",
            "Version": "2021-07-28",
            "X-SDK-Version": "ghl-node 3.1.0",
        }
        located = {"locationId": self.place} if method == "POST" else {}
        content = None if body is None else json.dumps({**located, **body})
        if content is not None:
            headers["Content-Type"] = "application/json"
        return httpx.request(method, self.url + path, content=content, headers=headers, verify=False).json()

    def add_pets(self, number: int) -> None:
        """Creates records, so that a list has several pages."""
        with httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {self.token}", "Version": "2021-07-28"}
        ) as client:
            for count in range(number):
                properties = {"name": f"Pet {count:04}", "species": "dog", "weight_kg": count / 10}
                body = {"locationId": self.place, "properties": properties}
                client.post("/objects/custom_objects.pet/records", json=body).raise_for_status()


def find_browser() -> str | None:
    """The path of the machine's own Chromium, or None."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


@contextmanager
def serve_demo(
    directory: Path, *flags: str, program: str = "serve", python: Sequence[str] = ("-m", "groundlevel")
) -> Iterator[Demo]:
    """A server of its own process on a free port, with the demo, which ends with the block.

    `program` may be `double`, which keeps everything in memory; `python` is what Python is told to run.
    """
    shown = ("--seed", "demo", "--port", "0", "--json")
    command = [sys.executable, *python, program, *shown, *BRIEFLY, *flags]
    with (directory / "server.log").open("w") as log:
        process = subprocess.Popen(command, cwd=directory, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=log)
        try:
            assert process.stdout is not None
            said = json.loads(process.stdout.readline() or "{}")
            assert said, (directory / "server.log").read_text()
            yield Demo(said["url"], said["token"], said["locationId"], said["console"], directory, process.pid)
        finally:
            process.terminate()
            process.communicate()


@contextmanager
def open_browser(path: str) -> Iterator[Browser]:
    """A browser without a window."""
    with sync_playwright() as playwright:
        # Pages of one browser and one server share a process, and with it what has been compiled.
        flags = ["--no-sandbox", "--renderer-process-limit=1"]
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        try:
            yield browser
        finally:
            browser.close()


def show(page: Page, demo: Demo, *parts: str, query: str = "") -> None:
    """Opens a screen of the demo's place, and waits until it has said what it has to say."""
    hash_ = "#/" + "/".join((demo.place, *parts)) + (f"?{query}" if query else "")
    page.goto(f"{demo.url}/console/{hash_}")
    settle(page)


def settle(page: Page) -> None:
    """Waits until nothing is loading any more."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.wait_for_selector("main h1", state="attached")
    page.wait_for_function("() => !document.querySelector('.skeleton, .cell.saving')")
    page.wait_for_function("() => !document.querySelector('h1').textContent.includes('…')")


def sign_in(context: BrowserContext, demo: Demo) -> Page:
    """A page on which somebody has signed in by the server's own link."""
    page = context.new_page()
    page.goto(demo.console)
    page.wait_for_selector(".shell")
    return page
