"""The order of the checks is the tuple that the server runs."""

from __future__ import annotations

import pytest

from groundlevel.api import ROUTES
from groundlevel.kernel.http import guard
from groundlevel.kernel.http.guard import CHECKS, checks_of
from groundlevel.kernel.http.routing import Admission, Endpoint, Route


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation_id)
@pytest.mark.parametrize("strict", [False, True], ids=["spec", "live"])
def test_an_operation_runs_the_checks_in_their_order(route: Route, strict: bool) -> None:
    endpoint = Endpoint(route, strict=strict)
    checks = checks_of(endpoint, limited=True)
    if route.admission is Admission.NONE:
        assert checks == ()
    elif route.admission is Admission.TOKEN:
        assert checks == tuple(check for check in CHECKS if check in checks)
        assert set(CHECKS) - set(checks) <= {guard.read_body, guard.decode_body, guard.run_live_check}
    else:
        assert guard.authenticate not in checks
    assert checks_of(endpoint, limited=False) == tuple(check for check in checks if check is not guard.count_request)
    assert (guard.read_body in checks) is (guard.decode_body in checks) is (endpoint.body is not None)


def test_nothing_is_looked_at_before_the_token() -> None:
    assert CHECKS[0] is guard.authenticate
    assert CHECKS.index(guard.check_scope) < CHECKS.index(guard.read_body) < CHECKS.index(guard.resolve_location)
