"""What a refusal is, and the branches of their tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from groundlevel.kernel.model import Json

SHOWN = 100
"""Characters of a client's own key or id that a message repeats."""


class Refusal(Exception):
    """The request was refused."""

    code: ClassVar[str] = "refused"
    hint: ClassVar[str] = ""
    about: ClassVar[str] = ""
    error: ClassVar[str] = ""
    """A word of RFC 6749 section 5.2 that clients of OAuth read instead of the reason."""

    def __init__(self, message: str | None = None, *, hint: str | None = None, field_key: str = "") -> None:
        self.message = message if message is not None else (type(self).__doc__ or "").strip()
        self.advice = hint if hint is not None else type(self).hint
        self.field_key = field_key
        """The full key of the one field whose value or definition was refused: `custom_objects.pet.name` (decision
        0029). Of a key that is no field's, the key it would have. Empty when the refusal is not about one field."""
        super().__init__(self.message)

    @property
    def error_code(self) -> str:
        """The code that the body repeats: of a refusal about one field. Empty for all others."""
        return self.code if self.field_key else ""

    @property
    def meta(self) -> Mapping[str, Json]:
        """What else the body says; a kind of refusal that has something to say there overrides this."""
        return {}

    @classmethod
    def example(cls) -> Refusal:
        """One as a request causes it, for the documentation. A kind whose message names something overrides this."""
        return cls()


class InputError(Exception):
    """A file or an option that a person gave a command cannot be used."""

    advice = ""
    """What to do about it."""


class BadRequest(Refusal):
    """Bad Request"""


class NotAllowed(Refusal):
    """Method Not Allowed"""


class Conflict(Refusal):
    """Conflict"""


class Gone(Refusal):
    """Gone"""


class PreconditionFailed(Refusal):
    """Precondition Failed"""


class TooSlow(Refusal):
    """Request Timeout"""


class Unprocessable(Refusal):
    """Unprocessable Entity"""


class Unauthenticated(Refusal):
    """Unauthorized"""


class Forbidden(Refusal):
    """Forbidden"""


class NotFound(Refusal):
    """Not Found"""


class TooLarge(Refusal):
    """Payload Too Large"""


class HeadersTooLarge(Refusal):
    """Request Header Fields Too Large"""


class TooMany(Refusal):
    """Too Many Requests"""


class Unimplemented(Refusal):
    """Not Implemented"""


class Unavailable(Refusal):
    """Service Unavailable"""


def refusals() -> Iterator[type[Refusal]]:
    """Every refusal with a code of its own: branch by branch of the tree, then by code."""

    def walk(parent: type[Refusal]) -> Iterator[type[Refusal]]:
        for child in sorted(parent.__subclasses__(), key=lambda each: vars(each).get("code", "")):
            if "code" in vars(child):
                yield child
            yield from walk(child)

    return walk(Refusal)
