"""What follows an attempt, row by row."""

from __future__ import annotations

import random
from typing import get_args

import pytest

from groundlevel.kernel.settings import WebhookPolicy
from groundlevel.webhooks.policy import DEAD, DELIVERED, ONCE, POLICIES, Policy

AGAIN = "again"
ROWS: tuple[tuple[str, int | None, int, str], ...] = (
    ("patient", 200, 0, "delivered"),
    ("patient", 299, 7, "delivered"),
    ("patient", 302, 0, AGAIN),
    ("patient", 404, 0, AGAIN),
    ("patient", 500, 9, AGAIN),
    ("patient", 500, 10, "dead"),
    ("patient", None, 0, AGAIN),
    ("patient", None, 10, "dead"),
    ("live", 201, 6, "delivered"),
    ("live", 429, 0, AGAIN),
    ("live", 429, 5, AGAIN),
    ("live", 429, 6, "dead"),
    ("live", 503, 0, "dead"),
    ("live", 302, 0, "dead"),
    ("live", None, 0, "dead"),
)
"""Policy, status, how many attempts had failed before, and what follows."""


@pytest.mark.parametrize(("name", "status", "failures", "follows"), ROWS)
def test_what_follows(name: WebhookPolicy, status: int | None, failures: int, follows: str) -> None:
    verdict = POLICIES[name].verdict(status, failures, random.Random(1))
    assert verdict.state == ("pending" if follows == AGAIN else follows)
    assert (verdict.pause_ms > 0) == (follows == AGAIN)


def test_every_policy_that_can_be_chosen_has_a_row_and_examples() -> None:
    assert set(get_args(WebhookPolicy)) == set(POLICIES) == {row[0] for row in ROWS}
    assert all(policy.doc.endswith(".") for policy in POLICIES.values())


def pauses(policy: Policy, status: int | None) -> list[float]:
    """The seconds between attempts that all fail alike, until the delivery is dead."""
    chance = random.Random(2)
    found: list[float] = []
    while (verdict := policy.verdict(status, len(found), chance)) != DEAD:
        found.append(verdict.pause_ms / 1_000)
    return found


def test_pauses_of_the_patient_policy_grow_from_seconds_to_a_day() -> None:
    found = pauses(POLICIES["patient"], 500)
    assert found == sorted(found)
    assert 5 <= found[0] <= 6
    assert 86_400 <= found[-1] <= 86_400 * 1.2
    assert len(found) == 10


def test_the_live_policy_gives_up_after_about_an_hour_and_ten_minutes() -> None:
    """Contract 6.3."""
    found = pauses(POLICIES["live"], 429)
    assert all(600 <= pause <= 800 for pause in found)
    assert len(set(found)) == 6
    assert 60 * 60 < sum(found) < 80 * 60


def test_chance_can_be_repeated() -> None:
    assert pauses(POLICIES["patient"], None) == pauses(POLICIES["patient"], None)


def test_once_is_once() -> None:
    assert ONCE.verdict(429, 0, random.Random()) == DEAD
    assert ONCE.verdict(200, 0, random.Random()) == DELIVERED
