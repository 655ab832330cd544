"""The table of scopes: declared once each by the nouns whose operations ask for them, and never read incomplete."""

from __future__ import annotations

import subprocess
import sys

import pytest

from groundlevel.api import ROUTES
from groundlevel.kernel.events import event_kinds
from groundlevel.kernel.scopes import declare_scopes, declared_scopes

ALONE = """
from groundlevel.access import rules
from groundlevel.kernel.scopes import declare_scopes, declared_scopes
try:
    declared_scopes()
except RuntimeError as problem:
    print(problem)
assert declare_scopes("b", "bees") == ("b.readonly", "b.write")
assert declare_scopes("a", "ants", kinds=("readonly",)) == ("a.readonly",)
print(*declared_scopes().items())
"""


def test_the_scopes_of_operations_and_of_events_are_those_that_are_declared() -> None:
    asked = {route.scope for route in ROUTES} - {None}
    assert asked == set(declared_scopes())
    assert {kind.scope for kind in event_kinds()} - {None} <= asked


@pytest.mark.parametrize(
    ("area", "problem"),
    [
        ("contacts", "two areas have the scope contacts.readonly"),
        ("contact tags", "not spelled as a scope"),
        ("", "not spelled as a scope"),
    ],
)
def test_a_scope_that_is_there_or_misspelled_is_not_declared(area: str, problem: str) -> None:
    before = declared_scopes()
    with pytest.raises(ValueError, match=problem):
        declare_scopes(area, "words")
    assert declared_scopes() == before


def test_a_table_without_nouns_is_refused_instead_of_read_as_empty() -> None:
    ran = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=True)

    assert ran.stdout.splitlines() == [
        "no scope is declared: import groundlevel.api, which loads every noun",
        "('a.readonly', 'ants') ('b.readonly', 'bees') ('b.write', 'bees')",
    ]
