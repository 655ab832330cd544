"""PocketBase as a peer: its server with the same records, indexes made by hand, and the same requests in its form."""

from __future__ import annotations

import http.client
import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from msgspec import Struct

from bench.corpus import FIELDS, PRIMARY, Records
from bench.load import Exchange
from bench.processes import ROOT, pin, server_cpus
from bench.questions import Question

BINARY = ROOT / ".venv" / "peers" / "bin" / "pocketbase"
COLLECTION = "subscriber"
INDEXED = ("name", "city", "seats", "score", "plan", "email")
_MAIL, _PASSWORD = "bench@example.com", "bench-and-only-bench"
_BATCH = 500
_START_SECONDS = 30.0
_TYPES = {"NUMERICAL": "number", "DATE": "date", "MONETORY": "json", "EMAIL": "email"}


class PocketBase(Struct, frozen=True):
    """A running server with its records."""

    port: int
    pid: int
    ids: list[str]

    def search(self, question: Question) -> Exchange:
        """A list by a filter, with its total."""
        return Exchange(_request("GET", f"/api/collections/{COLLECTION}/records?{question.theirs}"), b'"totalItems":')

    def get(self, record_id: str) -> Exchange:
        """One record."""
        return Exchange(_request("GET", f"/api/collections/{COLLECTION}/records/{record_id}"), record_id.encode())

    def create(self, properties: dict[str, Any]) -> Exchange:
        """A new record."""
        return Exchange(_request("POST", f"/api/collections/{COLLECTION}/records", properties), b'"id":')

    def update(self, record_id: str, properties: dict[str, Any]) -> Exchange:
        """A changed record."""
        return Exchange(_request("PATCH", f"/api/collections/{COLLECTION}/records/{record_id}", properties), b'"id":')

    def total(self, question: Question) -> int:
        """How many records it finds."""
        found: int = _ask(self.port, "GET", f"/api/collections/{COLLECTION}/records?{question.theirs}")["totalItems"]
        return found


@contextmanager
def running(directory: Path, port: int, records: int) -> Iterator[PocketBase]:
    """A server on a database of its own, filled. Raises OSError when the program is not installed."""
    data = f"--dir={directory}"
    subprocess.run([BINARY, data, "superuser", "upsert", _MAIL, _PASSWORD], check=True, capture_output=True)
    process = subprocess.Popen(
        [BINARY, data, "serve", f"--http=127.0.0.1:{port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    pin(server_cpus(), process.pid)
    try:
        token = _sign_in(port)
        _define(port, token)
        yield PocketBase(port, process.pid, _fill(port, token, records))
    finally:
        process.terminate()
        process.wait()


def _sign_in(port: int) -> str:
    until = time.monotonic() + _START_SECONDS
    while True:
        try:
            path = "/api/collections/_superusers/auth-with-password"
            token: str = _ask(port, "POST", path, {"identity": _MAIL, "password": _PASSWORD})["token"]
            return token
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def _define(port: int, token: str) -> None:
    fields: list[dict[str, Any]] = [{"name": PRIMARY, "type": "text"}]
    for key, data_type, options in FIELDS:
        if options:
            most = len(options) if data_type == "MULTIPLE_OPTIONS" else 1
            fields.append({"name": key, "type": "select", "values": list(options), "maxSelect": most})
        else:
            fields.append({"name": key, "type": _TYPES.get(data_type, "text")})
    public = dict.fromkeys(("listRule", "viewRule", "createRule", "updateRule"), "")
    indexes = [f"CREATE INDEX idx_{key} ON {COLLECTION} ({key})" for key in INDEXED]
    definition = {"name": COLLECTION, "type": "base", "fields": fields, "indexes": indexes, **public}
    _ask(port, "POST", "/api/collections", definition, token)
    batch = {"enabled": True, "maxRequests": _BATCH, "timeout": 120}
    _ask(port, "PATCH", "/api/settings", {"batch": batch}, token)


def _fill(port: int, token: str, records: int) -> list[str]:
    source = iter(Records())
    url = f"/api/collections/{COLLECTION}/records"
    ids: list[str] = []
    while len(ids) < records:
        wanted = islice(source, min(_BATCH, records - len(ids)))
        requests = [{"method": "POST", "url": url, "body": properties} for properties in wanted]
        ids += [each["body"]["id"] for each in _ask(port, "POST", "/api/batch", {"requests": requests}, token)]
    return ids


def _ask(  # Parameters: a request has so many
    port: int, method: str, path: str, body: Any = None, token: str = ""
) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=180)
    headers = {"Content-Type": "application/json"} | ({"Authorization": token} if token else {})
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    reply = connection.getresponse()
    content = reply.read()
    connection.close()
    if reply.status >= http.client.BAD_REQUEST:
        raise RuntimeError(f"{method} {path}: {reply.status} {content[:300]!r}")
    return json.loads(content) if content else None


def _request(method: str, path: str, body: Any = None) -> bytes:
    content = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Accept: application/json"]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join([*lines, "", ""]).encode() + content
