"""What a row of the table of deviations is: a status or a schema that a published document does not have."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from msgspec import Struct

Document: TypeAlias = dict[str, Any]

TEXT: Document = {"type": "string"}
_TEXTS: Document = {"type": "array", "items": {"type": "string"}, "minItems": 1}
_MESSAGES: dict[str, Document] = {"text": TEXT, "texts": _TEXTS, "text or texts": {"anyOf": [TEXT, _TEXTS]}}

ERRORS = {
    304: "Not Modified",
    400: "Bad Request",
    401: "Unauthorized",
    412: "Precondition Failed",
    403: "Forbidden",
    404: "Not Found",
    413: "Payload Too Large",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
    503: "Service Unavailable",
}


class Status(Struct, frozen=True):
    """A status that operations of a document answer with although it does not list it, and the form of `message`."""

    document: str
    status: int
    operations: tuple[str, ...]
    reason: str
    message: Literal["text", "texts", "text or texts", "nothing"] = "text"

    def body(self) -> Document:
        """The schema of the response."""
        return {
            "type": "object",
            "required": ["statusCode", "message", "error", "traceId"],
            "properties": {
                "statusCode": {"type": "number", "enum": [self.status]},
                "message": _MESSAGES[self.message],
                "error": {"type": "string", "enum": [ERRORS[self.status]]},
                "traceId": {"type": "string"},
            },
        }


class Shape(Struct, frozen=True):
    """A part of a document that is not what the server sends or takes.

    `path` leads from the document's `components.schemas`, or from its root when it begins with `paths`.
    """

    document: str
    path: tuple[str, ...]
    what: str
    """The difference in words."""
    published: Any
    """What stands there in the document."""
    ours: Any
    example: Any
    """A value on which the two disagree; None where they are no schemas of values."""
    reason: str


def between_markers(page: str, markers: tuple[str, str], content: str) -> str:
    """The page with other content, which brings the two markers. Raises ValueError when the page has lost them."""
    before, begin, rest = page.partition(markers[0])
    _, end, after = rest.partition(markers[1])
    if not begin or not end:
        raise ValueError("the page has lost its markers")
    return before + content + after
