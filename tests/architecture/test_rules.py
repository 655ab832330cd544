"""Every rule finds the fault in a made-up bad source and none in a good one, so that no rule is blind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeAlias

import pytest

from tests.architecture import rules

Rule: TypeAlias = Callable[[str, str], Iterator[str]]

_exports = partial(rules.faults_of_exports, others={"src/groundlevel/b.py": "from groundlevel.a import used"})
_map = partial(rules.faults_of_code_map, sources={"src/groundlevel/a.py": "x", "src/groundlevel/b/c.py": "y"})
_changelog = partial(rules.faults_of_changelog, version="1.2.0")

BAD: list[tuple[Rule, str, str]] = [
    (
        rules.faults_of_imports,
        "src/groundlevel/kernel/model.py",
        "import groundlevel.records.rules, groundlevel.kernel.ids",
    ),
    (rules.faults_of_imports, "src/groundlevel/records/rules.py", "from groundlevel.crm import errors"),
    (rules.faults_of_imports, "src/groundlevel/kernel/storage/base.py", "from groundlevel import access"),
    (rules.faults_of_imports, "src/groundlevel/kernel/base.py", "from ..records import rules"),
    (rules.faults_of_imports, "src/groundlevel/kernel/query/ast.py", "def f():\n    import groundlevel.app"),
    (
        rules.faults_of_imports,
        "src/groundlevel/kernel/query/ast.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from groundlevel.records.rules import RecordView",
    ),
    (rules.faults_of_imports, "src/groundlevel/app.py", "from groundlevel.cli import main"),
    (rules.faults_of_imports, "src/groundlevel/__init__.py", "from groundlevel.kernel.model import Record"),
    (rules.faults_of_order, "src/groundlevel/core/x.py", ""),
    (rules.faults_of_order, "src/groundlevel/things.py", ""),
    (rules.faults_of_nouns, "src/groundlevel/kernel/model.py", "class Contact: ..."),
    (rules.faults_of_nouns, "src/groundlevel/kernel/http/server.py", "def f(webhook_id): ..."),
    (rules.faults_of_nouns, "src/groundlevel/kernel/http/server.py", "x = tx.pipelines"),
    (rules.faults_of_owners, "src/groundlevel/schema/routes.py", "import uvicorn"),
    (rules.faults_of_owners, "src/groundlevel/kernel/storage/base.py", "from apsw import Connection"),
    (rules.faults_of_owners, "src/groundlevel/kernel/storage/sqlite/engine.py", "import sqlite3"),
    (rules.faults_of_owners, "src/groundlevel/kernel/storage/sqlite/engine.py", "import asyncpg.exceptions"),
    (rules.faults_of_owners, "src/groundlevel/records/rules.py", "import typer"),
    (rules.faults_of_length, "src/groundlevel/a.py", "x = 1\n" * 401),
    (rules.faults_of_length, "src/groundlevel/a.py", "x = 1\n" * 401 + "# Long:"),
    (rules.faults_of_docstring, "src/groundlevel/a.py", "x = 1"),
    (rules.faults_of_docstring, "src/groundlevel/a.py", '"""No full stop"""'),
    (rules.faults_of_docstring, "src/groundlevel/a.py", '"""Two sentences. In a line."""'),
    (rules.faults_of_docstring, "src/groundlevel/a.py", '"""One sentence\nthat goes on."""'),
    (rules.faults_of_prose, "src/groundlevel/a.py", 'def f():\n    """O5."""'),
    (rules.faults_of_prose, "src/groundlevel/a.py", '"""Reads files; the only module that does."""'),
    (rules.faults_of_name, "src/groundlevel/utils.py", ""),
    (rules.faults_of_name, "src/groundlevel/http/error_handlers.py", ""),
    (rules.faults_of_name, "tests/helpers/x.py", ""),
    (rules.faults_of_parameters, "src/groundlevel/a.py", "def f(a, b, c, d): ..."),
    (rules.faults_of_parameters, "src/groundlevel/a.py", "def f(a: int, b: str, c: bytes, d: int): ..."),
    (rules.faults_of_parameters, "src/groundlevel/a.py", "def f(a, b, *, c, d, e=1): ..."),
    (rules.faults_of_parameters, "src/groundlevel/a.py", "class A:\n    async def f(self, a, b, c, d): ..."),
    (rules.faults_of_parameters, "src/groundlevel/a.py", "def f(a, b, *, c, d, e=1): ...  # Parameters:"),
    (_exports, "src/groundlevel/a.py", "__all__ = ['absent']"),
    (_exports, "src/groundlevel/a.py", "__all__ = ('unused',)\ndef unused(): ..."),
    (rules.faults_of_skips, "tests/a/test_b.py", "pytest.skip('no PostgreSQL')"),
    (rules.faults_of_skips, "tests/a/test_b.py", "@pytest.mark.skipif(x, reason='y')\ndef test_c(): ..."),
    (rules.faults_of_skips, "tests/a/test_b.py", "from tests.postgres import Cluster, wheel_binaries"),
    (rules.faults_of_skips, "tests/a/test_b.py", "os.environ.get('GROUNDLEVEL_TEST_ENGINES')"),
    (rules.faults_of_addresses, "a.md", "see https://pypi" + ".org/project/x"),
    (rules.faults_of_addresses, "a.toml", "url = 'https://files.PythonHosted" + ".org'"),
    (rules.faults_of_addresses, "a.py", "path = '/ho" + "me/ann/x'"),
    (rules.faults_of_addresses, "a.md", "in /tm" + "p/x"),
    (_map, "docs/architecture.md", "- `a.py`: that is there"),
    (_map, "docs/architecture.md", "- `a.py`: there\n- `b/c.py`: there\n- `gone.py`: not there"),
    (rules.faults_of_lock, "requirements.lock", "apsw==3.54\n    # via groundlevel"),
    (rules.faults_of_lock, "requirements.lock", "apsw>=3.54 \\\n    --hash=sha256:00"),
    (rules.faults_of_lock, "requirements.lock", "--index-url https://example.com\napsw==3.54 \\\n    --hash=sha256:00"),
    (rules.faults_of_node_lock, "package-lock.json", '{"packages": {"": {}, "node_modules/a": {"version": "1.0.0"}}}'),
    (
        rules.faults_of_node_lock,
        "package-lock.json",
        '{"packages": {"node_modules/a": {"resolved": "https://example.com/a.tgz", "integrity": "sha512-00"}}}',
    ),
    (_changelog, "CHANGELOG.md", "# Changelog"),
    (_changelog, "CHANGELOG.md", "# Changelog\n\n## [1.1.0]\n\n## [1.2.0]"),
]

GOOD: list[tuple[Rule, str, str]] = [
    (
        rules.faults_of_imports,
        "src/groundlevel/kernel/model.py",
        "import re\nfrom groundlevel.kernel.errors import NotFound",
    ),
    (rules.faults_of_imports, "src/groundlevel/records/rules.py", "from groundlevel.associations import store"),
    (rules.faults_of_imports, "src/groundlevel/cli/serve.py", "from groundlevel.app import serve_here"),
    (rules.faults_of_imports, "src/groundlevel/kernel/http/server.py", "from groundlevel import __version__"),
    (rules.faults_of_imports, "tests/http/test_a.py", "from groundlevel.cli import main"),
    (rules.faults_of_order, "src/groundlevel/records/rules.py", ""),
    (rules.faults_of_order, "src/groundlevel/__init__.py", ""),
    (rules.faults_of_nouns, "src/groundlevel/crm/contacts/rules.py", "class Contact: ..."),
    (rules.faults_of_nouns, "src/groundlevel/kernel/model.py", "class Record:\n    pipelined = True"),
    (rules.faults_of_nouns, "src/groundlevel/kernel/settings.py", "webhook_policy = 1"),
    (rules.faults_of_owners, "src/groundlevel/kernel/storage/sqlite/engine.py", "import apsw"),
    (rules.faults_of_owners, "src/groundlevel/records/commands.py", "from rich.table import Table"),
    (rules.faults_of_owners, "tests/test_a.py", "import asyncpg"),
    (rules.faults_of_length, "src/groundlevel/a.py", "x = 1\n" * 400),
    (rules.faults_of_length, "src/groundlevel/a.py", "# Long: one table\n" + "x = 1\n" * 401),
    (rules.faults_of_length, "tests/fields/examples.py", "x = 1\n" * 401),
    (rules.faults_of_docstring, "src/groundlevel/a.py", '"""One sentence, e.g. this one.\n\nAnd more. Much more."""'),
    (rules.faults_of_prose, "src/groundlevel/a.py", 'def f():\n    """Creates a record."""'),
    (rules.faults_of_name, "src/groundlevel/http/community.py", ""),
    (rules.faults_of_parameters, "src/groundlevel/a.py", "class A:\n    def f(self, a, b, c, *, d): ..."),
    (rules.faults_of_parameters, "src/groundlevel/a.py", "def f(a, b, *, c, d, e=1): ...  # Parameters: a constructor"),
    (rules.faults_of_parameters, "src/groundlevel/a.py", "def f(a: int, b: str, c: bytes, d: bool): ..."),
    (rules.faults_of_parameters, "src/groundlevel/a.py", "def _f(a, b, c, d): ..."),
    (rules.faults_of_parameters, "src/groundlevel/a.py", "@app.command()\ndef f(a, b, c, d, e): ..."),
    (_exports, "src/groundlevel/a.py", "__all__ = ['used']\nused = 1"),
    (rules.faults_of_skips, "tests/needs.py", "pytest.skip('no PostgreSQL')"),
    (rules.faults_of_skips, "tests/a/test_b.py", "missing('no node')\nnot_applicable('SQLite has no server')"),
    (rules.faults_of_skips, "tests/a/test_b.py", "window = {'skip': 5}\nfrom tests.postgres import Cluster"),
    (rules.faults_of_addresses, "a.md", "POST /objects/work/home, https://example.com/home/x, ./tmp/x"),
    (_map, "docs/architecture.md", "- `a.py`: there\n- `b/c.py`: there"),
    (rules.faults_of_lock, "requirements.lock", "apsw==3.54 ; os_name == 'nt' \\\n    --hash=sha256:00\n    # via x"),
    (
        rules.faults_of_node_lock,
        "package-lock.json",
        '{"packages": {"": {}, "node_modules/a": {"integrity": "sha512-00"}}}',
    ),
    (_changelog, "CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n"),
    (_changelog, "CHANGELOG.md", "# Changelog\n\n## [1.2.0] - 2030-01-01\n"),
]


@pytest.mark.parametrize(("rule", "path", "text"), BAD)
def test_finds_the_fault(rule: Rule, path: str, text: str) -> None:
    faults = list(rule(path, text))
    assert len(faults) == 1
    assert faults[0].startswith(path)


@pytest.mark.parametrize(("rule", "path", "text"), GOOD)
def test_finds_no_fault(rule: Rule, path: str, text: str) -> None:
    assert list(rule(path, text)) == []


def test_every_rule_has_both_examples() -> None:
    every = {value for name, value in vars(rules).items() if name.startswith("faults_of_")} - {rules.faults_of_circles}
    for examples in (BAD, GOOD):
        assert every == {rule.func if isinstance(rule, partial) else rule for rule, _, _ in examples}


def test_a_circle_is_found() -> None:
    texts = {
        "src/groundlevel/a.py": "from groundlevel.b import x",
        "src/groundlevel/b/__init__.py": "from groundlevel.c import y",
        "src/groundlevel/c.py": "def f():\n    import groundlevel.a",
        "src/groundlevel/d.py": "import groundlevel.a",
    }
    (fault,) = rules.faults_of_circles(rules.modules_of(texts))
    assert fault.startswith("groundlevel.a -> groundlevel.b -> groundlevel.c -> groundlevel.a: ")
    del texts["src/groundlevel/c.py"]
    assert list(rules.faults_of_circles(rules.modules_of(texts))) == []
