"""The OpenAPI document as a file, so that a change of the API can be seen in a review and compared with a revision."""

from __future__ import annotations

import msgspec

from groundlevel.api import ROUTES
from groundlevel.kernel.http.openapi import openapi_document


def document() -> str:
    """The document that a server answers with at /openapi.json, one member a line."""
    return msgspec.json.format(msgspec.json.encode(openapi_document(ROUTES)), indent=1).decode() + "\n"
