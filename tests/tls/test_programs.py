"""Programs that have the platform's host built in, run unchanged by `groundlevel tls run`, reach the local server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from groundlevel.tls.program import HOOKS
from tests.cli.test_serve import environment
from tests.compat.node.driver import MODULES, NODE, installed
from tests.needs import missing
from tests.world import PATIENCE_SECONDS

HOST = "services.leadconnectorhq.com"
SURROUNDINGS = """
import json, os, sys
print(json.dumps(dict(os.environ)), flush=True)
sys.stdin.read()
"""
"""A program that says in which environment it runs, and stays until nobody listens any more."""

REQUEST = """
import os
url = "https://services.leadconnectorhq.com/objects/?locationId=" + os.environ["GHL_LOCATION_ID"]
headers = {"Authorization": "Bearer " + os.environ["GHL_API_KEY"], "Version": "2021-07-28"}
"""
PYTHON = {
    "urllib": "import urllib.request as r; print(r.urlopen(r.Request(url, headers=headers)).read().decode())",
    "requests": "import requests; print(requests.get(url, headers=headers).text)",
    "requests without the environment": """
import requests
session = requests.Session()
session.trust_env = False
print(session.get(url, headers=headers, verify=os.environ["SSL_CERT_FILE"]).text)
""",
    "httpx": "import httpx; print(httpx.get(url, headers=headers).text)",
    "httpx, asynchronous": """
import asyncio, httpx
async def main():
    async with httpx.AsyncClient() as client:
        print((await client.get(url, headers=headers)).text)
asyncio.run(main())
""",
    "httpx, asynchronous, without the environment": """
import asyncio, httpx, ssl
async def main():
    trust = ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"])
    async with httpx.AsyncClient(trust_env=False, verify=trust) as client:
        print((await client.get(url, headers=headers)).text)
asyncio.run(main())
""",
    "aiohttp": """
import aiohttp, asyncio
async def main():
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as reply:
        print(await reply.text())
asyncio.run(main())
""",
    "the official SDK": """
import asyncio
from highlevel import HighLevel
async def main():
    client = HighLevel(private_integration_token=os.environ["GHL_API_KEY"], log_level="none")
    print(await client.objects.get_object_by_location_id(location_id=os.environ["GHL_LOCATION_ID"]))
    await client.close()
asyncio.run(main())
""",
}
NODE_REQUEST = """
const url = "https://services.leadconnectorhq.com/objects/?locationId=" + process.env.GHL_LOCATION_ID;
const headers = { Authorization: "Bearer " + process.env.GHL_API_KEY, Version: "2021-07-28" };
"""
JAVASCRIPT = {
    "fetch": "fetch(url, { headers }).then((reply) => reply.text()).then(console.log);",
    "https": """
require("node:https").get(url, { headers }, (reply) => {
  reply.setEncoding("utf8");
  reply.on("data", (text) => process.stdout.write(text));
});
""",
    "tls": """
const path = url.slice("https://services.leadconnectorhq.com".length);
const socket = require("node:tls").connect(443, "services.leadconnectorhq.com", () => {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\\r\\n`).join("");
  const asked = `GET ${path} HTTP/1.1\\r\\nHost: services.leadconnectorhq.com\\r\\nConnection: close\\r\\n`;
  socket.write(`${asked}${lines}\\r\\n`);
});
socket.pipe(process.stdout);
""",
    "axios": 'require("axios").get(url, { headers }).then((reply) => console.log(JSON.stringify(reply.data)));',
    "the official SDK": """
const { HighLevel } = require("@gohighlevel/api-client");
const client = new HighLevel({ privateIntegrationToken: process.env.GHL_API_KEY });
client.objects
  .getObjectByLocationId({ locationId: process.env.GHL_LOCATION_ID })
  .then((found) => console.log(JSON.stringify(found)));
""",
}
OF_NPM = ("axios", "the official SDK")


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of programs that `groundlevel tls run` runs, for as long as the tests of this module need it."""
    folder = tmp_path_factory.mktemp("tls")
    command = [sys.executable, "-m", "groundlevel", "tls", "run", "--", sys.executable, "-c", SURROUNDINGS]
    pipe = subprocess.PIPE
    # A proxy of the machine's own would stand between nothing here: all that is asked lies on loopback.
    with subprocess.Popen(
        command, cwd=folder, env=environment(), stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as running:
        assert running.stdout is not None
        line = running.stdout.readline()
        if not line:
            pytest.fail(f"it did not run: {running.communicate()[1]}")
        try:
            yield json.loads(line)
        finally:
            _, problems = running.communicate(timeout=PATIENCE_SECONDS)
    assert running.returncode == 0, problems


def objects_of(command: list[str], surroundings: dict[str, str]) -> str:
    """What a program prints of the location's objects."""
    done = subprocess.run(
        command, check=False, env=surroundings, capture_output=True, text=True, timeout=PATIENCE_SECONDS
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("client", PYTHON)
def test_python(client: str, surroundings: dict[str, str]) -> None:
    found = objects_of([sys.executable, "-c", REQUEST + PYTHON[client]], surroundings)

    assert "custom_objects.pet" in found


@pytest.mark.parametrize("client", JAVASCRIPT)
@pytest.mark.parametrize("node", ["packaged", "of the machine"])
def test_node(client: str, node: str, surroundings: dict[str, str]) -> None:
    program = str(NODE) if node == "packaged" else shutil.which("node")
    if program is None:
        missing("node is not installed")
    if client in OF_NPM and not installed():
        missing("the programs of npm are not installed: run `make node-sdk`")

    found = objects_of([program, "-e", NODE_REQUEST + JAVASCRIPT[client]], {**surroundings, "NODE_PATH": str(MODULES)})

    assert "custom_objects.pet" in found


def test_curl(surroundings: dict[str, str]) -> None:
    curl = shutil.which("curl")
    if curl is None:
        missing("curl is not installed")
    headers = ["-H", f"Authorization: Bearer {surroundings['GHL_API_KEY']}", "-H", "Version: 2021-07-28"]
    url = f"https://{HOST}/objects/?locationId={surroundings['GHL_LOCATION_ID']}"

    found = objects_of([curl, "-sS", url, *headers], surroundings)

    assert "custom_objects.pet" in found


def test_a_program_that_trusts_nothing_of_ours_is_not_answered(surroundings: dict[str, str]) -> None:
    without = {name: value for name, value in surroundings.items() if not name.endswith(("CERT_FILE", "BUNDLE"))}

    done = subprocess.run(
        [sys.executable, "-c", REQUEST + PYTHON["urllib"]],
        check=False,
        env=without,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )

    assert done.returncode != 0
    assert "CERTIFICATE_VERIFY_FAILED" in done.stderr


def test_the_hooks_of_others_are_kept(tmp_path: Path, surroundings: dict[str, str]) -> None:
    (tmp_path / "sitecustomize.py").write_text("import builtins; builtins.theirs = 'theirs'")
    path = os.pathsep.join((surroundings["PYTHONPATH"], str(tmp_path)))

    said = objects_of(
        [sys.executable, "-c", "import socket, sys; print(theirs, socket.getaddrinfo.__name__, sys.path)"],
        {**surroundings, "PYTHONPATH": path},
    )

    assert said.startswith("theirs _resolve")
    assert str(HOOKS) not in said


def test_a_hook_of_others_that_fails_is_not_silent(tmp_path: Path, surroundings: dict[str, str]) -> None:
    (tmp_path / "sitecustomize.py").write_text("import a_module_that_is_not_there")
    path = os.pathsep.join((surroundings["PYTHONPATH"], str(tmp_path)))

    done = subprocess.run(
        [sys.executable, "-c", "print('done')"],
        check=False,
        env={**surroundings, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )

    assert "a_module_that_is_not_there" in done.stderr
