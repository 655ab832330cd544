"""The page of commands, from the command line itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from groundlevel.cli import make_app
from groundlevel.kernel.command import Options
from pages.markdown import anchor, block, code, plain, table
from pages.markdown import page as whole

COMMON = Options.__struct_fields__
"""The options that every command takes."""

_WRONG = (
    "the command line is wrong; of `import`: some rows were refused, all others are stored; of `conformance`: nothing "
    "could be found out"
)
STATUSES = (
    ("0", "done"),
    ("1", "refused or failed; the reason and a hint are on standard error"),
    ("2", _WRONG),
    ("130", "interrupted"),
)


def page() -> str:
    """The page."""
    commands = list(_commands(get_command(make_app()), "groundlevel"))
    parts = [
        (
            "Commands other than `serve` work on the database directly. They may run beside a server, which sees what "
            "they did at once; only a revoked token takes up to a second."
        ),
        table(
            ("command", ""),
            ((f"[{code(name)}](#{anchor(name)})", plain(_paragraphs(each)[0])) for name, each in commands),
        ),
        "## Options of every command",
        table(("option", ""), (_option(each) for each in commands[0][1].params if each.name in COMMON)),
        "With `--json` a failure too is one JSON object on standard output, of `error` and `hint`.",
        "## Exit status",
        table(("status", "means"), STATUSES),
    ]
    for name, each in commands:
        parts += _section(name, each)
    return whole("Commands", *parts)


def _commands(group: Any, name: str) -> Iterator[tuple[str, Any]]:
    for word, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{name} {word}")
        else:
            yield f"{name} {word}", command


def _section(name: str, command: Any) -> list[str]:
    own = [each for each in command.params if each.name not in (*COMMON, "help")]
    arguments = [each.metavar for each in own if each.param_type_name == "argument"]
    usage = " ".join([name, *arguments, "[OPTIONS]"])
    return [
        f"## {name}",
        *(plain(part) for part in _paragraphs(command)),
        block(usage, "text"),
        table(("option", ""), (_option(each) for each in own)),
    ]


def _option(option: Any) -> tuple[str, str]:
    if option.param_type_name == "argument":
        return code(option.metavar), plain(option.help)
    value = "" if option.is_flag else f" {option.metavar or 'VALUE'}"
    text = plain(option.help)
    if option.required:
        text += " Required."
    elif option.default is not None and not option.is_flag:
        text += f" Default: {option.default}."
    return code(option.opts[0] + value), text


def _paragraphs(command: Any) -> list[str]:
    return (command.help or "").split("\n\n")
