"""A test double of the platform for test suites: `Double` starts one, the pytest plugin brings it to every test.

This loads the standard library alone, since every run of pytest loads it, also where no test uses it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from groundlevel.testing.process import Double as Double


def __getattr__(name: str) -> Any:
    if name == "Double":
        from groundlevel.testing.process import Double

        return Double
    raise AttributeError(f"module {__name__} has no attribute {name}")
