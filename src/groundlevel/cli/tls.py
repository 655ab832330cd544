"""Makes a certificate authority of this machine's own, and runs programs that have the platform's host built in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from groundlevel.cli.own_server import own_server
from groundlevel.kernel.command import Options, Result, command, on_terminal
from groundlevel.tls.authority import (
    DIRECTORY,
    HOSTS,
    PLATFORM_HOSTS,
    authority_file,
    bundle_file,
    issue_certificate,
    load_authority,
    remove_authority,
    server_context,
)
from groundlevel.tls.errors import TlsError


class AuthorityOptions(Options, frozen=True, kw_only=True):
    """Options of `tls ca` and `tls clean`."""

    directory: Annotated[Path, typer.Option(help="Where the files are kept.")] = DIRECTORY


class CertificateOptions(AuthorityOptions, frozen=True, kw_only=True):
    """Options of `tls cert`."""

    host: Annotated[list[str] | None, typer.Option(help="Another host or address; may be given several times.")] = None


class RunOptions(AuthorityOptions, frozen=True, kw_only=True):
    """Options of `tls run`."""

    program: Annotated[list[str], typer.Argument(metavar="-- PROGRAM…", help="The program and its arguments.")]
    url: Annotated[str | None, typer.Option(help="A server that runs already; else one of its own is started.")] = None
    profile: Annotated[str | None, typer.Option(help="spec or live, for a server of its own.")] = None
    limits: Annotated[str | None, typer.Option(help="off or live, for a server of its own.")] = None
    seed: Annotated[str | None, typer.Option(help="A seed file for a server of its own; else the demo.")] = None
    host: Annotated[list[str] | None, typer.Option(help="Another host to answer for; may be given several times.")] = (
        None
    )
    offline: Annotated[bool, typer.Option("--offline", help="Refuse all other hosts, instead of reaching them.")] = (
        False
    )


def add_to(app: typer.Typer) -> None:
    """Adds the family's commands."""
    family = typer.Typer(
        help="A local certificate authority, its certificates, and programs that trust it.", no_args_is_help=True
    )
    app.add_typer(family, name="tls")
    command(family, "run")(run_with_tls)
    command(family, "ca")(make_authority)
    command(family, "cert")(make_certificate)
    command(family, "clean")(remove_files)


async def run_with_tls(options: RunOptions) -> Result:
    """Run a program for which the platform's hosts lead to a local server: groundlevel tls run -- python app.py

    Nothing outside the program changes: it and its children find a proxy, certificates and hooks by their environment.
    The server has the demo in memory and is gone when the program ends; GHL_API_KEY and GHL_LOCATION_ID are set to its
    own.
    """
    import ssl
    import tempfile
    from urllib.request import getproxies_environment

    from groundlevel.tls.program import environment_for, run_program, write_trust
    from groundlevel.tls.proxy import Routing, running_proxy

    authority = load_authority(options.directory)
    hosts = (*PLATFORM_HOSTS, *(host.lower() for host in options.host or ()))
    certificate = server_context(authority, hosts)
    with ExitStack() as until_the_end:
        url, variables = until_the_end.enter_context(_server_for(options))
        folder = Path(until_the_end.enter_context(tempfile.TemporaryDirectory(prefix="groundlevel-")))
        trust = write_trust(folder, authority.cert_pem.bytes(), os.environ)
        routing = Routing(
            url,
            hosts,
            certificate,
            ssl.create_default_context(cafile=trust["SSL_CERT_FILE"]),
            options.offline,
            getproxies_environment().get("https"),
        )
        async with running_proxy(routing) as ports:
            if on_terminal():
                typer.echo(f"groundlevel: {hosts[0]} is answered by {url}", err=True)
            own = environment_for(routing, ports, os.environ)
            status = await run_program(options.program, {**os.environ, **variables, **trust, **own})
    return Result({"status": status}, status=status)


@contextmanager
def _server_for(options: RunOptions) -> Iterator[tuple[str, dict[str, str]]]:
    """The URL of the server that answers, and variables that lead a program into its location.

    Raises TlsError, OwnServerError.
    """
    own = {"profile": options.profile, "limits": options.limits, "seed": options.seed, "database": options.database}
    if options.url is None:
        with own_server(options.config, **own) as server:
            yield server.url, server.env
        return
    if given := [f"--{name}" for name, value in own.items() if value is not None]:
        raise TlsError(
            f"--url names a server that runs already, for which {given[0]} says nothing", "Leave one of them out."
        )
    if not options.url.startswith(("http://", "https://")):
        raise TlsError(f"--url: expected http://… or https://…, got {options.url}", "GHL_BASE_URL holds one.")
    yield options.url, {}


async def make_authority(options: AuthorityOptions) -> Result:
    """Make the local certificate authority, if there is none yet, and print how clients come to trust it."""
    load_authority(options.directory)
    trusted, bundle = authority_file(options.directory), bundle_file(options.directory)
    lines = (
        f"export NODE_EXTRA_CA_CERTS={trusted.resolve()}",
        f"export SSL_CERT_FILE={bundle.resolve()}",
        f"export REQUESTS_CA_BUNDLE={bundle.resolve()}",
    )
    return Result({"ca": str(trusted), "bundle": str(bundle)}, "\n".join(lines))


async def make_certificate(options: CertificateOptions) -> Result:
    """Make a certificate of the local authority for the platform's hosts, this machine, and others if named."""
    hosts = (*HOSTS, *(options.host or ()))
    certificate, key = issue_certificate(options.directory, hosts)
    return Result(
        {"certificate": str(certificate), "key": str(key), "hosts": list(hosts)},
        f"certificate  {certificate}\nkey          {key}\nhosts        {', '.join(hosts)}",
    )


async def remove_files(options: AuthorityOptions) -> Result:
    """Remove the local certificate authority, its certificates and their keys."""
    removed = remove_authority(options.directory)
    text = "\n".join(f"removed {path}" for path in removed) or f"there is nothing in {options.directory}"
    return Result({"removed": [str(path) for path in removed]}, text)
