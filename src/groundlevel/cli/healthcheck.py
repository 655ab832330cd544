"""Asks a server on this machine whether it is healthy, where the settings say that it is."""

from __future__ import annotations

from typing import Annotated

import typer

from groundlevel.healthcheck import problem_of
from groundlevel.kernel.command import FAILED, Options, Result, command, say, settings_of


class HealthOptions(Options, frozen=True, kw_only=True):
    """Options of `healthcheck`."""

    url: Annotated[str | None, typer.Option(help="Base URL of the server; else its host and port settings say it.")] = (
        None
    )


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    command(app, "healthcheck")(check_health)


async def check_health(options: HealthOptions) -> Result:
    """Ask the server whether it is healthy; the exit status says so. For the health checks of containers."""
    url = options.url
    if url is None:
        from groundlevel.kernel.http.hosts import url_of

        url = url_of(settings_of(options))
    problem = problem_of(url)
    if problem is None:
        return Result({"url": url, "healthy": True}, f"{url} is healthy")
    if not options.json:
        say(problem, "", as_json=False)
    return Result({"url": url, "healthy": False, "error": problem}, status=FAILED)
