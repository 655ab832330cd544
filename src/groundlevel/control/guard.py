"""Decides who may steer the server: programs on its own machine, and whoever holds the key."""

from __future__ import annotations

import hmac

from groundlevel.control.errors import ControlForbidden
from groundlevel.kernel.http.hosts import is_loopback, name_in
from groundlevel.kernel.http.request import Request

_KEY = b"x-groundlevel-control-key"


def check_control(request: Request) -> None:
    """Raises ControlForbidden.

    Without a key a request has to come from this machine, under a name of the machine itself, since any other may be
    that of a page which has its own name lead here (DNS rebinding), and from no page of a browser.
    """
    key, sent = request.context.settings.control_key.encode(), request.headers.get(_KEY, b"")
    if key and hmac.compare_digest(key, sent):
        return
    client = request.scope.get("client")
    here = client is not None and is_loopback(str(client[0])) and is_loopback(name_in(request.host))
    if not here or request.site or request.headers.get(b"origin"):
        raise ControlForbidden
