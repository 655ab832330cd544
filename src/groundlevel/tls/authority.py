"""A certificate authority of this machine's own, its files, and its certificates for built-in hosts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import certifi

from groundlevel.kernel.private_files import OWNER_ALONE, write_whole
from groundlevel.tls.errors import TlsError

if TYPE_CHECKING:
    import ssl

    import trustme

DIRECTORY = Path("data/tls")
"""Where the files are, unless a command is told otherwise."""
PLATFORM_HOSTS = ("services.leadconnectorhq.com", "rest.gohighlevel.com", "backend.leadconnectorhq.com")
"""The platform's hosts, which many clients have built in."""
HOSTS = (*PLATFORM_HOSTS, "localhost", "127.0.0.1", "::1")
"""Those that a certificate is always good for: the platform's, and this machine."""

_CA, _CA_KEY, _BUNDLE = "ca.pem", "ca.key", "bundle.pem"
_CERTIFICATE, _KEY = "server.pem", "server.key"
_IGNORE = ".gitignore"
_MADE = (_CA_KEY, _KEY, _CA, _BUNDLE, _CERTIFICATE, _IGNORE)
"""All files that are ever made here; the private keys are removed first."""
_PUBLIC = 0o644


def authority_file(directory: Path) -> Path:
    """What clients have to trust."""
    return directory / _CA


def bundle_file(directory: Path) -> Path:
    """The authority together with the public ones, for clients that trust nothing but the file that they are given."""
    return directory / _BUNDLE


def local_certificate(directory: Path) -> tuple[Path, Path]:
    """The certificate and the key in a directory, made if there are none. Raises TlsError."""
    certificate, key = directory / _CERTIFICATE, directory / _KEY
    if certificate.is_file() and key.is_file():
        return certificate, key
    return issue_certificate(directory, HOSTS)


def issue_certificate(directory: Path, hosts: tuple[str, ...]) -> tuple[Path, Path]:
    """Writes a new certificate with its key. Raises TlsError."""
    issued = _issue(load_authority(directory), hosts)
    certificate, key = directory / _CERTIFICATE, directory / _KEY
    _write(key, issued.private_key_pem.bytes(), OWNER_ALONE)
    _write(certificate, b"".join(blob.bytes() for blob in issued.cert_chain_pems), _PUBLIC)
    return certificate, key


def server_context(authority: trustme.CA, hosts: tuple[str, ...]) -> ssl.SSLContext:
    """What a listener speaks TLS with, by a certificate for the hosts that is written nowhere. Raises TlsError."""
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _issue(authority, hosts).configure_cert(context)
    return context


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
            f"{trusted} and {key} cannot be read: {problem}",
            "`groundlevel tls clean` removes both; then new ones are made.",
        ) from problem
    authority = trustme.CA(organization_name="GroundLevel local authority")
    # Where the directory lies in a repository, nobody commits the keys by accident.
    _write(directory / _IGNORE, b"*\n", _PUBLIC)
    _write(key, authority.private_key_pem.bytes(), OWNER_ALONE)
    _write(trusted, authority.cert_pem.bytes(), _PUBLIC)
    # What SSL_CERT_FILE names is trusted in place of everything else, so that the public authorities are in it too.
    _write(directory / _BUNDLE, public_authorities() + b"\n" + authority.cert_pem.bytes(), _PUBLIC)
    return authority


def remove_authority(directory: Path) -> list[Path]:
    """Removes the authority, its certificates and their keys, and the directory if nothing else is in it.

    Returns what it has removed. Raises TlsError.
    """
    removed = []
    for path in (directory / name for name in _MADE):
        try:
            path.unlink()
        except FileNotFoundError:
            continue
        except OSError as problem:
            raise TlsError(f"{path} cannot be removed: {problem.strerror}", "Remove it by hand.") from problem
        removed.append(path)
    try:
        directory.rmdir()
    except OSError:
        # It was not there, or holds something that is not ours.
        return removed
    return [*removed, directory]


def public_authorities() -> bytes:
    """The certificates of the authorities that browsers trust, as PEM."""
    return Path(certifi.where()).read_bytes()


def _issue(authority: trustme.CA, hosts: tuple[str, ...]) -> trustme.LeafCert:
    try:
        return authority.issue_cert(*dict.fromkeys(hosts))
    except ValueError as problem:
        raise TlsError(f"{', '.join(hosts)}: {problem}", "--host takes a host name or an address.") from problem


def _write(path: Path, content: bytes, mode: int) -> None:
    """Writes a file whole, and a private one for its owner alone from its first byte. Raises TlsError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content, mode)
    except OSError as problem:
        raise TlsError(f"{path} cannot be written: {problem.strerror}", "Choose another --directory.") from problem
