"""The workflows that the page on CI shows: their steps run, and what they name exists."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from groundlevel.seed.rules import read_seed
from tests.needs import missing
from tests.packaging.test_image import environment as image_environment
from tests.packaging.test_image import last, variables_of_settings
from tests.world import PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", (ROOT / "docs/how-to/ci.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
SEED, *WORKFLOWS = BLOCKS
BY_STEP, BY_SERVICE = ({**yaml.safe_load(block)["jobs"]["test"]} for block in WORKFLOWS)


def scripts(job: dict[str, Any]) -> dict[str, str]:
    """What the named steps of a job run, by their names."""
    return {step["name"]: step["run"] for step in job["steps"] if "name" in step}


@pytest.fixture
def shell_environment(tmp_path: Path) -> dict[str, str]:
    """That of a runner: commands of this environment first, and a file that later steps find their variables in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GROUNDLEVEL_", "GHL_"))}
    path = os.pathsep.join((str(Path(sys.executable).parent), kept["PATH"]))
    return {**kept, "PATH": path, "GITHUB_ENV": str(tmp_path / "github.env")}


def run_step(script: str, folder: Path, variables: dict[str, str]) -> str:
    """What a step prints, run as a runner does; what it has left running goes on."""
    with (folder / "out.txt").open("w+") as out:
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", script],
            cwd=folder,
            env=variables,
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=PATIENCE_SECONDS,
        )
        out.seek(0)
        said = out.read()
    assert done.returncode == 0, said
    return said


def test_the_seed_is_one() -> None:
    (location,) = read_seed(SEED.encode(), "the page").locations
    assert [record.properties["name"] for record in location.objects[0].records] == ["Rex", "Luna"]


def test_the_steps_of_the_first_workflow_run(tmp_path: Path, shell_environment: dict[str, str]) -> None:
    start, test = scripts(BY_STEP).values()
    try:
        run_step(start, tmp_path, shell_environment)
        lines = Path(shell_environment["GITHUB_ENV"]).read_text("utf-8").splitlines()
        found = run_step(test, tmp_path, shell_environment | dict(line.split("=", 1) for line in lines))
    finally:
        run_step("groundlevel stop", tmp_path, shell_environment)

    assert "custom_objects.pet" in [each["key"] for each in json.loads(found)["objects"]]


def test_the_second_workflow_asks_the_image_what_it_can_answer() -> None:
    (service,) = BY_SERVICE["services"].values()
    options = shlex.split(service["options"])
    check = shlex.split(options[options.index("--health-cmd") + 1])

    assert check == json.loads(re.sub(r"^.*?CMD ", "", last("HEALTHCHECK")))
    assert service["env"].keys() <= variables_of_settings()
    (published,) = service["ports"]
    # The container names its own port in what `groundlevel env` prints, so it has to be the same outside.
    assert published.split(":")[1:] == [last("EXPOSE"), last("EXPOSE")] == [image_environment()["GROUNDLEVEL_PORT"]] * 2


def test_the_variables_of_the_service_are_lines_that_a_runner_reads(
    tmp_path: Path, shell_environment: dict[str, str]
) -> None:
    script = scripts(BY_SERVICE)["find out its token"]
    # What stands before it is the runner's, which fills in the name of the container.
    inside = re.sub(r"^docker exec \$\{\{.*?\}\} ", "", script)
    assert inside.startswith("groundlevel ")
    seed = ["groundlevel", "seed", "demo", "--database", f"sqlite:///{tmp_path}/a.db"]
    if subprocess.run(seed, env=shell_environment, capture_output=True, check=False).returncode:
        missing("groundlevel is not installed here as a command")

    run_step(inside, tmp_path, shell_environment | {"GROUNDLEVEL_DATABASE": f"sqlite:///{tmp_path}/a.db"})

    lines = Path(shell_environment["GITHUB_ENV"]).read_text("utf-8").splitlines()
    assert [line.partition("=")[0] for line in lines] == [
        "GHL_BASE_URL",
        "GHL_API_KEY",
        "GHL_LOCATION_ID",
        "GHL_API_VERSION",
    ]
    assert not any("'" in line for line in lines), "a runner takes quotation marks for a part of the value"
