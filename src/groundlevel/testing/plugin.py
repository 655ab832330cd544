"""The pytest plugin: a double for the run, and for each test the double as it was at the start.

pytest loads this in every run, so it loads nothing until a test asks for a fixture.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from groundlevel.testing.session import Inbox, Session

MARKER = (
    "groundlevel(seed=None, profile=None, limits=None, strict=False): how the double is for the test: with the content "
    "of a seed file, in a profile, with limits; strict fails a test of which a request was refused."
)
_KNOWN = ("seed", "profile", "limits", "strict")
_sessions = pytest.StashKey[list["Session"]]()
_strict = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the options of the plugin."""
    group = parser.getgroup("groundlevel")
    group.addoption("--groundlevel-url", metavar="URL", help="use a double that is running there")
    group.addoption("--groundlevel-key", metavar="KEY", default="", help="its control key, from another machine")
    group.addoption("--groundlevel-profile", metavar="PROFILE", help="start the double in this profile")
    group.addoption("--groundlevel-database", metavar="URL", help="start the double on this database")


def pytest_configure(config: pytest.Config) -> None:
    """Declares the marker."""
    config.addinivalue_line("markers", MARKER)


@pytest.fixture(scope="session")
def groundlevel_server(pytestconfig: pytest.Config) -> Iterator[Session]:
    """A double for the whole run; with xdist, one for each worker."""
    from groundlevel.testing.process import Double
    from groundlevel.testing.session import Session

    url = pytestconfig.getoption("--groundlevel-url") or os.environ.get("GROUNDLEVEL_URL")
    if url:
        there = Session(url, key=pytestconfig.getoption("--groundlevel-key"))
        yield there.starting_here(f"start of {os.getpid()}")
        return
    options = {name: pytestconfig.getoption(f"--groundlevel-{name}") for name in ("profile", "database")}
    with Double(**{name: value for name, value in options.items() if value}) as running:
        yield running


@pytest.fixture
def groundlevel(groundlevel_server: Session, request: pytest.FixtureRequest) -> Session:
    """The double as it was when it started, or as the marker wants it."""
    wanted = _wanted_by(request)
    session = groundlevel_server.anew()
    if wanted.get("seed"):
        session.reset_to_seed(_path(wanted["seed"], request.path))
    else:
        session.reset()
    if wanted.get("profile") or wanted.get("limits"):
        session.profile(wanted.get("profile"), limits=wanted.get("limits"))
    _watch(request, session)
    return session


@pytest.fixture
def groundlevel_env(groundlevel: Session, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The variables of `groundlevel env`, which are set for the test."""
    variables = groundlevel.env
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


@pytest.fixture
def groundlevel_world(groundlevel_server: Session, request: pytest.FixtureRequest) -> Session:
    """The double with a location of the test's own, and without a reset: for tests that run at once on one server."""
    wanted = _wanted_by(request)
    if shared := [name for name in ("profile", "limits") if wanted.get(name)]:
        pytest.fail(f"groundlevel_world shares its server with others, and leaves its {shared[0]} alone", pytrace=False)
    session = groundlevel_server.world(_path(wanted["seed"], request.path) if wanted.get("seed") else None)
    _watch(request, session)
    return session


@pytest.fixture
def groundlevel_inbox(groundlevel: Session) -> Inbox:
    """A receiver of webhooks."""
    return groundlevel.inbox()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fails a strict test of which a request was refused."""
    result = yield
    if item.stash.get(_strict, False):
        for session in item.stash[_sessions]:
            session.assert_no_refusals()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Shows at the end of a failure which requests were refused, and what to change."""
    report = yield
    watched = item.stash.get(_sessions, [])
    if watched and report.when == "call" and report.failed:
        report.sections.append(("GroundLevel: refused requests", _refused(watched)))
    return report


def _wanted_by(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What the marker of a test says. Fails the test where that cannot be meant."""
    marker = request.node.get_closest_marker("groundlevel")
    if marker is None:
        return {}
    if unknown := [name for name in marker.kwargs if name not in _KNOWN] or marker.args:
        pytest.fail(f"the marker groundlevel knows {', '.join(_KNOWN)} by their names, not {unknown}", pytrace=False)
    return dict(marker.kwargs)


def _watch(request: pytest.FixtureRequest, session: Session) -> None:
    """Looks at what a session was refused when the test is over."""
    request.node.stash.setdefault(_sessions, []).append(session)
    request.node.stash[_strict] = bool(_wanted_by(request).get("strict"))


def _refused(watched: list[Session]) -> str:
    from groundlevel.control.client import ControlError
    from groundlevel.testing.session import lines_of

    try:
        found = {each["traceId"]: lines_of(each) for session in watched for each in session.refusals()}
        return "\n".join(found.values()) or "none"
    except ControlError as problem:
        return f"they could not be read: {problem}"


def _path(source: str | Path, test: Path) -> Path:
    """A seed file: beside the test, or else where the run was started."""
    beside = test.parent / source
    return beside if beside.exists() else Path(source)
