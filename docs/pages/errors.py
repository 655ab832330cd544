"""The pages of errors, from the tree of refusals."""

from __future__ import annotations

from collections.abc import Iterator

import groundlevel.console.errors  # noqa: F401  no operation of the table knows them, but the tree has to
from groundlevel.api import ROUTES
from groundlevel.kernel.errors import Refusal, refusals
from groundlevel.kernel.http.openapi import default_message, example_of, refusals_of
from groundlevel.kernel.http.refusals import status_of
from pages.markdown import anchor, code, json_block, plain, table
from pages.markdown import page as whole
from pages.operations import heading

ABOUT = """Every refusal has one form. `message` is a text, or an array of one text for each fault when the shape of the
request is wrong; `traceId` is in the header `X-Trace-Id` too. Two headers say what to do:"""

HEADERS = (
    ("`X-GroundLevel-Hint`", "what to change"),
    ("`X-GroundLevel-Doc`", "path of the error's page on the server, such as `/docs/errors/invalid_value`"),
)


def page() -> str:
    """The list of all errors."""
    rows = (
        (f"[{code(each.code)}](errors/{each.code}.md)", str(status_of(each)[0]), default_message(each))
        for each in refusals()
    )
    return whole(
        "Errors",
        " ".join(ABOUT.split()),
        table(("header", "says"), HEADERS),
        "A request that is refused changes nothing. A fault of the server itself answers 500 with the `traceId` under "
        "which its log has the cause, and nothing else.",
        table(("code", "status", "default message"), rows),
    )


def single_pages() -> Iterator[tuple[str, str]]:
    """The code of every error and its page."""
    for refusal in refusals():
        yield refusal.code, _single(refusal)


def _single(refusal: type[Refusal]) -> str:
    status, reason = status_of(refusal)
    routes = [route for route in ROUTES if refusal in refusals_of(route)]
    operations = [f"- [{heading(route)}](../operations.md#{anchor(heading(route))})" for route in routes]
    everywhere = "Every operation on an unknown path or with a method that the path does not know."
    return whole(
        refusal.code,
        f"**{status} {reason}**: {default_message(refusal)}",
        plain(refusal.about),
        "## What to change",
        plain(refusal.hint),
        "## Body",
        json_block(example_of(refusal)),
        "## Operations that answer with it",
        "\n".join(operations) or everywhere,
        "[All errors](../errors.md)",
    )
