"""Runs a program in surroundings in which the platform's hosts lead to a server of one's own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from groundlevel.kernel.private_files import write_whole
from groundlevel.tls.authority import public_authorities
from groundlevel.tls.errors import TlsError
from groundlevel.tls.proxy import LOOPBACK, Ports, Routing

HOOKS = Path(__file__).with_name("hooks")
"""The directory of what Node.js and Python load before a program."""

_TRUST = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Variables that name what is trusted in place of everything else."""
_LOCAL = "127.0.0.1,localhost,::1"
_KILLED = 128
"""What shells add to the number of the signal that has ended a program."""


def write_trust(directory: Path, authority: bytes, env: Mapping[str, str]) -> dict[str, str]:
    """Writes what a program is to trust, beside what it trusts already, and returns the variables that say so.

    `authority` is a certificate as PEM.
    """
    named = dict.fromkeys(path for name in _TRUST if (path := env.get(name)) and Path(path).is_file())
    everything = b"\n".join([Path(path).read_bytes() for path in named] or [public_authorities()])
    bundle, extra = directory / "bundle.pem", directory / "extra.pem"
    write_whole(bundle, everything + b"\n" + authority)
    more = env.get("NODE_EXTRA_CA_CERTS")
    write_whole(extra, (Path(more).read_bytes() + b"\n" if more and Path(more).is_file() else b"") + authority)
    return {**dict.fromkeys(_TRUST, str(bundle)), "NODE_EXTRA_CA_CERTS": str(extra)}


def environment_for(routing: Routing, ports: Ports, env: Mapping[str, str]) -> dict[str, str]:
    """The variables by which programs find the proxy, and by which Node.js and Python load the hooks.

    What `env` has of the kind is kept: options of Node.js, paths of Python, hosts without a proxy.
    """
    proxy = f"http://{LOOPBACK}:{ports.proxy}"
    direct = ",".join(part for part in (env.get("no_proxy") or env.get("NO_PROXY"), _LOCAL) if part)
    hook = str(HOOKS / "connect.cjs").replace("\\", "\\\\").replace('"', '\\"')
    variables = {
        "HTTPS_PROXY": proxy,
        "https_proxy": proxy,
        "NO_PROXY": direct,
        "no_proxy": direct,
        "NODE_USE_ENV_PROXY": "1",
        "NODE_OPTIONS": " ".join(part for part in (env.get("NODE_OPTIONS"), f'--require "{hook}"') if part),
        "PYTHONPATH": os.pathsep.join(part for part in (str(HOOKS), env.get("PYTHONPATH")) if part),
        "GROUNDLEVEL_ROUTED_HOSTS": " ".join(routing.hosts),
        "GROUNDLEVEL_ROUTED_PORT": str(ports.tls),
    }
    if routing.offline:
        # Else what is not encrypted would pass by the proxy that refuses.
        variables |= {"HTTP_PROXY": proxy, "http_proxy": proxy}
    return variables


async def run_program(command: list[str], env: Mapping[str, str]) -> int:
    """Runs a program to its end, passes on the signals that are meant for it, and returns its status as shells do.

    Raises TlsError where there is no such program.
    """
    try:
        program = await asyncio.create_subprocess_exec(*command, env=dict(env))
    except OSError as problem:
        raise TlsError(
            f"{command[0]} cannot be run: {problem.strerror}", "Behind -- stand the program and its arguments."
        ) from problem
    loop = asyncio.get_running_loop()

    def pass_on(number: int) -> None:
        # A terminal interrupts all of its foreground programs by itself, and nobody wants to be interrupted twice.
        if number == signal.SIGINT and sys.stdin.isatty():
            return
        with suppress(ProcessLookupError):
            program.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, pass_on, number)
    status = await program.wait()
    return _KILLED - status if status < 0 else status
