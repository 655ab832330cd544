"""The module for suites in Node, in a run of Node's own test runner."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from groundlevel.cli import run
from tests.compat.node.driver import MODULES, NODE
from tests.needs import missing
from tests.world import PATIENCE_SECONDS

SUITE = Path(__file__).with_name("groundlevel.test.mjs")


def test_every_function_of_the_module() -> None:
    environment = {**os.environ, "GROUNDLEVEL": json.dumps([sys.executable, "-m", "groundlevel"])}
    done = subprocess.run(
        [NODE, "--test", str(SUITE)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# fail 0" in done.stdout or "ℹ fail 0" in done.stdout


@pytest.mark.parametrize("project", ["testing", "console"])
def test_the_types_in_comments_are_right(project: str) -> None:
    """Of the module that suites load, with its own tests as an example, and of the console's scripts."""
    compiler = MODULES / "typescript" / "bin" / "tsc"
    if not compiler.exists():
        missing("TypeScript is not installed: make node-sdk")
    done = subprocess.run(
        [NODE, str(compiler), "--project", str(SUITE.parents[1] / project)],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_a_suite_that_does_not_stop_its_double_ends(tmp_path: Path) -> None:
    module = SUITE.parents[2] / "src" / "groundlevel" / "testing" / "node" / "groundlevel.mjs"
    program = tmp_path / "program.mjs"
    command = json.dumps([sys.executable, "-m", "groundlevel"])
    program.write_text(
        f"import {{ startDouble }} from {json.dumps(str(module))};\n"
        f"console.log((await startDouble({{ command: {command} }})).url);\n",
        "utf-8",
    )
    done = subprocess.run([NODE, str(program)], capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=True)
    assert done.stdout.startswith("http://127.0.0.1:")


def test_the_module_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["testing", "node"]) == 0
    assert "export async function startDouble" in capsys.readouterr().out
