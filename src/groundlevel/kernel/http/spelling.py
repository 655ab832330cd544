"""How a client spells the members of a body, where both camelCase and snake_case are understood.

See docs/contract.md#oauth-endpoints.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_CAPITAL = re.compile(r"[A-Z]")


def camel_name(name: str) -> str:
    """A name in camelCase."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


class Spelling:
    """Turns the documented name of a member into the client's: as it was sent, or in the way in which others were.

    The OAuth endpoints are documented in snake_case, so that is the way of a body that has no name of two words.
    """

    def __init__(self, sent: Iterable[str], *, documented: bool = False) -> None:
        self._sent = {camel_name(name): name for name in sent}
        spelled = [name for name in self._sent.values() if "_" in name or _CAPITAL.search(name)]
        self._snake = not documented and (not spelled or any("_" in name for name in spelled))

    def __call__(self, name: str) -> str:
        sent = self._sent.get(name)
        if sent is not None:
            return sent
        return _CAPITAL.sub(lambda capital: f"_{capital[0].lower()}", name) if self._snake else name


AS_DOCUMENTED = Spelling((), documented=True)
"""The spelling where there is only one."""
