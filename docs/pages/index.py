"""The list of the reference pages."""

from __future__ import annotations

from pages.markdown import page as whole

PAGES = (
    ("operations.md", "Operations", "every method and path: scope, parameters, body, reply, refusals"),
    ("data-types.md", "Data types", "what each type accepts, shows and refuses"),
    ("search.md", "Search", "operators, the names that filters and sorts know, limits"),
    ("object-model.md", "Object model", "objects, fields, records, identifiers, standard objects"),
    ("events.md", "Events", "what webhooks are told, with an example of each"),
    ("changes.md", "Changes", "what is logged of every change, who makes changes, and what is kept"),
    ("errors.md", "Errors", "every way a request is refused, with a page for each"),
    ("fidelity.md", "Fidelity", "what is asked of every server, and what both profiles answer"),
    ("rate-limits.md", "Rate limits", "the headers, and what `--limits live` does"),
    ("settings.md", "Settings", "flags, environment variables and the settings file"),
    ("commands.md", "Commands", "the command line"),
    ("control.md", "Control plane", "what tests do to a server: reset, clock, faults, requests, inbox"),
)


def page() -> str:
    """The page."""
    return whole(
        "Reference",
        "These pages are made from the tables that the program itself works with. A running server has the same at "
        "`/docs` and `/openapi.json`.",
        "\n".join(f"- [{title}]({path}): {what}" for path, title, what in PAGES),
    )
