"""`groundlevel healthcheck`: the status says whether a server is healthy, and little is loaded to find out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from groundlevel.healthcheck import problem_of, url_in
from groundlevel.kernel.http.hosts import url_of
from groundlevel.kernel.settings import load_settings
from tests.cli.test_serve import environment, served, told
from tests.world import PATIENCE_SECONDS

LOADED = """
import sys
from groundlevel.__main__ import main
sys.argv = ["groundlevel", "healthcheck"]
try:
    main()
except SystemExit as end:
    print(end.code, *sys.modules)
"""


@pytest.mark.parametrize("tls", [(), ("--tls",)], ids=["http", "https"])
def test_a_server_is_healthy_until_it_ends(tls: tuple[str, ...], tmp_path: Path) -> None:
    with served(tmp_path, "--json", "--database", "sqlite:///:memory:", *tls) as process:
        url = told(process)["url"]
        port = url.rpartition(":")[2]
        in_file = f"port = {port}\n"
        if tls:
            in_file += 'tls_certificate = "data/tls/server.pem"\ntls_key = "data/tls/server.key"\n'
        certificate = "data/tls/server.pem" if tls else ""

        by_environment = check(tmp_path, GROUNDLEVEL_PORT=port, GROUNDLEVEL_TLS_CERTIFICATE=certificate)
        by_flag = check(tmp_path, "--url", url, "--json")
        (tmp_path / "groundlevel.toml").write_text(in_file)
        by_file = check(tmp_path)
    after = check(tmp_path)

    assert by_environment.returncode == by_flag.returncode == by_file.returncode == 0, by_environment.stderr
    assert json.loads(by_flag.stdout) == {"url": url, "healthy": True}
    assert by_file.stdout == f"{url} is healthy\n"
    assert after.returncode == 1
    assert after.stderr.startswith(f"groundlevel: {url} cannot be asked: ")


def check(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """What the command says in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "groundlevel", "healthcheck", *arguments],
        cwd=folder,
        env={**environment(), **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )


def test_next_to_nothing_is_loaded(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED],
        cwd=tmp_path,
        env={**environment(), "GROUNDLEVEL_PORT": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    status, *modules = done.stdout.split()

    assert status == "True"
    assert "cannot be asked" in done.stderr
    assert {name for name in modules if name.startswith("groundlevel")} == {
        "groundlevel",
        "groundlevel.__main__",
        "groundlevel.healthcheck",
    }
    assert {"typer", "msgspec", "asyncio", "urllib.request"}.isdisjoint(modules)


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"GROUNDLEVEL_HOST": "0.0.0.0", "GROUNDLEVEL_PORT": "9000"},
        {"GROUNDLEVEL_HOST": "::"},
        {"GROUNDLEVEL_HOST": "192.0.2.1", "GROUNDLEVEL_PORT": ""},
        {"GROUNDLEVEL_TLS_CERTIFICATE": "a.pem", "GROUNDLEVEL_TLS_KEY": "a.key"},
        {"GROUNDLEVEL_TLS_CERTIFICATE": "none"},
    ],
)
def test_it_asks_where_the_settings_say_that_the_server_is(variables: dict[str, str]) -> None:
    assert url_in(variables) == url_of(load_settings({}, variables, None))


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1", "127.0.0.1:8080", "http://127.0.0.1:99999999", "http://[", "https:"]
)
def test_what_is_no_address_is_a_problem(url: str) -> None:
    assert problem_of(url) is not None
