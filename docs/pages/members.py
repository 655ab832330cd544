"""What the code says of the members of a Struct: the text that stands below each of them."""

from __future__ import annotations

import ast
import inspect
import textwrap
from typing import Any


def documented(kind: type[Any]) -> dict[str, str]:
    """The documentation of every member that has one, by its name."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    assert isinstance(definition, ast.ClassDef)  # as a class is written
    said: dict[str, str] = {}
    for member, below in zip(definition.body, definition.body[1:], strict=False):
        match member, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                said[name] = " ".join(text.split())
    return said
