"""What every command has in common: options, where results and refusals go, and the exit status.

What only some commands need, databases and tables among it, is imported where it is used, so that a start costs no
more than the command needs (decision 0044).
"""

from __future__ import annotations

import gc
import getpass
import inspect
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_type_hints

import msgspec
import typer
from msgspec import NODEFAULT, Struct

from groundlevel.kernel.changes import COMMAND, Author
from groundlevel.kernel.errors import InputError, Refusal, StorageUnavailable
from groundlevel.kernel.model import Json, Location, Origin
from groundlevel.kernel.settings import FILE, Settings, SettingsError, load_settings
from groundlevel.kernel.storage.migrate import MigrationError

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    from rich.console import Console, RenderableType

    from groundlevel.kernel.storage.base import Storage
    from groundlevel.kernel.usecase import Call

ORIGIN = Origin(channel="OAUTH", source="INTEGRATION", source_id="groundlevel-cli")
"""What records written from the command line show as createdBy (docs/contract.md#record-replies)."""

FAILED = 1
INTERRUPTED = 130
_WIDE = 1_000


class Options(Struct, frozen=True, kw_only=True):
    """The options that every command takes. A command with more of them extends this."""

    database: Annotated[
        str | None,
        typer.Option(help="sqlite:///PATH or postgresql://…; else GROUNDLEVEL_DATABASE or groundlevel.toml says it."),
    ] = None
    config: Annotated[
        Path | None, typer.Option(help="Settings file; groundlevel.toml is read when it exists.", show_default=False)
    ] = None
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False


class Result(Struct, frozen=True):
    """What a command has to say."""

    data: dict[str, Json]
    """What --json prints."""
    text: RenderableType | None = None
    """What people see."""
    status: int = 0


_COLLECTIONS = (20_000, 50, 100)
"""When garbage is collected: seldom, since hardly any of ours is in cycles. A request takes 4 % less processor time."""
Chosen = TypeVar("Chosen", bound=Options)
Command = Callable[[Chosen], Awaitable[Result | None]]


MakeLoop = Callable[[], "AbstractEventLoop"]
"""Makes the event loop that a command runs on."""


def command(
    app: typer.Typer, name: str, *, make_loop: MakeLoop | None = None
) -> Callable[[Command[Chosen]], Command[Chosen]]:
    """Registers a coroutine that takes its options as one value; each member of their type becomes an option.

    It runs on uvloop's event loop, unless another one is made for it.
    """

    def register(run: Command[Chosen]) -> Command[Chosen]:
        options_type = get_type_hints(run)["options"]
        hints = get_type_hints(options_type, include_extras=True)

        def invoke(**values: Any) -> None:
            options = options_type(**values)
            raise typer.Exit(finish(run, options, make_loop))

        members = msgspec.structs.fields(options_type)
        invoke.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [
                inspect.Parameter(
                    member.name,
                    inspect.Parameter.KEYWORD_ONLY,
                    default=inspect.Parameter.empty if member.default is NODEFAULT else member.default,
                    annotation=hints[member.name],
                )
                for member in members
            ]
        )
        invoke.__annotations__ = {member.name: hints[member.name] for member in members}
        invoke.__doc__ = run.__doc__
        app.command(name)(invoke)
        return run

    return register


def finish(run: Command[Chosen], options: Chosen, make_loop: MakeLoop | None) -> int:
    """Runs a command to its end, prints its result or why there is none, and returns the exit status."""
    import asyncio

    import uvloop

    # The modules are loaded: their objects stay, and need not be looked at again.
    gc.freeze()
    gc.set_threshold(*_COLLECTIONS)
    gc.enable()
    try:
        with asyncio.Runner(loop_factory=make_loop or uvloop.new_event_loop) as runner:
            result = runner.run(_await_result(run, options))
    except KeyboardInterrupt:
        say("interrupted", "", as_json=options.json)
        return INTERRUPTED
    except (Refusal, SettingsError, MigrationError, InputError) as problem:
        return report(problem, as_json=options.json)
    if result is None:
        return 0
    if options.json:
        typer.echo(msgspec.json.encode(result.data).decode())
    elif isinstance(result.text, str):
        typer.echo(result.text)
    elif result.text is not None:
        console().print(result.text)
    return result.status


async def _await_result(run: Command[Chosen], options: Chosen) -> Result | None:
    return await run(options)


def report(problem: Exception, *, as_json: bool) -> int:
    """Prints why a command failed, and what to do about it; returns the exit status."""
    message = problem.message if isinstance(problem, Refusal) else str(problem)
    say(message, advice_on(problem), as_json=as_json)
    return FAILED


def say(message: str, hint: str, *, as_json: bool) -> None:
    """Prints a failure: as JSON on standard output, else as text on standard error."""
    if as_json:
        typer.echo(msgspec.json.encode({"error": message, "hint": hint}).decode())
        return
    typer.echo(f"groundlevel: {message}", err=True)
    if hint:
        typer.echo(f"hint: {hint}", err=True)


def advice_on(problem: Exception) -> str:
    """What to do about a failure."""
    match problem:
        case Refusal():
            return problem.advice
        case InputError():
            return problem.advice
        case MigrationError():
            return "Run the newer groundlevel, `groundlevel migrate`, or point --database at another database."
        case SettingsError():
            return "A flag beats the environment, which beats groundlevel.toml."
    return ""


def settings_of(
    options: Options, flags: Mapping[str, object] | None = None, *, defaults: Mapping[str, object] | None = None
) -> Settings:
    """The settings in force for a command, with other defaults than usual where it has some. Raises SettingsError."""
    file = options.config or (FILE if FILE.is_file() else None)
    return load_settings({"database": options.database, **(flags or {})}, os.environ, file, defaults=defaults or {})


@asynccontextmanager
async def open_database(settings: Settings, *, examine: bool = False) -> AsyncIterator[Storage]:
    """The database, open and migrated, for as long as the block runs; to `examine` it, as it is and for reading alone.

    Raises StorageUnavailable, MigrationError.
    """
    from groundlevel.kernel.storage.engines import make_storage

    storage = make_storage(settings)
    storage.author = _author()
    try:
        await (storage.open_to_examine() if examine else storage.open())
    except (StorageUnavailable, OSError) as problem:
        message = problem.message if isinstance(problem, StorageUnavailable) else f"The database: {problem}"
        raise StorageUnavailable(
            message, hint="Check --database (or GROUNDLEVEL_DATABASE) and that the database can be reached."
        ) from problem
    try:
        yield storage
    finally:
        await storage.close()


def _author() -> Author:
    """Who runs this command."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        # As in a container, whose user has no name.
        user = str(os.getuid())
    return Author(COMMAND, user, ORIGIN.source)


def call_in(storage: Storage, location: Location, settings: Settings) -> Call:
    """The circumstances of work that the command line does in a location."""
    from groundlevel.kernel.usecase import Call

    return Call(location, ORIGIN, storage.ids, strict=settings.profile == "live", limited=settings.limits == "live")


def console() -> Console:
    """Where tables go: as wide as the terminal, or as wide as they need to be in a file or a pipe."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else _WIDE)


def on_terminal() -> bool:
    """Whether a person is watching standard error."""
    return sys.stderr.isatty()
