"""Makes a certificate authority of this machine's own, and certificates for the hosts that clients have built in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import certifi
import typer

from groundlevel.kernel.command import Options, Result, command
from groundlevel.kernel.errors import InputError
from groundlevel.kernel.private_files import write_whole

if TYPE_CHECKING:
    import trustme

DIRECTORY = Path("data/tls")
"""Where the files are, unless a command is told otherwise."""
HOSTS = (
    "services.leadconnectorhq.com",
    "rest.gohighlevel.com",
    "backend.leadconnectorhq.com",
    "localhost",
    "127.0.0.1",
    "::1",
)
"""Those that a certificate is always good for: the platform's, which many clients cannot change, and this machine."""

_CA, _CA_KEY, _BUNDLE = "ca.pem", "ca.key", "bundle.pem"
_CERTIFICATE, _KEY = "server.pem", "server.key"
_PRIVATE, _PUBLIC = 0o600, 0o644


class TlsError(InputError):
    """No certificate can be made."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.advice = advice


class AuthorityOptions(Options, frozen=True, kw_only=True):
    """Options of `tls ca`."""

    directory: Annotated[Path, typer.Option(help="Where the files are kept.")] = DIRECTORY


class CertificateOptions(AuthorityOptions, frozen=True, kw_only=True):
    """Options of `tls cert`."""

    host: Annotated[list[str] | None, typer.Option(help="Another host or address; may be given several times.")] = None


def add_to(app: typer.Typer) -> None:
    """Adds the family's commands."""
    family = typer.Typer(help="A local certificate authority, and certificates of it.", no_args_is_help=True)
    app.add_typer(family, name="tls")
    command(family, "ca")(make_authority)
    command(family, "cert")(make_certificate)


async def make_authority(options: AuthorityOptions) -> Result:
    """Make the local certificate authority, if there is none yet, and print how clients come to trust it."""
    load_authority(options.directory)
    trusted, bundle = (options.directory / name for name in (_CA, _BUNDLE))
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


def authority_file(directory: Path) -> Path:
    """What clients have to trust."""
    return directory / _CA


def local_certificate(directory: Path) -> tuple[Path, Path]:
    """The certificate and the key in a directory, made if there are none. Raises TlsError."""
    certificate, key = directory / _CERTIFICATE, directory / _KEY
    if certificate.is_file() and key.is_file():
        return certificate, key
    return issue_certificate(directory, HOSTS)


def issue_certificate(directory: Path, hosts: tuple[str, ...]) -> tuple[Path, Path]:
    """Writes a new certificate with its key. Raises TlsError."""
    authority = load_authority(directory)
    try:
        issued = authority.issue_cert(*dict.fromkeys(hosts))
    except ValueError as problem:
        raise TlsError(f"{', '.join(hosts)}: {problem}", "--host takes a host name or an address.") from problem
    certificate, key = directory / _CERTIFICATE, directory / _KEY
    _write(key, issued.private_key_pem.bytes(), _PRIVATE)
    _write(certificate, b"".join(blob.bytes() for blob in issued.cert_chain_pems), _PUBLIC)
    return certificate, key


def load_authority(directory: Path) -> trustme.CA:
    """The certificate authority in a directory, made if there is none. Raises TlsError."""
    try:
        import trustme
    except ImportError as problem:
        raise TlsError(
            "certificates are made by the library trustme, which is not installed",
            "Install groundlevel[tls], or name files of your own with --tls-certificate and --tls-key.",
        ) from problem
    trusted, key = directory / _CA, directory / _CA_KEY
    try:
        if trusted.is_file() and key.is_file():
            return trustme.CA.from_pem(trusted.read_bytes(), key.read_bytes())
    except (OSError, ValueError) as problem:
        raise TlsError(
            f"{trusted} and {key} cannot be read: {problem}", "Remove both to have new ones made."
        ) from problem
    authority = trustme.CA(organization_name="GroundLevel local authority")
    _write(key, authority.private_key_pem.bytes(), _PRIVATE)
    _write(trusted, authority.cert_pem.bytes(), _PUBLIC)
    # What SSL_CERT_FILE names is trusted in place of everything else, so that the public authorities are in it too.
    _write(directory / _BUNDLE, Path(certifi.where()).read_bytes() + b"\n" + authority.cert_pem.bytes(), _PUBLIC)
    return authority


def _write(path: Path, content: bytes, mode: int) -> None:
    """Writes a file whole, and a private one for its owner alone from its first byte. Raises TlsError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content, mode)
    except OSError as problem:
        raise TlsError(f"{path} cannot be written: {problem.strerror}", "Choose another --directory.") from problem
