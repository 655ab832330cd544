"""TLS for clients with a built-in host: the authority's files, and real clients that trust it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from groundlevel.cli import run
from groundlevel.tls.authority import HOSTS, local_certificate
from tests.cli.test_serve import served, told
from tests.world import PATIENCE_SECONDS

HOST = HOSTS[0]
RESOLVE = """
import socket, sys
real = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: real("127.0.0.1" if host == sys.argv[1] else host, *rest, **more)
url = f"https://{sys.argv[1]}:{sys.argv[2]}/health"
"""
PYTHON = {
    "urllib": "import urllib.request; print(urllib.request.urlopen(url).read().decode())",
    "requests": "import requests; print(requests.get(url).text)",
    "httpx": "import httpx; print(httpx.get(url).text)",
}
NODE = """
const dns = require("dns");
const real = dns.lookup;
const [host, port] = process.argv.slice(1);
dns.lookup = (name, options, done) => real(name === host ? "127.0.0.1" : name, options, done);
fetch(`https://${host}:${port}/health`).then((reply) => reply.text()).then((text) => console.log(text));
"""


def test_the_commands_say_what_they_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["tls", "ca", "--directory", str(tmp_path)]) == 0
    assert f"NODE_EXTRA_CA_CERTS={tmp_path}/ca.pem" in capsys.readouterr().out
    assert run(["tls", "cert", "--directory", str(tmp_path), "--host", "shop.example", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["hosts"] == [*HOSTS, "shop.example"]
    assert run(["tls", "clean", "--directory", str(tmp_path)]) == 0
    assert f"removed {tmp_path}/ca.key" in capsys.readouterr().out
    assert run(["tls", "clean", "--directory", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"there is nothing in {tmp_path}\n"


def test_files_that_are_no_pair_stop_the_start(tmp_path: Path) -> None:
    certificate, _ = local_certificate(tmp_path / "a")
    _, key = local_certificate(tmp_path / "b")
    with served(tmp_path, "--tls-certificate", str(certificate), "--tls-key", str(key)) as process:
        _, errors = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == 1
    assert "cannot speak TLS" in errors
    assert "hint: " in errors


def test_clients_with_a_built_in_host_reach_the_server(tmp_path: Path) -> None:
    with served(tmp_path, "--json", "--tls", "--seed", "demo", "--database", "sqlite:///:memory:") as process:
        welcome = told(process)
        assert welcome["url"].startswith("https://127.0.0.1:")
        port = welcome["url"].rpartition(":")[2]
        trusted, bundle = welcome["ca"], str(Path(welcome["ca"]).with_name("bundle.pem"))
        trust = {"SSL_CERT_FILE": bundle, "REQUESTS_CA_BUNDLE": bundle, "NODE_EXTRA_CA_CERTS": trusted}
        commands = {name: [sys.executable, "-c", RESOLVE + code, HOST, port] for name, code in PYTHON.items()}
        if node := shutil.which("node"):
            commands["node"] = [node, "-e", NODE, HOST, port]
        if curl := shutil.which("curl"):
            url = f"https://{HOST}:{port}/health"
            commands["curl"] = [curl, "-sS", "--cacert", trusted, "--resolve", f"{HOST}:{port}:127.0.0.1", url]
        assert {"urllib", "requests", "httpx"} <= set(commands)
        trusting = {**os.environ, **trust}
        for name, command in commands.items():
            done = subprocess.run(
                command,
                check=False,
                env=trusting,
                capture_output=True,
                text=True,
                timeout=PATIENCE_SECONDS,
            )
            assert done.returncode == 0, (name, done.stderr)
            assert json.loads(done.stdout)["status"] == "ok"
        without = {name: value for name, value in os.environ.items() if name not in trust}
        refused = subprocess.run(
            commands["urllib"], check=False, env=without, capture_output=True, text=True, timeout=PATIENCE_SECONDS
        )
        assert refused.returncode != 0
        assert "CERTIFICATE_VERIFY_FAILED" in refused.stderr
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0
