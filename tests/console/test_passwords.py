"""Passwords: the right one is right, nothing else is, and what is stored tells nothing."""

from __future__ import annotations

import pytest

from groundlevel.console.passwords import hash_password, is_password

PASSWORD = "correct horse battery stäple"


@pytest.fixture(autouse=True)
def cheap_passwords() -> None:
    """Leaves them as dear as they are."""


def test_the_right_password_is_right_and_no_other() -> None:
    stored = hash_password(PASSWORD)
    assert is_password(PASSWORD, stored)
    assert not is_password(PASSWORD + " ", stored)
    assert not is_password("", stored)


def test_the_same_password_is_stored_otherwise_each_time() -> None:
    assert hash_password(PASSWORD) != hash_password(PASSWORD)
    assert PASSWORD not in hash_password(PASSWORD)
    assert hash_password(PASSWORD).startswith("scrypt$32768$")


def test_nobody_has_a_password() -> None:
    assert not is_password(PASSWORD, None)
