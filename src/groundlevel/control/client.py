"""Asks a running server over one connection that stays open, with the standard library alone."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

API_VERSION = "2021-07-28"
SECONDS = 30.0
"""How long an answer may take: longer than any request may wait."""


class ControlError(Exception):
    """The server refused, or was not there; `hint` says what to do about it."""

    def __init__(self, message: str, hint: str = "", status: int = 0) -> None:
        super().__init__(f"{message} ({hint})" if hint else message)
        self.message = message
        self.hint = hint
        self.status = status
        """Of the answer; 0 where there was none."""


class Client:
    """Sends requests to a server at a URL such as http://127.0.0.1:8080, one after the other, from any thread."""

    def __init__(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        self.url = url.rstrip("/")
        # Without a version, a path that is not there would be refused for that and not for being none.
        self._headers = {"Content-Type": "application/json", "Version": API_VERSION, **(headers or {})}
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname or "", parts.port, timeout=SECONDS)
        self._lock = threading.Lock()

    def ask(self, method: str, path: str, body: Mapping[str, Any] | bytes | None = None) -> Any:
        """What is answered, decoded; a body that is no mapping is sent as it is. Raises ControlError."""
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        try:
            with self._lock:
                status, headers, answer = self._exchange(method, path, content)
        except (OSError, http.client.HTTPException) as problem:
            raise ControlError(
                f"{self.url} does not answer: {problem}", "Start it with `groundlevel double`, or name it with --url."
            ) from problem
        if status >= http.HTTPStatus.BAD_REQUEST:
            raise _error_of(status, headers, answer)
        return json.loads(answer) if answer else None

    def _exchange(self, method: str, path: str, content: bytes | None) -> tuple[int, Any, bytes]:
        reused = self._connection.sock is not None
        try:
            return self._exchange_once(method, path, content)
        except (ConnectionError, http.client.BadStatusLine):
            self._connection.close()
            # The server closes a connection that was idle for long, which is noticed only now.
            if not reused:
                raise
            return self._exchange_once(method, path, content)
        except BaseException:
            self._connection.close()
            raise

    def _exchange_once(self, method: str, path: str, content: bytes | None) -> tuple[int, Any, bytes]:
        self._connection.request(method, path, content, self._headers)
        answer = self._connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()

    def __del__(self) -> None:
        self.close()


class ControlClient(Client):
    """The control plane of a server."""

    def __init__(self, url: str, key: str = "") -> None:
        super().__init__(url, {"X-GroundLevel-Control-Key": key} if key else None)

    def ask(self, method: str, path: str, body: Mapping[str, Any] | bytes | None = None) -> Any:
        """What is answered, decoded; `path` is below /control. Raises ControlError."""
        return super().ask(method, f"/control{path}", body)


def _error_of(status: int, headers: Any, answer: bytes) -> ControlError:
    try:
        body = json.loads(answer)
        message = body.get("message", "")
    except (ValueError, AttributeError):
        message = answer.decode("utf-8", "replace")
    text = "; ".join(map(str, message)) if isinstance(message, list) else str(message)
    hint = headers.get("x-groundlevel-hint", "")
    if status == http.HTTPStatus.NOT_FOUND and text.startswith("Cannot "):
        hint = "Start the server with `groundlevel double` or --control true."
    return ControlError(text, hint, status)
