"""The forge's workflows and forms can be read, and call what exists."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FORGE = ROOT / ".github"
WORKFLOWS = sorted((FORGE / "workflows").glob("*.yml"))
FORMS = sorted(path for path in (FORGE / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")
TARGETS = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def read(path: Path) -> Any:
    """A file of YAML. `on` is a boolean there, so the triggers of a workflow stand under True."""
    return yaml.safe_load(path.read_text("utf-8"))


def steps(workflow: Path) -> Iterator[dict[str, Any]]:
    """The steps of all jobs of a workflow."""
    for job in read(workflow)["jobs"].values():
        yield from job["steps"]


def versions(matrix: list[dict[str, str]], name: str) -> set[str]:
    """The versions of one program in a matrix."""
    return {row[name] for row in matrix}


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_calls_targets_that_exist(workflow: Path) -> None:
    lines = "\n".join(step.get("run", "") for step in steps(workflow))
    called = {
        word
        for line in re.findall(r"^\s*make (.+)$", lines, re.MULTILINE)
        for word in re.sub(r'\S+="[^"]*"|\S+=\S+', "", line).split()
    }

    assert called - TARGETS == set()
    assert called or ".ci/run" in lines or workflow.stem == "locks"


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_has_no_more_rights_than_it_needs(workflow: Path) -> None:
    assert read(workflow)["permissions"] == {"contents": "read"}, "what a job needs beyond that, it says itself"


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_pins_actions_and_puts_nothing_of_others_into_a_shell(workflow: Path) -> None:
    for step in steps(workflow):
        assert re.search(r"@(v\d|release/v\d)", step["uses"]) if "uses" in step else "run" in step
        assert not re.search(r"\$\{\{\s*github\.(event|head_ref|base_ref)", step.get("run", "")), "pass it by `env`"


def test_the_tests_run_on_every_version_that_is_claimed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    claimed = {each.rpartition(" ")[2] for each in project["classifiers"] if re.search(r":: 3\.\d+$", each)}
    jobs = read(FORGE / "workflows" / "ci.yml")["jobs"]
    matrix = jobs["test"]["strategy"]["matrix"]["include"]
    (oldest,) = re.findall(r"PostgreSQL (\d+) or newer", (ROOT / "README.md").read_text("utf-8"))

    assert versions(matrix, "python") == claimed
    assert project["requires-python"] == f">={min(claimed, key=lambda version: int(version[2:]))}"
    assert min(versions(matrix, "postgres"), key=int) == oldest
    assert set(read(FORGE / "workflows" / "release.yml")["jobs"]["test"]["strategy"]["matrix"]["python"]) == claimed


def test_nothing_is_published_that_was_not_tested() -> None:
    jobs = read(FORGE / "workflows" / "release.yml")["jobs"]

    assert jobs["wheel"]["needs"] == jobs["image"]["needs"] == "test"
    assert jobs["wheel"]["permissions"] == {"id-token": "write"}, "trusted publishing, without a password"


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
def test_a_form_asks_for_something(form: Path) -> None:
    body = read(form)
    asked = [part for part in body["body"] if part["type"] != "markdown"]

    assert body["name"]
    assert body["description"]
    assert any(part.get("validations", {}).get("required") for part in asked)
    assert len({part["id"] for part in asked}) == len(asked)


def test_what_renews_itself_exists() -> None:
    for update in read(FORGE / "dependabot.yml")["updates"]:
        assert (ROOT / update["directory"].strip("/")).is_dir()


def test_the_hooks_of_commits_run_what_is_installed() -> None:
    (local,) = read(ROOT / ".pre-commit-config.yaml")["repos"]

    assert local["repo"] == "local"
    for hook in local["hooks"]:
        program, *words = hook["entry"].split()
        assert program in (".venv/bin/ruff", "make")
        assert program != "make" or {word for word in words if not word.startswith("-")} <= TARGETS
