"""The files of the local authority: what is made, for whom, and that it is removed again."""

from __future__ import annotations

import os
import ssl
import stat
import sys
from pathlib import Path

import pytest

from groundlevel.tls.authority import HOSTS, issue_certificate, load_authority, local_certificate, remove_authority
from groundlevel.tls.errors import TlsError


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_private_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    previous = os.umask(0)
    try:
        certificate, key = local_certificate(tmp_path / "tls")
    finally:
        os.umask(previous)

    assert mode_of(key) == mode_of(tmp_path / "tls" / "ca.key") == 0o600
    assert local_certificate(tmp_path / "tls") == (certificate, key)
    assert (tmp_path / "tls" / ".gitignore").read_text() == "*\n"


def test_an_authority_stays_the_same(tmp_path: Path) -> None:
    first = load_authority(tmp_path).cert_pem.bytes()
    certificate, _ = issue_certificate(tmp_path, ("shop.example",))

    assert load_authority(tmp_path).cert_pem.bytes() == first == (tmp_path / "ca.pem").read_bytes()
    assert certificate.read_bytes() != first
    trusted = ssl.create_default_context(cafile=str(tmp_path / "bundle.pem"))
    assert len(trusted.get_ca_certs()) > 10


def test_what_cannot_be_made_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TlsError, match="in der Mitte"):
        issue_certificate(tmp_path, ("in der Mitte",))
    (tmp_path / "ca.key").write_text("no key")
    with pytest.raises(TlsError, match="cannot be read") as refused:
        load_authority(tmp_path)
    assert "tls clean" in refused.value.advice
    (tmp_path / "file").write_text("")
    with pytest.raises(TlsError, match="cannot be written"):
        load_authority(tmp_path / "file")
    monkeypatch.setitem(sys.modules, "trustme", None)
    with pytest.raises(TlsError, match="trustme") as refused:
        load_authority(tmp_path / "new")
    assert "groundlevel[tls]" in refused.value.advice


def test_everything_is_removed_but_what_others_have_put_there(tmp_path: Path) -> None:
    local_certificate(tmp_path / "a")
    issue_certificate(tmp_path / "b", HOSTS)
    (tmp_path / "b" / "notes.txt").write_text("mine")

    removed = remove_authority(tmp_path / "a")

    assert {path.name for path in removed} >= {"a", "ca.key", "ca.pem", "bundle.pem", "server.key", "server.pem"}
    assert not (tmp_path / "a").exists()
    assert remove_authority(tmp_path / "a") == []
    remove_authority(tmp_path / "b")
    assert [path.name for path in (tmp_path / "b").iterdir()] == ["notes.txt"]


def test_what_cannot_be_removed_says_so(tmp_path: Path) -> None:
    (tmp_path / "ca.key").mkdir()

    with pytest.raises(TlsError, match=r"ca\.key cannot be removed"):
        remove_authority(tmp_path)
