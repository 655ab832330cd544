"""Fills the templates of pages for people: files of the package, in which every value is escaped by itself.

The template library takes longer to load than most requests to answer, so it is loaded with the first page; what
serves a page renders it in a thread.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


def render(package: str, template: str, **values: object) -> bytes:
    """The text of a template of a package, which may build on those of this one.

    A name that no value is given for is an error, and not an empty text.
    """
    return _environment(package).get_template(template).render(values).encode()


@cache
def _environment(package: str) -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    folders = [resources.files(each) / "templates" for each in (package, __package__)]

    def load(name: str) -> str | None:
        return next((file.read_text("utf-8") for folder in folders if (file := folder / name).is_file()), None)

    return Environment(
        autoescape=True,
        loader=FunctionLoader(load),
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
