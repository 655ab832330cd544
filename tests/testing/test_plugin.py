"""The pytest plugin, in runs of pytest of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.world import PATIENCE_SECONDS

SEED = """{"locations": [{"name": "Garage", "objects": [{"key": "car", "labels": {"singular": "Car", "plural": "Cars"},
"primary": {"key": "name", "name": "Name"}, "records": [{"properties": {"name": "Beetle"}}]}]}]}"""
SEED_AS_YAML = """
locations:
  - name: Garage
    objects:
      - key: car
        labels: {singular: Car, plural: Cars}
        primary: {key: name, name: Name}
        records: [properties: {name: Beetle}]
"""

PETS = """
import json, os, urllib.error, urllib.request

PATH = "/objects/custom_objects.pet/records"

def create(groundlevel, **properties):
    body = json.dumps({"locationId": groundlevel.location, "properties": properties}).encode()
    headers = {**groundlevel.headers, "Content-Type": "application/json"}
    request = urllib.request.Request(groundlevel.url + PATH, body, headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as refusal:
        refusal.close()
        return refusal.code
"""


class Suite:
    """A folder of tests, and the run of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "pytest.ini").write_text("[pytest]\n", "utf-8")

    def run(self, tests: str, *flags: str) -> subprocess.CompletedProcess[str]:
        """Runs a file of tests."""
        (self.folder / "test_suite.py").write_text(PETS + tests, "utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *flags]
        return subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
        )


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    """An empty suite."""
    return Suite(tmp_path)


def test_each_test_finds_the_double_as_it_was_at_the_start(suite: Suite) -> None:
    done = suite.run(
        """
import pytest

@pytest.mark.parametrize("number", range(3))
def test_reset(groundlevel, number):
    before = len(groundlevel.records("pet"))
    assert create(groundlevel, name="Zorro", species="dog") == 201
    names = [record["properties"]["name"] for record in groundlevel.records("custom_objects.pet")]
    assert names.count("Zorro") == 1 and len(names) == before + 1

def test_env(groundlevel, groundlevel_env):
    assert os.environ["GHL_BASE_URL"] == groundlevel.url == groundlevel_env["GHL_BASE_URL"]
    assert os.environ["GHL_API_KEY"] == groundlevel.token
    assert "BEGIN PUBLIC KEY" in os.environ["WEBHOOK_PUBLIC_KEY"]

def test_fail_next(groundlevel):
    groundlevel.fail_next("POST /objects/*/records", 429, retry_after=2)
    assert [create(groundlevel, name="Zorro", species="dog") for _ in range(2)] == [429, 201]

def test_checkpoint(groundlevel):
    checkpoint = groundlevel.checkpoint("one")
    create(groundlevel, name="Zorro", species="dog")
    checkpoint.restore()
    assert "Zorro" not in [record["properties"]["name"] for record in groundlevel.records("pet")]

def test_webhooks(groundlevel, groundlevel_inbox):
    body = {"locationId": groundlevel.location, "url": groundlevel_inbox.url, "events": ["RecordCreate"]}
    groundlevel.api("POST", "/x/webhooks", body)
    create(groundlevel, name="Zorro", species="dog")
    groundlevel.settle()
    assert [message["signature"] for message in groundlevel.wait_for("RecordCreate")] == ["valid"]

def test_clock(groundlevel):
    before = groundlevel.clock.now
    groundlevel.clock.freeze()
    groundlevel.clock.advance("25h")
    assert groundlevel.clock.now > before
    groundlevel.clock.set("2031-01-01T00:00:00Z")
    assert groundlevel.clock.now == "2031-01-01T00:00:00.000Z"

def test_world(groundlevel_server, groundlevel_world):
    assert groundlevel_world.location != groundlevel_server.location
    assert create(groundlevel_world, name="Zorro", species="dog") == 201
"""
    )
    assert "9 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize(("name", "text"), [("garage.json", SEED), ("garage.yaml", SEED_AS_YAML)])
def test_the_marker_says_how_the_double_is(name: str, text: str, suite: Suite) -> None:
    (suite.folder / name).write_text(text, "utf-8")
    done = suite.run(
        f"SEED = {name!r}\n"
        """
import pytest

@pytest.mark.parametrize("number", range(2))
@pytest.mark.groundlevel(seed=SEED)
def test_seed(groundlevel, number):
    assert [record["properties"]["name"] for record in groundlevel.records("car")] == ["Beetle"]
    with pytest.raises(AssertionError, match="404"):
        groundlevel.records("pet")
    groundlevel.api("POST", "/objects/custom_objects.car/records",
                    {"locationId": groundlevel.location, "properties": {"name": "Mini"}})

@pytest.mark.groundlevel(profile="live", limits="live")
def test_profile(groundlevel):
    overview = groundlevel.control.ask("GET", "")
    assert (overview["profile"], overview["limits"]) == ("live", "live")

def test_without(groundlevel):
    overview = groundlevel.control.ask("GET", "")
    assert (overview["profile"], overview["limits"]) == ("spec", "off")
    assert groundlevel.records("pet")

@pytest.mark.groundlevel(colour="red")
def test_unknown(groundlevel):
    pass
"""
    )
    assert "4 passed, 1 error" in done.stdout, done.stdout + done.stderr
    assert "not ['colour']" in done.stdout


def test_a_strict_test_fails_when_a_request_is_refused(suite: Suite) -> None:
    done = suite.run(
        """
import pytest

@pytest.mark.groundlevel(strict=True)
def test_refused(groundlevel):
    create(groundlevel, colour="red")

@pytest.mark.groundlevel(strict=True)
def test_expected(groundlevel):
    with groundlevel.expect_refusals():
        assert create(groundlevel, colour="red") in (400, 422)

@pytest.mark.groundlevel(strict=True)
def test_fault(groundlevel):
    groundlevel.fail_next(status=500)
    assert create(groundlevel, name="Zorro", species="dog") == 500

@pytest.mark.groundlevel(strict=True)
def test_fine(groundlevel):
    assert create(groundlevel, name="Zorro", species="dog") == 201
"""
    )
    assert "1 failed, 3 passed" in done.stdout, done.stdout + done.stderr
    assert "AssertionError: requests were refused:" in done.stdout


def test_a_world_is_seeded_and_watched_by_itself(suite: Suite) -> None:
    (suite.folder / "garage.yaml").write_text(SEED_AS_YAML, "utf-8")
    done = suite.run(
        """
import pytest

@pytest.mark.groundlevel(seed="garage.yaml")
def test_seed(groundlevel_world):
    assert [record["properties"]["name"] for record in groundlevel_world.records("car")] == ["Beetle"]

@pytest.mark.groundlevel(strict=True)
def test_others_are_refused(groundlevel_server, groundlevel_world):
    assert create(groundlevel_server.world(), colour="red") == 400
    assert create(groundlevel_world, name="Zorro", species="dog") == 201

@pytest.mark.groundlevel(strict=True)
def test_refused(groundlevel_world):
    create(groundlevel_world, colour="red")

@pytest.mark.groundlevel(profile="live")
def test_profile(groundlevel_world):
    pass
"""
    )
    assert "1 failed, 2 passed, 1 error" in done.stdout, done.stdout + done.stderr
    assert "AssertionError: requests were refused:" in done.stdout
    assert done.stdout.count("GroundLevel: refused requests") == 1
    assert "shares its server with others, and leaves its profile alone" in done.stdout


def test_a_failure_shows_what_was_refused_and_what_to_change(suite: Suite) -> None:
    done = suite.run(
        """
def test_wrong(groundlevel):
    assert create(groundlevel, colour="red") == 201
"""
    )
    shown = done.stdout.partition("GroundLevel: refused requests")[2]
    assert "POST /objects/custom_objects.pet/records -> 4" in shown, done.stdout + done.stderr
    assert "colour" in shown


def test_each_worker_of_xdist_has_its_own_double(suite: Suite) -> None:
    done = suite.run(
        """
import pytest

@pytest.mark.parametrize("number", range(6))
def test_alone(groundlevel, number):
    before = len(groundlevel.records("pet"))
    create(groundlevel, name="Zorro", species="dog")
    assert len(groundlevel.records("pet")) == before + 1
""",
        "-n",
        "2",
    )
    assert "6 passed" in done.stdout, done.stdout + done.stderr


def test_a_double_that_is_running_can_be_used(suite: Suite) -> None:
    from groundlevel.testing import Double

    with Double() as session:
        done = suite.run(
            f"""
def test_there(groundlevel):
    assert groundlevel.url == {session.url!r}
    assert create(groundlevel, name="Zorro", species="dog") == 201
""",
            f"--groundlevel-url={session.url}",
        )
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_the_plugin_loads_nothing_until_it_is_used() -> None:
    program = (
        "import sys, pytest; before = set(sys.modules); import groundlevel.testing.plugin; "
        "print(sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert eval(done.stdout) == ["groundlevel", "groundlevel.testing", "groundlevel.testing.plugin"]
