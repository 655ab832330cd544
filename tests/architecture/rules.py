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

ORDER = (
    "healthcheck",
    "kernel",
    "tls",
    "conformance",
    "signing",
    "access",
    "standard",
    "associations",
    "schema",
    "notes",
    "records",
    "crm",
    "webhooks",
    "oauth",
    "users",
    "locations",
    "audit",
    "imports",
    "seed",
    "doctor",
    "backup",
    "transfer",
    "system",
    "requests",
    "control",
    "testing",
    "console",
    "api",
    "app",
    "cli",
    "__main__",
)
"""The parts of the package from the bottom to the top. A module imports from its own part or from one below it.

The kernel names no noun; a new noun gets its line here. The command line stands on top, since it is what starts.
"""

NOUN_WORDS = re.compile(
    r"contact|opportunit|business|pipeline(?!d\b|ing)|webhook|oauth|install|campaign", re.IGNORECASE
)
"""Words of nouns, which no name in the kernel holds."""

TABLES = ("kernel/settings.py",)
"""Modules of the kernel that are one table for all nouns, whose rows may therefore name them."""

FOREIGN = frozenset((("kernel/http/protocol.py", "pipeline"),))
"""Names of a library's own that mean something else: of HTTP requests sent without waiting for their replies."""

OWNERS: Mapping[str, tuple[str, ...]] = {
    "aiohttp": ("webhooks/client.py", "conformance/asking.py"),
    "apsw": ("kernel/storage/sqlite/",),
    "arro3": ("imports/parquet_columns.py",),
    "asyncpg": ("kernel/storage/postgres/",),
    "certifi": ("webhooks/client.py", "tls/authority.py"),
    "cryptography": ("signing/rules.py", "signing/sealing.py"),
    "jinja2": ("kernel/http/rendering.py",),
    "jwt": ("signing/rules.py",),
    "phonenumbers": ("kernel/fields/phone.py",),
    "prometheus_client": ("kernel/observe.py",),
    "pytest": ("testing/plugin.py",),
    "rich": ("kernel/command.py", "cli/", *(f"{noun}/commands.py" for noun in ORDER)),
    "sqlite3": (),
    "structlog": ("kernel/observe.py",),
    "trustme": ("tls/authority.py",),
    "typer": ("kernel/command.py", "cli/", *(f"{noun}/commands.py" for noun in ORDER)),
    "uvicorn": ("kernel/http/listener.py", "kernel/http/protocol.py", "kernel/http/exchange.py"),
    "uvloop": ("kernel/http/accepting.py", "kernel/command.py"),
    "yaml": ("seed/yaml_text.py",),
    "yarl": ("webhooks/client.py", "conformance/asking.py"),
}
"""Which of our modules alone may import a library: none `sqlite3`, since two of them on one file delete its log."""

SKIPPING = ("tests/needs.py", "tests/conftest.py", "tests/architecture/rules.py")
"""Which modules alone decide whether a test is skipped, and whether an engine is there."""

MOST_LINES = 400
MOST_PARAMETERS = 4
MOST_POSITIONAL = 3

_VAGUE = re.compile(r"(utils?|helpers?|commons?|managers?|handlers?|misc)")
_REGISTRY = re.compile(r"(pypi|pythonhosted|npmjs|crates|registry\.yarnpkg)\.(org|io|com)\b", re.IGNORECASE)
_MACHINE = re.compile(r"(?<![\w.$~}*-])/(work|tmp|root|home|Users)/\w")
_INDEX = re.compile(r"(https?://|--(extra-)?index-url|--find-links)", re.IGNORECASE)


def faults_of_imports(path: str, text: str) -> Iterator[str]:
    """Every module imports from its own part of the package or from one below it."""
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
        if part not in ("__init__", "__version__", own) and _place(part) > _place(own):
            yield f"{path}:{line} imports {imported} from above; pass it in, or move it down"


def faults_of_order(path: str, text: str) -> Iterator[str]:
    """Every part of the package has its place in the order."""
    part = _part(path)
    if part is not None and part not in ("__init__", *ORDER):
        yield f"{path}: {part} has no place in ORDER; say what it stands on"


def faults_of_nouns(path: str, text: str) -> Iterator[str]:
    """No name in the kernel is about one noun: what the kernel does, it does for all of them."""
    if _part(path) != "kernel" or path.removeprefix(SOURCE) in TABLES:
        return
    for node in ast.walk(ast.parse(text)):
        for name in _names(node):
            if NOUN_WORDS.search(name) and (path.removeprefix(SOURCE), name) not in FOREIGN:
                yield f"{path}:{getattr(node, 'lineno', 0)} names {name}; move it to its noun, or name what all share"


def faults_of_circles(imports: Mapping[str, set[str]]) -> Iterator[str]:
    """No module imports itself by way of others; `imports` has the modules that each imports."""
    seen: set[str] = set()
    for start in sorted(imports):
        way = _way_back(start, imports)
        if way and not seen.intersection(way):
            seen.update(way)
            yield " -> ".join(way) + ": a circle; move what both need to a module below them"


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
    """A module longer than one sitting says why in a comment `# Long: …`; a table of examples need not."""
    lines = text.count("\n")
    excused = path.endswith("/examples.py") or re.search(r"^# Long: \w", text, re.MULTILINE)
    if lines > MOST_LINES and not excused:
        yield f"{path} has {lines} lines, more than {MOST_LINES}; find the second noun in it, or say why: # Long: …"


def faults_of_docstring(path: str, text: str) -> Iterator[str]:
    """Every module begins with one sentence."""
    docstring = ast.get_docstring(ast.parse(text))
    if not docstring:
        yield f"{path} has no docstring; begin it with one sentence that says what it is for"
        return
    first = docstring.partition("\n\n")[0]
    if "\n" in first or not first.endswith(".") or re.search(r"[a-z]{2}\. [A-Z]", first):
        yield f"{path}: the docstring begins with {first!r}; make its first line one whole sentence"


def faults_of_prose(path: str, text: str) -> Iterator[str]:
    """A docstring says something, and claims nothing that a test does not hold: no code alone, no `the only module`."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        docstring = ast.get_docstring(node) or ""
        where = f"{path}:{getattr(node, 'lineno', 1)}"
        if re.match(r"[A-Z]\d+[.:](\s|$)", docstring):
            yield f"{where}: the docstring begins with a code; say what the operation does"
        elif re.search(r"\bthe only (module|place|package)\b", docstring):
            yield f"{where}: the docstring claims to be the only one; leave it out, or make it a rule in OWNERS"


def faults_of_name(path: str, text: str) -> Iterator[str]:
    """No file or directory has a name that could hold anything."""
    for piece in path.split("/"):
        for word in piece.partition(".")[0].split("_"):
            if _VAGUE.fullmatch(word.lower()):
                yield f"{path}: {word} says nothing about what is inside; name the file after its noun"


def faults_of_parameters(path: str, text: str) -> Iterator[str]:
    """A function with more than four parameters says why in a comment `# Parameters: …` on its first line.

    self, cls and tx are not counted; all but two or three are keyword-only.

    A fourth by position is fair where all four differ in type, so that the type checker refuses a swap, and in a
    private function, whose callers stand beside it. The functions of commands are exempt: their parameters are the
    flags that a person sees.
    """
    lines = text.splitlines()
    for function in ast.walk(ast.parse(text)):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) or _is_command(function):
            continue
        by_position = [*function.args.posonlyargs, *function.args.args]
        if by_position and by_position[0].arg in ("self", "cls", "tx"):
            del by_position[0]
        count = len(by_position) + len(function.args.kwonlyargs)
        where = f"{path}:{function.lineno} {function.name}"
        if count > MOST_PARAMETERS:
            if not re.search(r"# Parameters: \w", lines[function.lineno - 1]):
                yield f"{where} takes {count} parameters; make a value of some, or say # Parameters: why"
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


def faults_of_skips(path: str, text: str) -> Iterator[str]:
    """A test is skipped by tests/needs.py alone, so that what may not be missing is missing nowhere."""
    if not path.startswith("tests/") or path in SKIPPING:
        return
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Attribute(attr="skip" | "skipif" | "importorskip"):
                yield f"{path}:{node.lineno} uses {node.attr}; call missing or not_applicable of tests/needs.py"
            case ast.ImportFrom(module="tests.postgres", names=names):
                for name in sorted({"system_binaries", "wheel_binaries"}.intersection(each.name for each in names)):
                    yield f"{path}:{node.lineno} imports {name}; call postgres_binaries of tests/needs.py"
            case ast.Constant(value="GROUNDLEVEL_TEST_ENGINES"):
                yield f"{path}:{node.lineno} reads which engines to test; TESTED of tests/needs.py says it"


def faults_of_addresses(path: str, text: str) -> Iterator[str]:
    """No file names a package registry or a path of somebody's machine."""
    for number, line in enumerate(text.splitlines(), 1):
        if found := _REGISTRY.search(line):
            yield f"{path}:{number} names {found.group()}; which registry is used is the reader's own setting"
        if found := _MACHINE.search(line):
            yield f"{path}:{number} names {found.group()}…, a path of one machine; use a relative or temporary one"


def faults_of_code_map(path: str, text: str, *, sources: Mapping[str, str]) -> Iterator[str]:
    """The code map has a line for every module, and none for one that is gone."""
    listed = set(re.findall(r"^- `([\w/]+\.py)`", text, re.MULTILINE))
    there = {
        source.removeprefix(SOURCE)
        for source, content in sources.items()
        if not source.endswith("/__init__.py") and content
    }
    for module in sorted(there - listed):
        yield f"{path}: no line for {module}; make docs"
    for module in sorted(listed - there):
        yield f"{path}: a line for {module}, which is gone; make docs"


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


def _place(part: str) -> int:
    return ORDER.index(part) if part in ORDER else len(ORDER)


def _names(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name
        case ast.Name():
            yield node.id
        case ast.Attribute():
            yield node.attr
        case ast.arg():
            yield node.arg


def _way_back(start: str, imports: Mapping[str, set[str]]) -> list[str]:
    """The shortest way from a module by its imports back to itself; empty when there is none."""
    came_from = dict.fromkeys(imports.get(start, ()), start)
    queue = list(came_from)
    for module in queue:
        if module == start:
            way = [start]
            while (before := came_from[way[-1]]) != start:
                way.append(before)
            return [start, *reversed(way)]
        for each in imports.get(module, ()):
            if each not in came_from:
                came_from[each] = module
                queue.append(each)
    return []


def modules_of(texts: Mapping[str, str]) -> dict[str, set[str]]:
    """The modules of ours that each of ours imports, given texts by path."""
    names = {_module(path): path for path in texts if path.startswith(SOURCE)}
    imports: dict[str, set[str]] = {}
    for module, path in names.items():
        targets = (imported for _, imported in _imports(path, texts[path]))
        imports[module] = {
            each if each in names else each.rpartition(".")[0] for each in targets if each.startswith(PACKAGE + ".")
        } & names.keys() - {module}
    return imports


def _module(path: str) -> str:
    return path.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")


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
