"""The rules of CONTRIBUTING and the design as functions from a file's path and text to its faults.

Paths are relative to the repository and in POSIX form. Every function returns one sentence for each fault, which says
where it is, what is wrong and what to do instead; no sentence means that the rule holds.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping

PACKAGE = "groundlevel"
SOURCE = f"src/{PACKAGE}/"

LAYERS = (
    frozenset(("model", "errors", "ids", "moments", "settings", "observe")),
    frozenset(("fields",)),
    frozenset(("query",)),
    frozenset(("storage",)),
    frozenset(("service",)),
    frozenset(("delivery",)),
    frozenset(("http", "mcp", "console", "testing")),
    frozenset(("app",)),
    frozenset(("cli", "__main__")),
)
"""From the bottom to the top. A module imports from its own layer or from below it.

The command line stands on top of the composition root, since it is what a person starts.
"""

FACES = frozenset(("http", "mcp", "console", "testing", "cli"))
"""What the world sees. No face imports another; what two share lies in a layer below."""

OWNERS: Mapping[str, tuple[str, ...]] = {
    "aiohttp": ("delivery/client.py",),
    "aiosqlite": (),
    "apsw": ("storage/sqlite.py", "storage/sqlite/"),
    "asyncpg": ("storage/postgres.py", "storage/postgres/"),
    "certifi": ("delivery/client.py",),
    "cryptography": ("service/signing.py",),
    "jinja2": ("http/rendering.py",),
    "jwt": ("service/signing.py",),
    "phonenumbers": ("fields/phone.py",),
    "prometheus_client": ("observe.py",),
    "rich": ("cli/",),
    "sqlite3": (),
    "starlette": ("http/server.py",),
    "structlog": ("observe.py",),
    "typer": ("cli/",),
    "uvicorn": ("http/listening.py",),
    "uvloop": ("http/listening.py", "cli/command.py"),
    "yarl": ("delivery/client.py",),
}
"""Which of our modules alone may import a library. `sqlite3` and `aiosqlite` may not be imported at all: a second
SQLite library on the same file in one process deletes its write-ahead log."""

MOST_LINES = 400
MOST_PARAMETERS = 4
MOST_POSITIONAL = 3

_VAGUE = re.compile(r"(utils?|helpers?|commons?|managers?|handlers?|misc)")
_REGISTRY = re.compile(r"(pypi|pythonhosted|npmjs|crates|registry\.yarnpkg)\.(org|io|com)\b", re.IGNORECASE)
_MACHINE = re.compile(r"(?<![\w.$~}*-])/(work|tmp|root|home|Users)/\w")
_INDEX = re.compile(r"(https?://|--(extra-)?index-url|--find-links)", re.IGNORECASE)


def faults_of_imports(path: str, text: str) -> Iterator[str]:
    """Layers import downwards only, and faces not each other."""
    own = _part(path)
    if own is None:
        return
    for line, imported in _imports(path, text):
        pieces = imported.split(".")
        if pieces[0] != PACKAGE:
            continue
        if own == "__init__":
            yield f"{path}:{line} imports {imported}; the package itself imports nothing, so that its version is cheap"
            continue
        part = pieces[1] if len(pieces) > 1 else "__init__"
        if part in ("__init__", "__version__", own):
            continue
        if part in FACES and own in FACES:
            yield f"{path}:{line} imports {imported}, another face; move what both need to a layer below"
        elif _layer(part) > _layer(own):
            yield f"{path}:{line} imports {imported} from a layer above; pass it in, or move it down"


def faults_of_places(path: str, text: str) -> Iterator[str]:
    """Every part of the package belongs to a layer."""
    part = _part(path)
    if part is not None and part != "__init__" and not any(part in layer for layer in LAYERS):
        yield f"{path}: {part} is in no layer; say where it stands in LAYERS"


def faults_of_owners(path: str, text: str) -> Iterator[str]:
    """A library with one owner is imported by nobody else."""
    if not path.startswith(SOURCE):
        return
    inside = path.removeprefix(SOURCE)
    for line, imported in _imports(path, text):
        owners = OWNERS.get(imported.partition(".")[0])
        if owners is not None and not inside.startswith(owners):
            allowed = f"only {' or '.join(owners)} may" if owners else "nobody may"
            yield f"{path}:{line} imports {imported}, which {allowed}"


def faults_of_length(path: str, text: str) -> Iterator[str]:
    """No module is longer than one sitting; only a table of examples may be, since nobody reads it from end to end."""
    lines = text.count("\n")
    if lines > MOST_LINES and not path.endswith("/examples.py"):
        yield f"{path} has {lines} lines, more than {MOST_LINES}; find the second noun in it and give it a file"


def faults_of_docstring(path: str, text: str) -> Iterator[str]:
    """Every module begins with one sentence."""
    docstring = ast.get_docstring(ast.parse(text))
    if not docstring:
        yield f"{path} has no docstring; begin it with one sentence that says what it is for"
        return
    first = docstring.partition("\n\n")[0]
    if "\n" in first or not first.endswith(".") or re.search(r"[a-z]{2}\. [A-Z]", first):
        yield f"{path}: the docstring begins with {first!r}; make its first line one whole sentence"


def faults_of_name(path: str, text: str) -> Iterator[str]:
    """No file or directory has a name that could hold anything."""
    for piece in path.split("/"):
        for word in piece.partition(".")[0].split("_"):
            if _VAGUE.fullmatch(word.lower()):
                yield f"{path}: {word} says nothing about what is inside; name the file after its noun"


def faults_of_parameters(path: str, text: str) -> Iterator[str]:
    """A function has at most four parameters, self and cls not counted, and all but two or three are keyword-only.

    A fourth by position is fair where all four differ in type, so that the type checker refuses a swap, and in a
    private function, whose callers stand beside it. The functions of commands are exempt: their parameters are the
    flags that a person sees.
    """
    for function in ast.walk(ast.parse(text)):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) or _is_command(function):
            continue
        by_position = [*function.args.posonlyargs, *function.args.args]
        if by_position and by_position[0].arg in ("self", "cls"):
            del by_position[0]
        count = len(by_position) + len(function.args.kwonlyargs)
        where = f"{path}:{function.lineno} {function.name}"
        if count > MOST_PARAMETERS:
            yield f"{where} takes {count} parameters, above {MOST_PARAMETERS}; make a value of what belongs together"
        elif len(by_position) > MOST_POSITIONAL and not function.name.startswith("_"):
            types = {ast.unparse(each.annotation) for each in by_position if each.annotation}
            if len(types) < len(by_position):
                yield f"{where} takes {len(by_position)} by position, some of one type; make the last ones keyword-only"


def faults_of_exports(path: str, text: str, *, others: Mapping[str, str]) -> Iterator[str]:
    """`__all__` lists only names that exist and that `others`, texts by path, make use of."""
    tree = ast.parse(text)
    bound = set(_bound(tree))
    for name in _exported(tree):
        if name not in bound:
            yield f"{path}: __all__ lists {name}, which the module does not have"
        elif not any(re.search(rf"\b{re.escape(name)}\b", other) for where, other in others.items() if where != path):
            yield f"{path}: __all__ lists {name}, which nothing uses; take it out"


def faults_of_addresses(path: str, text: str) -> Iterator[str]:
    """No file names a package registry or a path of somebody's machine."""
    for number, line in enumerate(text.splitlines(), 1):
        if found := _REGISTRY.search(line):
            yield f"{path}:{number} names {found.group()}; which registry is used is the reader's own setting"
        if found := _MACHINE.search(line):
            yield f"{path}:{number} names {found.group()}…, a path of one machine; use a relative or temporary one"


def faults_of_lock(path: str, text: str) -> Iterator[str]:
    """Every requirement of a lock is pinned with hashes, and none says where to fetch it."""
    for block in re.split(r"\n(?=\S)", text.strip()):
        first = block.partition("\n")[0]
        if _INDEX.search(block):
            yield f"{path}: {first} says where to fetch; make the lock with `make lock`"
        elif "==" not in first or "--hash=sha256:" not in block:
            yield f"{path}: {first} is not pinned with a hash; make the lock with `make lock`"


def faults_of_node_lock(path: str, text: str) -> Iterator[str]:
    """Every package of npm's lock is pinned with a hash, and none says where to fetch it."""
    for name, package in json.loads(text)["packages"].items():
        if "resolved" in package:
            yield f"{path}: {name} says where to fetch; make the lock with `make lock-node`"
        elif name and "integrity" not in package:
            yield f"{path}: {name} is not pinned with a hash; make the lock with `make lock-node`"


def faults_of_changelog(path: str, text: str, *, version: str) -> Iterator[str]:
    """The changelog has a place for what changes now."""
    headings = re.findall(r"^## \[([^\]]+)\]", text, re.MULTILINE)
    if not headings or headings[0] not in ("Unreleased", version):
        yield f"{path} begins with {headings[:1]}; its first heading is ## [Unreleased] or ## [{version}]"


def _part(path: str) -> str | None:
    """The module or package directly below ours in which the file lies; None for files elsewhere."""
    if not path.startswith(SOURCE):
        return None
    return path.removeprefix(SOURCE).partition("/")[0].removesuffix(".py")


def _layer(part: str) -> int:
    return next((number for number, layer in enumerate(LAYERS) if part in layer), len(LAYERS))


def _imports(path: str, text: str) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything imported, wherever in the file it is."""
    package = path.removeprefix("src/").split("/")[:-1]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            for name in node.names:
                yield node.lineno, f"{module}.{name.name}"


def _is_command(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    for decorator in function.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(called, ast.Attribute) and called.attr in ("command", "callback"):
            return True
    return False


def _exported(tree: ast.Module) -> list[str]:
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            value = getattr(node, "value", None)
            return [] if value is None else [str(name) for name in ast.literal_eval(value)]
    return []


def _bound(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Import() | ast.ImportFrom():
                for alias in node.names:
                    yield (alias.asname or alias.name).partition(".")[0]
            case ast.Assign() | ast.AnnAssign():
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    yield from (name.id for name in ast.walk(target) if isinstance(name, ast.Name))
