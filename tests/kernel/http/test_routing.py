"""Tests of how paths lead to operations."""

from __future__ import annotations

import pytest

from groundlevel.api import ROUTES
from groundlevel.kernel.errors import MethodNotAllowed, RouteNotFound
from groundlevel.kernel.http.routing import Admission, Endpoint, Router
from groundlevel.kernel.scopes import declared_scopes

ROUTER = Router(Endpoint(route, strict=False) for route in ROUTES)


@pytest.mark.parametrize(
    ("method", "path", "operation", "params"),
    [
        ("GET", "/objects", "get-object-by-location-id", []),
        ("GET", "/objects/", "get-object-by-location-id", []),
        ("GET", "/objects/custom_objects.pet", "get-object-schema-by-key", ["custom_objects.pet"]),
        ("GET", "/objects/a%20b/", "get-object-schema-by-key", ["a b"]),
        ("GET", "/objects/a%2Fb", "get-object-schema-by-key", ["a/b"]),
        ("HEAD", "/objects/pet/records/1", "get-record-by-id", ["pet", "1"]),
        ("POST", "/objects/pet/records/search", "search-object-records", ["pet"]),
        ("GET", "/objects/pet/records/search", "get-record-by-id", ["pet", "search"]),
        ("POST", "/custom-fields/folder", "create-custom-field-folder", []),
        ("GET", "/custom-fields/folder", "get-custom-field-by-id", ["folder"]),
        ("PUT", "/custom-fields/folder/x", "update-custom-field-folder", ["x"]),
        ("GET", "/custom-fields/object-key/business", "get-custom-fields-by-object-key", ["business"]),
        ("GET", "/docs/errors/in_use", "get-error-doc", ["in_use"]),
        ("DELETE", "/contacts/x/campaigns/y", "remove-contact-from-campaign", ["x", "y"]),
        ("DELETE", "/contacts/x/campaigns/removeAll", "remove-contact-from-every-campaign", ["x"]),
        ("DELETE", "/contacts/x/campaigns/remove-all", "remove-contact-from-every-campaign-v3", ["x"]),
    ],
)
def test_finds(method: str, path: str, operation: str, params: list[str]) -> None:
    endpoint, found = ROUTER.find(method, path)

    assert endpoint.route.operation_id == operation
    assert found == params


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "/nothing"),
        ("GET", "/objects/pet/records//"),
        ("GET", "//objects"),
        ("GET", "/objects/%00"),
        ("GET", "/objects/pet/records/1/2"),
    ],
)
def test_finds_nothing(method: str, path: str) -> None:
    with pytest.raises(RouteNotFound) as refused:
        ROUTER.find(method, path)

    assert refused.value.message == f"Cannot {method} {path}"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/objects/pet", ["DELETE", "GET", "PUT", "HEAD", "OPTIONS"]),
        ("PATCH", "/objects", ["GET", "POST", "HEAD", "OPTIONS"]),
        ("get", "/objects", ["GET", "POST", "HEAD", "OPTIONS"]),
        ("HEAD", "/objects/pet/records", ["POST", "OPTIONS"]),
        ("DELETE", "/objects/a%20b/", None),
        ("PATCH", "/objects/a%20b/", ["DELETE", "GET", "PUT", "HEAD", "OPTIONS"]),
        ("GET", "/associations/relations", ["POST", "PUT", "OPTIONS"]),
        ("POST", "/health", ["GET", "HEAD", "OPTIONS"]),
    ],
)
def test_a_known_path_says_which_methods_it_has(method: str, path: str, allowed: list[str] | None) -> None:
    if allowed is None:
        assert ROUTER.find(method, path)
        return
    with pytest.raises(MethodNotAllowed) as refused:
        ROUTER.find(method, path)

    assert refused.value.message == f"Cannot {method} {path}"
    assert refused.value.allowed == allowed
    for each in allowed[: allowed.index("OPTIONS")]:
        assert ROUTER.find(each, path)


@pytest.mark.parametrize(
    ("method", "path", "hint"),
    [
        ("GET", "/associations/relations", "Did you mean GET /associations/relations/{recordId}?"),
        ("GET", "/associations/relations/", "Did you mean GET /associations/relations/{recordId}?"),
        ("POST", "/objects/pet", "The path knows DELETE, GET, PUT; the reference is at /docs."),
        ("GET", "/nothing", RouteNotFound.hint),
    ],
)
def test_a_hint_says_what_may_have_been_meant(method: str, path: str, hint: str) -> None:
    with pytest.raises((RouteNotFound, MethodNotAllowed)) as refused:
        ROUTER.find(method, path)

    assert refused.value.advice == hint


def test_a_message_repeats_only_the_beginning_of_a_path() -> None:
    with pytest.raises(RouteNotFound) as refused:
        ROUTER.find("GET", "/" + "x" * 100_000)

    assert len(refused.value.message) < 300


def test_allowed_methods() -> None:
    assert ROUTER.allowed("/objects/pet/records/1/") == ["DELETE", "GET", "PUT", "HEAD", "OPTIONS"]
    assert ROUTER.allowed("/objects/pet/records/search") == ["DELETE", "GET", "POST", "PUT", "HEAD", "OPTIONS"]
    with pytest.raises(RouteNotFound):
        ROUTER.allowed("/nothing")


def test_two_routes_for_one_path_are_refused() -> None:
    endpoint = Endpoint(ROUTES[0], strict=False)

    with pytest.raises(ValueError, match="two routes"):
        Router([endpoint, endpoint])


def test_every_operation_with_a_location_asks_for_a_known_scope() -> None:
    for route in ROUTES:
        if route.admission is not Admission.TOKEN:
            assert route.scope is None
        elif route.supported:
            assert route.scope in declared_scopes(), route.operation_id


def test_reading_asks_for_a_readonly_scope_and_writing_for_a_write_scope() -> None:
    for route in ROUTES:
        if route.scope is not None:
            reads = route.method == "GET" or route.path.endswith("/search")
            assert route.scope.endswith("readonly" if reads else "write"), route.operation_id


def test_operation_ids_are_unique() -> None:
    ids = [route.operation_id for route in ROUTES]

    assert len(ids) == len(set(ids))
