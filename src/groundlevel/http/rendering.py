"""Fills the templates of pages for people: files of the package, in which every value is escaped by itself.

The template library takes longer to load than most requests to answer, so it is loaded with the first page; whoever
serves a page renders it in a thread.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from groundlevel.http.assets import asset_path

if TYPE_CHECKING:
    from jinja2 import Environment


def render(template: str, **values: object) -> bytes:
    """The text of a template. A name that no value is given for is an error, and not an empty text."""
    return _environment().get_template(template).render(values).encode()


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    folder = resources.files(__package__) / "templates"
    environment = Environment(
        autoescape=True,
        loader=FunctionLoader(lambda name: (folder / name).read_text("utf-8")),
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    environment.globals["asset"] = asset_path
    return environment
