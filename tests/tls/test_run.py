"""`groundlevel tls run`: how the program ends, what it is given, and which server answers."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from groundlevel.cli import run
from tests.cli.test_serve import environment, served, told
from tests.world import PATIENCE_SECONDS

GET = """
import sys, urllib.request
print(urllib.request.urlopen("https://services.leadconnectorhq.com/health").read().decode())
"""


NOWHERE = ("--url", "http://127.0.0.1:9", "--")
"""To a server that is not there."""


def run_with(*arguments: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """What `groundlevel tls run` does with these arguments, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "groundlevel", "tls", "run", *arguments],
        cwd=folder,
        env={**environment(), **variables},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


@pytest.mark.parametrize("profile", ["spec", "live"])
def test_the_status_and_output_are_the_programs_own(profile: str, tmp_path: Path) -> None:
    program = """
import json, os, sys, urllib.request
assert sys.argv[1:] == ["--json", "--profile", "none"]
url = "https://services.leadconnectorhq.com/objects/?colour=red&locationId=" + os.environ["GHL_LOCATION_ID"]
headers = {"Authorization": "Bearer " + os.environ["GHL_API_KEY"], "Version": os.environ["GHL_API_VERSION"]}
try:
    print(urllib.request.urlopen(urllib.request.Request(url, headers=headers)).status)
except urllib.error.HTTPError as refusal:
    print(refusal.code)
sys.exit(7)
"""
    done = run_with(
        "--profile", profile, "--", sys.executable, "-c", program, "--json", "--profile", "none", folder=tmp_path
    )

    assert (done.returncode, done.stdout) == (7, "200\n" if profile == "spec" else "422\n"), done.stderr
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["tls"], "nothing else is left behind"


def test_a_signal_reaches_the_program(tmp_path: Path) -> None:
    program = "import sys; print('ready', flush=True); sys.stdin.read()"
    command = [sys.executable, "-m", "groundlevel", "tls", "run", "--", sys.executable, "-c", program]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=tmp_path, env=environment(), stdin=pipe, stdout=pipe, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        running.send_signal(signal.SIGTERM)

        assert running.wait(PATIENCE_SECONDS) == 128 + signal.SIGTERM


@pytest.mark.parametrize("tls", [(), ("--tls",)], ids=["http", "https"])
def test_a_server_that_runs_already_answers(tls: tuple[str, ...], tmp_path: Path) -> None:
    with served(tmp_path, "--json", "--database", "sqlite:///:memory:", *tls) as process:
        url = told(process)["url"]

        done = run_with("--url", url, "--", sys.executable, "-c", GET, folder=tmp_path)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] == "ok"


def test_other_hosts_are_refused_offline(tmp_path: Path) -> None:
    program = """
import urllib.request
for url in ("https://example.com/", "http://example.com/"):
    try:
        urllib.request.urlopen(url)
    except OSError as problem:
        print(problem)
"""
    done = run_with("--url", "http://127.0.0.1:9", "--offline", "--", sys.executable, "-c", program, folder=tmp_path)

    assert done.stdout.count("403") == 2, done.stderr


def test_another_host_is_answered_for(tmp_path: Path) -> None:
    program = GET.replace("services.leadconnectorhq.com", "crm.example")
    done = run_with("--host", "CRM.example", "--", sys.executable, "-c", program, folder=tmp_path)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] == "ok"


def test_what_a_program_trusted_and_loaded_before_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, extra = tmp_path / "own.pem", tmp_path / "extra.pem"
    assert run(["tls", "ca", "--directory", str(tmp_path / "other")]) == 0
    own.write_bytes((tmp_path / "other" / "ca.pem").read_bytes())
    extra.write_bytes(own.read_bytes())
    trust = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
    program = f"""
import json, os
names = {trust}
kept = {{name: os.environ[name] for name in ("NODE_OPTIONS", "PYTHONPATH", "NO_PROXY")}}
print(json.dumps(kept | {{name: open(os.environ[name]).read().count("BEGIN CERTIFICATE") for name in names}}))
"""
    given = {"SSL_CERT_FILE": str(own), "NODE_EXTRA_CA_CERTS": str(extra), "NODE_OPTIONS": "--no-warnings"}

    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)

    done = run_with(*NOWHERE, sys.executable, "-c", program, folder=tmp_path, **given, NO_PROXY="a.example")
    said = json.loads(done.stdout)

    assert {name: said[name] for name in trust} == dict.fromkeys(trust, 2)
    assert said["NODE_OPTIONS"].startswith("--no-warnings --require ")
    assert said["PYTHONPATH"].endswith(environment()["PYTHONPATH"])
    assert said["NO_PROXY"] == "a.example,127.0.0.1,localhost,::1"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--url", "http://127.0.0.1:9", "--profile", "live", "--", "true"], "--profile"),
        (["--url", "services", "--", "true"], "expected http://"),
        (["--url", "http://127.0.0.1:9", "--", "a program that is not there"], "cannot be run"),
        (["--profile", "lively", "--", "true"], "lively"),
        (["--seed", "nothing.json", "--", "true"], "nothing.json"),
        (["--host", "in der Mitte", "--", "true"], "in der mitte"),
    ],
)
def test_what_cannot_be_run_says_why(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["tls", "run", "--directory", str(tmp_path / "tls"), *arguments]) == 1

    said = capsys.readouterr()
    assert message in said.err
    assert "hint: " in said.err
    assert said.out == ""
