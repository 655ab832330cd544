"""A signed-in browser for the tests that need one; the server is started once for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request

from tests.console.browser import Demo, find_browser, open_browser, serve_demo, sign_in
from tests.needs import missing


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A server with the demo, on SQLite: the engines are told apart below what a browser sees."""
    with serve_demo(tmp_path_factory.mktemp("console")) as found:
        yield found


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


@pytest.fixture
def page(cookies: Any, chromium: Browser, demo: Demo) -> Iterator[Page]:
    """A page of a signed-in browser, which has to end without a script error and without a breach of the policy."""
    context = chromium.new_context(storage_state=cookies, viewport={"width": 1360, "height": 820})
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
    context.close()
    assert problems == []
