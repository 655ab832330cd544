"""What tests need of the machine, and what becomes of those that lack it: the only module that skips a test.

GROUNDLEVEL_TEST_ENGINES names the engines to test ("sqlite", "postgres", or both with a comma). An engine it names, and
under CI=true everything that a test needs, has to be there: then its absence is a failure and not a skip.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

import pytest

from tests.postgres import system_binaries, wheel_binaries

ENGINES = ("sqlite", "postgres")

NAMED = tuple(name.strip() for name in os.environ.get("GROUNDLEVEL_TEST_ENGINES", "").split(",") if name.strip())
"""The engines that the environment names."""
TESTED = tuple(name for name in ENGINES if name in (NAMED or ENGINES))
"""The engines to test."""
_ON_CI = os.environ.get("CI", "").lower() in ("true", "1")


def not_applicable(reason: str) -> NoReturn:
    """Skips a test that would say nothing here, however complete the machine is: one of the other engine, say."""
    pytest.skip(reason)


def missing(problem: str) -> NoReturn:
    """Skips a test that lacks something on this machine, and fails it where nothing may be missing."""
    if _ON_CI:
        pytest.fail(f"this has to be tested here, and cannot: {problem}")
    pytest.skip(problem)


def missing_postgres(problem: str) -> NoReturn:
    """As `missing`, for PostgreSQL: it fails the test also where the environment names that engine."""
    if "postgres" in NAMED:
        pytest.fail(f"PostgreSQL has to be tested here, and cannot: {problem}")
    missing(f"no PostgreSQL: {problem}")


def require_postgres() -> None:
    """Skips a test of PostgreSQL where the environment leaves that engine out."""
    if "postgres" not in TESTED:
        not_applicable("GROUNDLEVEL_TEST_ENGINES leaves PostgreSQL out")


def postgres_binaries() -> Path:
    """The directory of PostgreSQL's programs, for a test that starts a cluster of its own."""
    require_postgres()
    binaries = system_binaries() or wheel_binaries()
    if binaries is None:
        missing_postgres("it is not installed")
    return binaries


def require_trigrams() -> None:
    """Skips a test that needs the extensions which only the machine's own PostgreSQL has."""
    require_postgres()
    if system_binaries() is None:
        missing_postgres("the machine has none of its own, which alone comes with pg_trgm")
