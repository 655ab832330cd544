"""The code map in `docs/architecture.md`: one line for every module, from the sentence that it begins with."""

from __future__ import annotations

import ast
import re
from pathlib import Path

BEGIN, END = "<!-- code map: made by `make docs` -->", "<!-- end of the code map -->"
_CITATION = re.compile(r" \((contract|design|decision|RFC|docs/)[^()]*\)")


def with_map(page: str, source: Path) -> str:
    """The page with the map of the modules below `source` between its markers."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{_folder(source, source)}\n{END}{after}"


def _folder(folder: Path, source: Path) -> str:
    """The modules of a folder, then its folders."""
    lines = []
    if folder != source:
        lines.append(f"**{folder.relative_to(source).as_posix()}/** {_sentence(folder / '__init__.py')}\n")
    lines += [
        f"- `{path.relative_to(source).as_posix()}` {_sentence(path)}\n"
        for path in sorted(folder.glob("*.py"))
        if path.name != "__init__.py"
    ]
    text = "".join(f"{line}\n" if line.startswith("**") else line for line in lines)
    inside = [each for each in sorted(folder.iterdir()) if (each / "__init__.py").exists()]
    return (
        "\n".join([text, *(_folder(each, source) for each in inside)])
        if text
        else "\n".join(_folder(each, source) for each in inside)
    )


def _sentence(path: Path) -> str:
    docstring = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    return _CITATION.sub("", docstring.partition("\n")[0])
