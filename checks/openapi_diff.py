"""Says what in the OpenAPI document breaks clients that were written for a base revision.

    python -m checks.openapi_diff BASE

compares docs/openapi.json of the working tree with that of the git revision BASE, prints one line for each breaking
change and exits with 1 if there are any. A request of an old client has to be accepted still, and a reply must not
surprise it: an operation, parameter, body or reply may become wider where clients send and narrower where they read.
What is new and optional is never reported.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = "docs/openapi.json"

_LOWER = ("minimum", "minLength", "minItems", "exclusiveMinimum")
_UPPER = ("maximum", "maxLength", "maxItems", "exclusiveMaximum")
_EXACT = ("pattern", "format", "multipleOf")
_EVERY_TYPE = frozenset(("string", "integer", "number", "boolean", "array", "object", "null"))

Schema = dict[str, Any]


class Side(Struct, frozen=True):
    """A schema, and the document in which its references are looked up."""

    schema: Any
    document: Schema

    def at(self, schema: Any) -> Side:
        """Another schema of the same document."""
        return Side(schema, self.document)


class Comparison(Struct, frozen=True):
    """Where two schemas are compared, in which direction, and which references have been followed on the way."""

    where: str
    reply: bool
    followed: frozenset[tuple[str, str]] = frozenset()

    def within(self, step: str) -> Comparison:
        """The comparison one step deeper."""
        return Comparison(self.where + step, self.reply, self.followed)


def breaking_changes(base: Schema, head: Schema) -> Iterator[str]:
    """One line for each change from `base` to `head` that breaks a client; both are OpenAPI 3.1 documents."""
    for path, item in base["paths"].items():
        for method, old in item.items():
            where = f"{method.upper()} {path}"
            new = head["paths"].get(path, {}).get(method)
            if new is None:
                yield f"{where}: the operation is gone"
                continue
            if old.get("operationId") != new.get("operationId"):
                was, now = old.get("operationId"), new.get("operationId")
                yield f"{where}: operationId was {was} and is {now}; generated clients name methods after it"
            yield from _scopes(where, old, new)
            yield from _parameters(where, Side(old, base), Side(new, head))
            yield from _body(where, Side(old, base), Side(new, head))
            yield from _replies(where, Side(old, base), Side(new, head))


def _scopes(where: str, old: Schema, new: Schema) -> Iterator[str]:
    asked_before = {scope for each in old.get("security", []) for scopes in each.values() for scope in scopes}
    for each in new.get("security", []):
        for scope in {scope for scopes in each.values() for scope in scopes} - asked_before:
            yield f"{where}: the scope {scope} is now needed"
    if new.get("security") and not old.get("security"):
        yield f"{where}: a token is now needed"


def _parameters(where: str, old: Side, new: Side) -> Iterator[str]:
    before = {(each["in"], each["name"]): each for each in old.schema.get("parameters", [])}
    after = {(each["in"], each["name"]): each for each in new.schema.get("parameters", [])}
    for (place, name), parameter in before.items():
        if place == "path":
            continue  # a path with another parameter is another path
        if (place, name) not in after:
            yield f"{where}: the {place} parameter {name} is gone"
            continue
        sent, accepted = old.at(parameter["schema"]), new.at(after[place, name]["schema"])
        yield from _narrowed(sent, accepted, Comparison(f"{where}: {place} parameter {name}", reply=False))
    for (place, name), parameter in after.items():
        if place != "path" and parameter.get("required") and not before.get((place, name), {}).get("required"):
            yield f"{where}: the {place} parameter {name} is now required"


def _body(where: str, old: Side, new: Side) -> Iterator[str]:
    before, after = old.schema.get("requestBody"), new.schema.get("requestBody")
    if after is not None and after.get("required") and not (before or {}).get("required"):
        yield f"{where}: a body is now required"
    if before is None:
        return
    for media_type, content in before["content"].items():
        if after is None or media_type not in after["content"]:
            yield f"{where}: a body of {media_type} is no longer accepted"
            continue
        sent, accepted = old.at(content["schema"]), new.at(after["content"][media_type]["schema"])
        yield from _narrowed(sent, accepted, Comparison(f"{where}: body", reply=False))


def _replies(where: str, old: Side, new: Side) -> Iterator[str]:
    for status, reply in old.schema["responses"].items():
        there = new.schema["responses"].get(status)
        if there is None:
            if status.startswith("2"):
                yield f"{where}: it no longer answers {status}"
            continue
        for media_type, content in reply.get("content", {}).items():
            if media_type not in there.get("content", {}):
                yield f"{where}: {status} no longer comes as {media_type}"
                continue
            read, sent = old.at(content["schema"]), new.at(there["content"][media_type]["schema"])
            yield from _narrowed(sent, read, Comparison(f"{where}: {status}", reply=True))


def _narrowed(part: Side, whole: Side, at: Comparison) -> Iterator[str]:
    """Why not every value of `part` is a value of `whole`.

    In a request `part` is what old clients send and `whole` what is accepted now; in a reply `part` is what is sent now
    and `whole` what old clients read.
    """
    names = (_reference(part.schema), _reference(whole.schema))
    if all(names):
        if names in at.followed:
            return
        at = Comparison(at.where, at.reply, at.followed | {names})
    part, whole = _resolved(part), _resolved(whole)
    options = _options(whole)
    for option in _options(part):
        candidates = [list(_narrowed_option(option, other, at)) for other in options]
        if candidates and not all(candidates):
            continue
        kind = _types(_resolved(option))
        alike = [each for each, other in zip(candidates, options, strict=True) if kind <= _types(_resolved(other))]
        yield from alike[0] if len(alike) == 1 else [_refused(option, at)]


def _narrowed_option(part: Side, whole: Side, at: Comparison) -> Iterator[str]:
    """The same of two alternatives."""
    if _reference(part.schema) or _reference(whole.schema):
        yield from _narrowed(part, whole, at)
        return
    if not _types(part) <= _types(whole):
        yield _refused(part, at)
        return
    if isinstance(part.schema, bool) or isinstance(whole.schema, bool):
        return
    yield from _values(part.schema, whole.schema, at)
    yield from _members(part, whole, at)
    if "items" in whole.schema:
        yield from _narrowed(part.at(part.schema.get("items", True)), whole.at(whole.schema["items"]), at.within("[]"))


def _values(part: Schema, whole: Schema, at: Comparison) -> Iterator[str]:
    now = "can now be" if at.reply else "can no longer be"
    if (allowed := _enumerated(whole)) is not None:
        listed = _enumerated(part)
        if listed is None:
            yield f"{at.where} {now} anything but {', '.join(map(str, allowed))}"
        else:
            for value in listed:
                if value not in allowed:
                    yield f"{at.where} {now} {value}"
    for key in (*_LOWER, *_UPPER, *_EXACT):
        if key not in whole or part.get(key) == whole[key] or _enumerated(part) is not None:
            continue
        if key in _EXACT or key not in part or (part[key] < whole[key]) is (key in _LOWER):
            yield f"{at.where}: {key} is {'looser' if at.reply else 'stricter'} than it was"


def _members(part: Side, whole: Side, at: Comparison) -> Iterator[str]:
    if "object" not in _types(part):
        return
    members, known = part.schema.get("properties", {}), whole.schema.get("properties", {})
    for name in set(whole.schema.get("required", ())) - set(part.schema.get("required", ())):
        if not (at.reply and name not in members):
            yield f"{at.where}.{name} {'may now be missing' if at.reply else 'is now required'}"
    others = whole.schema.get("additionalProperties", True)
    for name, member in members.items():
        if name in known:
            yield from _narrowed(part.at(member), whole.at(known[name]), at.within(f".{name}"))
        elif at.reply:
            continue  # clients skip members that they do not know
        elif isinstance(others, dict):
            yield from _narrowed(part.at(member), whole.at(others), at.within(f".{name}"))
        else:
            yield f"{at.where}.{name} is gone"
    if at.reply:
        yield from (f"{at.where}.{name} is gone" for name in known if name not in members)
    free = part.schema.get("additionalProperties", True)
    if isinstance(free, dict) and isinstance(others, dict):
        yield from _narrowed(part.at(free), whole.at(others), at.within(".*"))


def _refused(part: Side, at: Comparison) -> str:
    what = " or ".join(sorted(_types(part))) if _types(part) != _EVERY_TYPE else "anything"
    return f"{at.where} {'can now be' if at.reply else 'can no longer be'} {what}"


def _reference(schema: Any) -> str:
    return str(schema.get("$ref", "")) if isinstance(schema, dict) else ""


def _resolved(side: Side) -> Side:
    """The schema behind a chain of references."""
    while name := _reference(side.schema):
        target: Any = side.document
        for step in name.removeprefix("#/").split("/"):
            target = target[step]
        side = side.at(target)
    return side


def _options(side: Side) -> list[Side]:
    """The alternatives of a schema, which may be references, or itself alone."""
    if isinstance(side.schema, dict):
        for key in ("anyOf", "oneOf"):
            if key in side.schema:
                return [option for each in side.schema[key] for option in _options(side.at(each))]
    return [side]


def _types(side: Side) -> frozenset[str]:
    """The JSON types of a schema's values; an integer is a number too."""
    if not isinstance(side.schema, dict):
        return _EVERY_TYPE if side.schema else frozenset()
    if "type" not in side.schema:
        listed = _enumerated(side.schema)
        return _EVERY_TYPE if listed is None else frozenset(_NAMES[type(value)] for value in listed)
    named = side.schema["type"]
    types = frozenset((named,) if isinstance(named, str) else named)
    return types | {"integer"} if "number" in types else types


_NAMES = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}


def _enumerated(schema: Schema) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    values: list[Any] | None = schema.get("enum")
    return values


def main(arguments: list[str]) -> int:
    """Compares the working tree with the revision; returns the exit status."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print("usage: python -m checks.openapi_diff BASE", file=sys.stderr)
        return 2
    revision = arguments[0]
    known = _git("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    if known.returncode:
        print(f"{revision} is no revision of this repository", file=sys.stderr)
        return 2
    shown = _git("show", f"{revision}:{DOCUMENT}")
    if shown.returncode:
        print(f"{revision} has no {DOCUMENT}: there is nothing to compare with")
        return 0
    head = json.loads((ROOT / DOCUMENT).read_text("utf-8"))
    changes = sorted(set(breaking_changes(json.loads(shown.stdout), head)))
    for change in changes:
        print(change)
    print(f"{len(changes)} breaking changes since {revision}" if changes else f"Nothing breaks clients of {revision}")
    return 1 if changes else 0


def _git(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
