"""The file of a backup: a compressed tar archive of a manifest and the database, which `tar` unpacks too."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from groundlevel.backup.errors import BackupError
from groundlevel.kernel.private_files import OWNER_ALONE, create_file
from groundlevel.kernel.storage.sqlite.copying import Contents

MANIFEST = "manifest.json"
DATABASE = "groundlevel.db"
FORMAT = 1
_CHUNK = 1 << 20
_MOST_OF_A_MANIFEST = 1 << 20
_COMPRESSION = 6
_NOT_WHOLE = "Restore from another backup: this file is damaged, or none."


class Manifest(Struct, frozen=True, rename="camel"):
    """What the archive holds."""

    format: int
    program: str
    """The version of groundlevel that made it."""
    created_at: str
    engine: str
    bytes: int
    """Of the database, uncompressed."""
    sha256: str
    """Of the database, in hex."""
    contents: Contents


def write_archive(file: Path, manifest: Manifest, database: Path) -> None:
    """Writes the archive, durably and for its owner alone. Raises OSError; FileExistsError where there is a file."""
    with create_file(file) as raw:
        with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=_COMPRESSION) as archive:
            about = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
            archive.addfile(_entry(MANIFEST, len(about)), io.BytesIO(about))
            with database.open("rb") as copied:
                archive.addfile(_entry(DATABASE, manifest.bytes), copied)
        raw.flush()
        os.fsync(raw.fileno())


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, OWNER_ALONE
    return entry


def unpack(file: Path, database: Path) -> Manifest:
    """Writes the database of an archive into a new file for its owner alone, and compares it with the manifest.

    Raises BackupError, OSError.
    """
    with _opened(file) as archive:
        manifest = _read_manifest(file, archive)
        part = archive.next()
        source = archive.extractfile(part) if part is not None and part.name == DATABASE else None
        if part is None or source is None or part.size != manifest.bytes:
            raise BackupError(f"{file} does not hold the database that its manifest describes", _NOT_WHOLE)
        digest = hashlib.sha256()
        with create_file(database) as written:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                written.write(chunk)
            written.flush()
            os.fsync(written.fileno())
    if digest.hexdigest() != manifest.sha256:
        raise BackupError(f"the database in {file} is not the one that was backed up: its SHA-256 differs", _NOT_WHOLE)
    return manifest


@contextmanager
def _opened(file: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(file, "r:gz") as archive:
            yield archive
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error) as problem:
        raise BackupError(f"{file} is not a whole backup: {problem}", _NOT_WHOLE) from problem


def _read_manifest(file: Path, archive: tarfile.TarFile) -> Manifest:
    part = archive.next()
    source = archive.extractfile(part) if part is not None and part.name == MANIFEST else None
    if source is None:
        raise BackupError(f"{file} does not begin with a {MANIFEST}", _NOT_WHOLE)
    try:
        manifest = msgspec.json.decode(source.read(_MOST_OF_A_MANIFEST), type=Manifest)
    except msgspec.DecodeError as problem:
        raise BackupError(f"the {MANIFEST} of {file} cannot be read: {problem}", _NOT_WHOLE) from problem
    if manifest.format != FORMAT:
        raise BackupError(
            f"{file} has the format {manifest.format}, and this program reads {FORMAT}",
            "Use a newer groundlevel.",
        )
    return manifest


def digest_of(database: Path) -> str:
    """SHA-256 of a file, in hex."""
    with database.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
