"""TypeScript clients of our document, and programs that call every operation by them; the compiler checks their types.

`openapi-typescript` makes types alone, by which openapi-fetch sends requests; `openapi-typescript-codegen` makes a
class for each tag. What a program sends stands in it as literals, so that the types have to admit it.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from groundlevel.api import ROUTES
from groundlevel.kernel.http.routing import Admission, Route
from tests.compat.generated.python import documented_body, is_typed
from tests.compat.known import Request, World
from tests.compat.node.driver import NODE, bare_environment, link_modules
from tests.world import PATIENCE_SECONDS

_VERSION = "2021-07-28"
_OPTIONS = ("--strict", "--target", "es2022", "--module", "commonjs", "--moduleResolution", "node10", "--skipLibCheck")
_SAME = """
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
const typed = <A, B>(same: Same<A, B>) => same;
const outcomes: Record<string, unknown> = {};
"""
_PRINT = "process.stdout.write(JSON.stringify(outcomes));\n})();\n"


class Tools:
    """Generates and compiles in a directory, by the programs of npm that tests are given."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.warnings = ""
        """What the generators have said."""
        link_modules(directory)

    def generate(self, document: str) -> None:
        """Makes the clients of a document: `types.d.ts`, and the folder `codegen`."""
        (self._directory / "openapi.json").write_text(document, "utf-8")
        said = self._run("openapi-typescript/bin/cli.js", "openapi.json", "--output", "types.d.ts")
        self.warnings += re.sub(r"^(✨ openapi-typescript|🚀 openapi\.json).*\n", "", said, flags=re.MULTILINE).strip()
        codegen = (
            "--input",
            "openapi.json",
            "--output",
            "codegen",
            "--client",
            "fetch",
            "--useOptions",
            "--useUnionTypes",
        )
        self.warnings += self._run("openapi-typescript-codegen/bin/index.js", *codegen)

    def run(self, name: str, program: str) -> dict[str, Any]:
        """What a program prints, once the compiler has let it pass."""
        (self._directory / f"{name}.ts").write_text(program, "utf-8")
        self._run("typescript/bin/tsc", *_OPTIONS, "--outDir", f"built-{name}", f"{name}.ts")
        built = next((self._directory / f"built-{name}").rglob(f"{name}.js"))
        outcomes: dict[str, Any] = json.loads(self._node(str(built)))
        return outcomes

    def methods(self) -> set[str]:
        """The names of the methods of the generated classes."""
        services = (self._directory / "codegen" / "services").glob("*.ts")
        return {name for file in services for name in re.findall(r"public static (\w+)\(", file.read_text("utf-8"))}

    def _run(self, script: str, *arguments: str) -> str:
        return self._node(str(self._directory / "node_modules" / script), *arguments)

    def _node(self, *arguments: str) -> str:
        done = subprocess.run(
            [str(NODE), *arguments],
            cwd=self._directory,
            env=bare_environment(),
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


def by_types(world: World, url: str) -> str:
    """A program that calls every operation by the types; it prints the status of each, and the data or the error."""
    lines = ['import createClient from "openapi-fetch";', 'import type { paths, components } from "./types";']
    lines += [_SAME, f"const client = createClient<paths>({{ baseUrl: {_literal(url)} }});", "(async () => {"]
    for route, known in _requests(world):
        call = f"client.{route.method}({_literal(route.path)}, {_literal(_fetched(route, known, world))})"
        lines.append(f"{{ const {{ data, error, response }} = await {call};")
        if route.reply is not None:
            lines.append(f'typed<typeof data, components["schemas"]["{route.reply.__name__}"] | undefined>(true);')
        outcome = "{ status: response.status, body: data ?? error ?? null }"
        lines.append(f"outcomes[{_literal(route.operation_id)}] = {outcome}; }}")
    return "\n".join([*lines, _PRINT])


def by_classes(world: World, url: str) -> str:
    """A program that calls every operation by the classes; it prints what each returns, or is refused with."""
    lines = ['import * as generated from "./codegen";', _SAME]
    lines += [f"generated.OpenAPI.BASE = {_literal(url)};", "(async () => {"]
    for route, known in _requests(world):
        arguments = {camel(name): value for name, value in (known.path | _query(route, known)).items()}
        if route.admission is not Admission.NONE:
            arguments["version"] = _VERSION
        if known.body is not None:
            arguments["requestBody"] = documented_body(route, known)
        call = f"generated.{camel(route.tag, first=str.upper)}Service.{camel(route.operation_id)}"
        lines.append(f"generated.OpenAPI.TOKEN = {_literal(known.token or world.tenant.token)};")
        lines.append(f"{{ const called = {call}({_literal(arguments) if arguments else ''});")
        if route.reply is not None:
            lines.append(f"typed<Awaited<typeof called>, generated.{route.reply.__name__}>(true);")
        lines.append(f"outcomes[{_literal(route.operation_id)}] = await called.catch((refusal) => refusal.body); }}")
    return "\n".join([*lines, _PRINT])


def camel(name: str, *, first: Callable[[str], str] = str.lower) -> str:
    """A name of the document as `openapi-typescript-codegen` spells it: `deleteBusiness` for `delete-Business`."""
    words = [word for word in re.split(r"[^A-Za-z0-9]+", name) if word]
    joined = "".join(word[0].upper() + word[1:] for word in words)
    capitals = re.sub(r"([A-Z]+)(?=[A-Z][a-z]|$)", lambda found: found[1].capitalize(), joined)
    return first(capitals[0]) + capitals[1:]


def _requests(world: World) -> Iterator[tuple[Route, Request]]:
    """A request for each operation but those that stream lines, for which the generators have no type."""
    return ((route, world.known(route.operation_id)) for route in ROUTES if is_typed(route))


def _fetched(route: Route, known: Request, world: World) -> dict[str, Any]:
    parameters: dict[str, Any] = {"path": known.path, "query": _query(route, known)}
    if route.admission is not Admission.NONE:
        parameters["header"] = {"Version": _VERSION}
    options: dict[str, Any] = {
        "params": {name: values for name, values in parameters.items() if values},
        "headers": {"Authorization": f"Bearer {known.token or world.tenant.token}"},
    }
    if known.body is not None:
        options["body"] = documented_body(route, known)
    return options if "json" in route.media_type else options | {"parseAs": "text"}


def _query(route: Route, known: Request) -> dict[str, Any]:
    """The documented parameters of the query."""
    sent = {each.name: known.query[each.name] for each in route.query if each.name in known.query}
    return {name: [sent[name]] if name in _many(route) else sent[name] for name in sent}


def _many(route: Route) -> set[str]:
    return {parameter.name for parameter in route.query if parameter.many}


def _literal(value: Any) -> str:
    return json.dumps(value)
