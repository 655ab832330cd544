"""A signed-in browser for the tests that need one; the server is started once for all of them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Request

from groundlevel.console import passwords
from tests.console.browser import BRIEFLY, ENVIRONMENT, Demo, find_browser, open_browser, serve_demo, sign_in
from tests.needs import missing


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes passwords in a moment; what is stored of one says how it was hashed."""
    monkeypatch.setattr(passwords, "_COST", 16)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A server with the demo, on SQLite: the engines are told apart below what a browser sees."""
    with serve_demo(tmp_path_factory.mktemp("console")) as found:
        yield found


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """What a server says that starts with an empty database."""
    command = [sys.executable, "-m", "groundlevel", "serve", "--port", "0", "--json", *BRIEFLY]
    process = subprocess.Popen(
        command, cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.communicate()


@pytest.fixture(scope="session")
def program() -> str:
    """The machine's own browser."""
    path = find_browser()
    if path is None:
        missing("Chromium is not installed: apt-get install chromium")
    return path


@pytest.fixture(scope="module")
def chromium(program: str) -> Iterator[Browser]:
    """A browser of one module's tests; its driver has an event loop, so that none of these may be asynchronous."""
    with open_browser(program) as browser:
        yield browser


@pytest.fixture(scope="session")
def _signed_in() -> dict[str, Any]:
    """What a browser has stored after signing in, once one has."""
    return {}


@pytest.fixture(scope="module")
def cookies(chromium: Browser, demo: Demo, _signed_in: dict[str, Any]) -> Any:
    """What a browser has stored after signing in, which the server's link allows once."""
    if not _signed_in:
        context = chromium.new_context()
        sign_in(context, demo)
        _signed_in.update(context.storage_state())
        context.close()
    return _signed_in


def forget_choices(context: BrowserContext, demo: Demo) -> None:
    """Takes away what other tests have chosen, such as columns, which the server keeps for every browser."""
    path = f"{demo.url}/console/places/{demo.place}/choices"
    headers = {"X-GroundLevel-Console": "1", "Origin": demo.url}
    for name in context.request.get(path, headers=headers).json()["choices"]:
        context.request.put(path, data={"name": name, "value": ""}, headers=headers)


@contextmanager
def open_page(context: BrowserContext, demo: Demo) -> Iterator[Page]:
    """A page of a signed-in browser, which has to end without a script error and without a breach of the policy."""
    opened = context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))

    def note_policy(said: ConsoleMessage) -> None:
        if "Content Security Policy" in said.text:
            problems.append(said.text)

    def note_stranger(sent: Request) -> None:
        if not sent.url.startswith((demo.url, "data:")):
            problems.append(sent.url)

    def note_dialog(dialog: Dialog) -> None:
        problems.append(dialog.message)
        dialog.dismiss()

    opened.on("dialog", note_dialog)
    opened.on("console", note_policy)
    opened.on("request", note_stranger)
    yield opened
    opened.close()
    assert problems == []


@pytest.fixture(scope="module")
def _first(cookies: Any, chromium: Browser, demo: Demo) -> Iterator[Page]:
    """A page that stays open, so that the process behind it does: the next page then has its scripts compiled."""
    context = chromium.new_context(storage_state=cookies, viewport={"width": 1360, "height": 820})
    opened = context.new_page()
    opened.goto(f"{demo.url}/health")
    yield opened
    context.close()


@pytest.fixture
def page(_first: Page, cookies: Any, demo: Demo) -> Iterator[Page]:
    """A page of this test alone, in a browser that has kept nothing of other tests but its cache."""
    context = _first.context
    _first.evaluate("localStorage.clear()")
    context.clear_permissions()
    context.clear_cookies()
    context.add_cookies(cookies["cookies"])
    forget_choices(context, demo)
    with open_page(context, demo) as opened:
        yield opened


@pytest.fixture(scope="module")
def _looking(_first: Page, demo: Demo) -> Iterator[Page]:
    with open_page(_first.context, demo) as opened:
        yield opened


@pytest.fixture
def looking(_looking: Page, demo: Demo) -> Page:
    """One page for all tests of a module that only look at screens: to open one takes longer than to look."""
    forget_choices(_looking.context, demo)
    _looking.set_viewport_size({"width": 1360, "height": 820})
    return _looking
