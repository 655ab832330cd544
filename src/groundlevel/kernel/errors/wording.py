"""What the platform's validator says of a member that has the wrong shape (docs/contract.md#record-bodies)."""

from __future__ import annotations

from collections.abc import Iterable

from groundlevel.kernel.model import Json

NOT_A_NUMBER = "must be a number conforming to the specified constraints"
NOT_AN_INTEGER = "must be an integer number"


def text_errors(name: str) -> list[str]:
    """What is said of a required text that is missing."""
    return [f"{name} must be a string", f"{name} should not be empty"]


def choice_error(name: str, choices: Iterable[str]) -> str:
    """What is said of a value that is none of a few."""
    return f"{name} must be one of the following values: {', '.join(choices)}"


def integer_errors(name: str, value: Json, *, least: int, most: int | None = None) -> list[str]:
    """What is said of a value that is no whole number of a range; nothing of one that is. `2.0` is whole."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return [f"{name} {NOT_A_NUMBER}"]
    if isinstance(value, float) and not value.is_integer():
        return [f"{name} {NOT_AN_INTEGER}"]
    if value < least:
        return [f"{name} must not be less than {least}"]
    if most is not None and value > most:
        return [f"{name} must not be greater than {most}"]
    return []
