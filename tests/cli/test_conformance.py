"""The command that asks other servers: what it prints, what it saves, and its exit status."""

from __future__ import annotations

import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from groundlevel.cli import run
from groundlevel.cli.own_server import own_server
from groundlevel.conformance.answers import Answer
from groundlevel.conformance.asking import Run
from groundlevel.conformance.comparison import Difference, Severity
from groundlevel.conformance.junit import write_junit
from groundlevel.testing.session import Session
from tests.cli.test_serve import environment
from tests.world import PATIENCE_SECONDS


@contextmanager
def running(profile: str) -> Iterator[Session]:
    with own_server(profile=profile, limits="off") as own:
        yield own


@pytest.fixture(scope="module")
def spec() -> Iterator[Session]:
    with running("spec") as own:
        yield own


@pytest.fixture(scope="module")
def live() -> Iterator[Session]:
    with running("live") as own:
        yield own


def conformance(own: Session, *arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    """The exit status, and what --json prints."""
    target = ("--target", own.url, "--token", own.token, "--location", own.location)
    status = run(["conformance", *target, "--json", *arguments])
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    return status, said


def test_a_server_like_ours_does_not_differ(spec: Session, capsys: pytest.CaptureFixture[str]) -> None:
    status, said = conformance(spec, "--write", capsys=capsys)

    assert status == 0
    assert said["counts"] | {"asked": 0} == {"asked": 0, "unasked": 0, "breaking": 0, "notable": 0, "minor": 0}
    assert said["counts"]["asked"] == len(said["probes"]) > 100
    assert said["leftBehind"] == []


def test_another_profile_differs(live: Session, capsys: pytest.CaptureFixture[str]) -> None:
    status, said = conformance(live, "--profile", "spec", "--write", capsys=capsys)

    assert status == 1
    found = {each["probe"]: each for each in said["probes"]}
    assert found["records: search a page"]["differences"] == [
        {"severity": "notable", "what": "status 200 here, 201 there"},
        {"severity": "minor", "what": "records[].follower is there and not here"},
    ]
    assert found["records: create with owner"]["differences"] == [
        {"severity": "breaking", "what": "status 201 here, 422 there"}
    ]
    assert found["records: search a page"]["differsFromDocuments"] == "status 201"
    assert conformance(live, "--profile", "live", "--write", capsys=capsys)[0] == 0


def test_drift_shows_against_what_was_recorded(
    spec: Session, live: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "answers.json"
    assert conformance(spec, "--record", str(file), capsys=capsys)[0] == 0
    saved = file.read_text("utf-8")
    for secret in (spec.token, spec.location, "Rex", "Harbour Lane"):
        assert secret not in saved

    same, _ = conformance(spec, "--against", str(file), capsys=capsys)
    drifted, said = conformance(live, "--against", str(file), capsys=capsys)

    assert (same, drifted) == (0, 1)
    assert said["here"].startswith(f"{file}: {spec.url}, asked ")
    # Reading alone finds no breaking difference between the profiles but where the one refuses.
    breaking = {
        each["probe"]
        for each in said["probes"]
        if any(difference["severity"] == "breaking" for difference in each["differences"])
    }
    assert breaking == {
        "objects: list with an unknown parameter",
        "records: search without a location",
        "relations: list with an unknown parameter",
    }


def test_one_area_is_asked_alone(live: Session, capsys: pytest.CaptureFixture[str]) -> None:
    status, said = conformance(live, "--profile", "spec", "--only", "associations", capsys=capsys)

    assert status == 0
    probes = [each["probe"] for each in said["probes"]]
    assert "associations: list" in probes
    # What associations are made between.
    assert {probe for probe in probes if not probe.startswith("associations:")} == {"objects: create"}


def test_an_area_is_asked_with_what_it_needs(spec: Session, capsys: pytest.CaptureFixture[str]) -> None:
    status, said = conformance(spec, "--only", "relations", "--write", capsys=capsys)

    asked = {each["probe"]: each["there"] for each in said["probes"]}
    assert status == 0
    assert asked["relations: create"] == 201
    assert asked["objects: create"] == 201
    assert "objects: change labels" not in asked
    assert None not in asked.values()
    assert said["leftBehind"] == []


@pytest.mark.parametrize(("least", "statuses"), [("minor", (1, 1, 0)), ("notable", (0, 1, 0)), ("breaking", (0, 1, 0))])
def test_the_least_severity_that_counts_is_chosen(
    least: str, statuses: tuple[int, int, int], live: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    # Nothing but the text of a refusal is another one.
    tokens = conformance(live, "--profile", "spec", "--only", "token", "--fail-on", least, capsys=capsys)
    # Searches are answered with another status, and nothing of businesses differs.
    records = conformance(live, "--profile", "spec", "--only", "records", "--fail-on", least, capsys=capsys)
    businesses = conformance(live, "--profile", "spec", "--only", "businesses", "--fail-on", least, capsys=capsys)

    assert (tokens[0], records[0], businesses[0]) == statuses
    assert tokens[1]["counts"]["minor"] == 1


def test_people_read_a_table(
    live: Session, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GHL_BASE_URL", "GHL_API_KEY", "GHL_LOCATION_ID"):
        monkeypatch.setenv(name, live.env[name])

    assert run(["conformance", "--profile", "spec"]) == 1

    out = capsys.readouterr().out
    assert "GroundLevel, profile spec" in out
    assert "    notable   status 200 here, 201 there\n" in out
    assert "it writes\n" in out
    assert live.token not in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "--target, --token and --location are needed"),
        (["--target", "services", "--token", "a", "--location", "b"], "--target: expected"),
        (["--target", "http://127.0.0.1:9", "--token", "a", "--location", "b"], "cannot be asked"),
        (["--target", "http://a.example", "--token", "a", "--location", "b", "--write"], "of a.example"),
        (["--target", "http://a.example", "--token", "a", "--location", "b", "--only", "cars"], "no probes of cars"),
        (["--target", "http://a.example", "--token", "a", "--location", "b", "--fail-on", "all"], "--fail-on"),
        (["--target", "http://a.example", "--token", "a", "--location", "b", "--profile", "lively"], "lively"),
        (["--target", "http://a.example", "--token", "a", "--location", "b", "--ca", "none.pem"], "none.pem"),
        (["--target", "http://a.example", "--token", "a", "--location", "b", "--against", "none.json"], "none.json"),
    ],
)
@pytest.mark.parametrize("as_json", [True, False])
def test_what_cannot_be_found_out_is_another_status(
    as_json: bool, arguments: list[str], message: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "groundlevel", "conformance", *arguments, *(["--json"] if as_json else [])],
        cwd=tmp_path,
        env={name: value for name, value in environment().items() if not name.startswith("GHL_")},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )

    assert done.returncode == 2
    assert message in (json.loads(done.stdout)["error"] if as_json else done.stderr)


def cases_in(file: Path) -> tuple[dict[str, ElementTree.Element], dict[str, str]]:
    """The test cases of a report by their names, and its counts."""
    suite = ElementTree.parse(file).getroot()
    cases = {case.attrib["name"]: case for case in suite.iter("testcase")}
    return cases, {name: suite.attrib[name] for name in ("tests", "failures", "skipped", "errors")}


def test_runners_of_tests_read_a_report(live: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "report.xml"
    status, said = conformance(live, "--profile", "spec", "--only", "records", "--junit", str(file), capsys=capsys)
    cases, counts = cases_in(file)

    assert status == 1
    assert list(cases) == [each["probe"] for each in said["probes"]]
    searched = cases["records: search a page"]
    failure = searched.find("failure")
    assert failure is not None
    assert (failure.attrib["type"], failure.text) == ("notable", "notable: status 200 here, 201 there")
    assert searched.findtext("system-out") == "minor: records[].follower is there and not here"
    unasked = cases["records: create with owner"].find("skipped")
    assert unasked is not None
    assert unasked.attrib["message"] == "it writes"
    differing = {
        each["probe"] for each in said["probes"] if {found["severity"] for found in each["differences"]} - {"minor"}
    }
    assert {name for name, case in cases.items() if case.find("failure") is not None} == differing
    assert counts == {
        "tests": str(len(cases)),
        "failures": str(len(differing)),
        "skipped": str(said["counts"]["unasked"]),
        "errors": "0",
    }
    assert live.token not in file.read_text("utf-8")

    assert conformance(live, "--profile", "live", "--only", "records", "--junit", str(file), capsys=capsys)[0] == 0
    assert cases_in(file)[1]["failures"] == "0"


def test_a_report_holds_what_is_left_behind_and_no_character_that_xml_lacks(tmp_path: Path) -> None:
    file = tmp_path / "report.xml"
    run = Run([Answer("records: get", 200)], ["DELETE /objects/custom_objects.a: answered 500"])
    write_junit(file, run, [Difference("records: get", Severity.MINOR, "a\x00\ud800b is <there>")], Severity.MINOR)
    cases, counts = cases_in(file)

    assert cases["records: get"].findtext("failure") == "minor: a\ufffd\ufffdb is <there>"
    assert cases["what was made is deleted"].findtext("failure") == run.left_behind[0]
    assert counts["failures"] == "2"


def test_a_file_that_is_no_recording_is_refused(
    spec: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.json").write_text("{}")

    status, said = conformance(spec, "--against", str(tmp_path / "a.json"), capsys=capsys)
    nowhere = str(tmp_path / "no" / "a")
    unwritable = [
        conformance(spec, "--only", "token", option, nowhere, capsys=capsys)[0] for option in ("--record", "--junit")
    ]

    assert (status, unwritable) == (2, [2, 2])
    assert "no file of answers" in said["error"]


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """Another platform: it makes objects and deletes none, and is sometimes asked too often."""

    asked: list[str]

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        first = f"{self.command} {self.path}" not in self.asked
        self.asked.append(f"{self.command} {self.path}")
        if first:
            self.send_response(429)
            self.send_header("Retry-After", "0")
        else:
            self.send_response({"GET": 404, "POST": 201}.get(self.command, 500))
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 - named by the library

    def log_message(self, *_: object) -> None:
        """Nothing: the tests look at what was asked."""


def test_what_is_left_behind_is_said_and_too_many_requests_are_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    Elsewhere.asked = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        own = Session(f"http://127.0.0.1:{server.server_port}", "a", "b")
        status, said = conformance(own, "--only", "objects", "--write", "--fail-on", "breaking", capsys=capsys)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

    assert status == 1
    assert Elsewhere.asked.count("GET /objects/?locationId=b") == 2
    odd, made = said["leftBehind"]
    assert odd.endswith("?locationId=b: answered 500")
    assert made.startswith("DELETE /objects/custom_objects.")
