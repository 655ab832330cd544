"""The repository keeps its own rules; each failure says what to do instead."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from pathlib import Path

import pytest

import groundlevel
from groundlevel.kernel.storage.transaction import Transaction
from tests.architecture import rules

ROOT = Path(__file__).parent.parent.parent
_UNTRACKED = {".git", ".venv", "build", "data", "dist", "node_modules", "__pycache__"}


@cache
def _files() -> dict[str, str]:
    """The texts of all files of the repository, tracked or about to be, by path; in an archive without git, of all."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listing.returncode == 0:
        paths: Iterable[Path] = (ROOT / name for name in listing.stdout.splitlines())
    else:
        paths = (path for path in ROOT.rglob("*") if not _UNTRACKED & set(path.relative_to(ROOT).parts))
    texts = {}
    for path in sorted(paths):
        if path.is_file():
            try:
                texts[path.relative_to(ROOT).as_posix()] = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue  # a picture or a font
    return texts


def _modules() -> dict[str, str]:
    return {path: text for path, text in _files().items() if path.endswith(".py")}


def _source() -> dict[str, str]:
    return {path: text for path, text in _modules().items() if path.startswith(rules.SOURCE)}


def _check(rule: Callable[[str, str], Iterator[str]], files: dict[str, str]) -> None:
    assert files, "the rule has nothing to look at"
    faults = [fault for path, text in files.items() for fault in rule(path, text)]
    if faults:
        pytest.fail("\n".join([f"{_title(rule)}:", *faults]), pytrace=False)


def _title(rule: Callable[[str, str], Iterator[str]]) -> str:
    """The sentence that a rule's docstring begins with."""
    function = rule.func if isinstance(rule, partial) else rule
    return (function.__doc__ or "").partition("\n")[0].rstrip(".")


def test_modules_import_downwards_only() -> None:
    _check(rules.faults_of_imports, _source())


def test_every_part_has_its_place() -> None:
    _check(rules.faults_of_order, _source())


def test_the_kernel_names_no_noun() -> None:
    _check(rules.faults_of_nouns, _source())


def test_modules_import_each_other_in_no_circle() -> None:
    assert list(rules.faults_of_circles(rules.modules_of(_source()))) == []


def test_the_code_map_is_complete() -> None:
    rule = partial(rules.faults_of_code_map, sources=_source())
    _check(rule, {path: text for path, text in _files().items() if path == "docs/architecture.md"})


def test_a_transaction_has_few_names() -> None:
    names = {name for name in dir(Transaction) if not name.startswith("_")} | {"connection", "cache", "ids", "events"}
    assert len(names | {"records"}) <= 15


def test_a_library_is_imported_by_its_owner_alone() -> None:
    _check(rules.faults_of_owners, _source())


def test_modules_are_short() -> None:
    _check(rules.faults_of_length, _modules())


def test_modules_begin_with_one_sentence() -> None:
    _check(rules.faults_of_docstring, _modules())


def test_docstrings_say_something() -> None:
    _check(rules.faults_of_prose, _source())


def test_names_say_something() -> None:
    _check(rules.faults_of_name, _files())


def test_functions_have_few_parameters() -> None:
    _check(rules.faults_of_parameters, _source())


def test_exports_are_used() -> None:
    _check(partial(rules.faults_of_exports, others=_modules()), _source())


def test_a_test_is_skipped_in_one_way() -> None:
    _check(rules.faults_of_skips, _modules())


def test_no_registry_and_no_machine_is_named() -> None:
    _check(rules.faults_of_addresses, _files())


def test_locks_are_pinned_with_hashes() -> None:
    _check(rules.faults_of_lock, {path: text for path, text in _files().items() if path.endswith(".lock")})


def test_the_lock_of_node_is_pinned_with_hashes() -> None:
    _check(rules.faults_of_node_lock, {path: text for path, text in _files().items() if path.endswith("-lock.json")})


def test_the_changelog_has_a_place_for_changes() -> None:
    rule = partial(rules.faults_of_changelog, version=groundlevel.__version__)
    _check(rule, {"CHANGELOG.md": (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")})
