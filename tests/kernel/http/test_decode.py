"""Tests of decoding: what is wrong is said, all at once and in the platform's words."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from groundlevel.api import ROUTES
from groundlevel.kernel.errors import DuplicateMember, InvalidShape, MalformedJson, Refusal
from groundlevel.kernel.http.bodies import Body
from groundlevel.kernel.http.decode import decode_body, decode_query
from groundlevel.kernel.http.routing import Endpoint, refuse_defaults
from groundlevel.records.schemas import RecordCreation
from groundlevel.schema.schemas import ObjectUpdate


def _endpoint(operation: str, *, strict: bool = False) -> Endpoint:
    return Endpoint(next(route for route in ROUTES if route.operation_id == operation), strict=strict)


RECORD = _endpoint("create-object-record")
FIELD = _endpoint("create-custom-field")
OBJECT = _endpoint("update-custom-object")


def _faults(endpoint: Endpoint, body: Any, *, located: bool = False) -> list[str]:
    with pytest.raises(InvalidShape) as refused:
        decode_body(endpoint, json.dumps(body).encode(), located=located)
    return refused.value.messages


FULL_FIELD = {
    "locationId": "L",
    "dataType": "TEXT",
    "fieldKey": "a",
    "objectKey": "b",
    "parentId": "c",
    "showInForms": True,
}


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ({"locationId": None}, ["locationId must be a string", "locationId should not be empty"]),
        ({"locationId": 5}, ["locationId must be a string"]),
        ({"locationId": ""}, ["locationId should not be empty"]),
        ({"showInForms": 1}, ["showInForms must be a boolean value"]),
        ({"showInForms": None}, ["showInForms must be a boolean value", "showInForms should not be empty"]),
        ({"name": ["x"]}, ["name must be a string"]),
        ({"options": {}}, ["options must be an array"]),
        ({"options": ["a", {"label": "b"}]}, ["options.0 must be an object"]),
        ({"options": [{"label": "b", "colour": 1}]}, ["options.0.property colour should not exist"]),
        ({"options": [{"label": ""}]}, ["options.0.label should not be empty"]),
        ({"maxFileLimit": "3"}, ["maxFileLimit must be a number conforming to the specified constraints"]),
        ({"maxFileLimit": True}, ["maxFileLimit must be a number conforming to the specified constraints"]),
        ({"maxFileLimit": 1.5}, ["maxFileLimit must be an integer number"]),
        ({"maxFileLimit": 0}, ["maxFileLimit must not be less than 1"]),
        ({"maxFileLimit": 10_000}, ["maxFileLimit must not be greater than 1000"]),
        ({"a": 1, "b": 2}, ["property a should not exist", "property b should not exist"]),
    ],
)
def test_faults_of_a_field(change: dict[str, Any], faults: list[str]) -> None:
    assert _faults(FIELD, {**FULL_FIELD, **change}) == faults


def test_faults_of_lists_of_texts() -> None:
    body = {"locationId": "L", "searchableProperties": ["a", 1, None]}

    assert _faults(OBJECT, body) == ["each value in searchableProperties must be a string"]


def test_an_empty_text_in_a_list_is_a_fault() -> None:
    assert _faults(OBJECT, {"locationId": "L", "searchableProperties": [""]})


def test_an_empty_body_lists_what_is_required() -> None:
    with pytest.raises(InvalidShape) as refused:
        decode_body(FIELD, b"", located=True)

    named = {message.split()[0] for message in refused.value.messages}
    assert named == {"dataType", "fieldKey", "objectKey", "parentId", "showInForms"}


def test_null_stands_for_an_optional_member_left_out() -> None:
    body = {**FULL_FIELD, "name": None, "options": None, "maxFileLimit": None, "acceptedFormats": None}

    assert decode_body(FIELD, json.dumps(body).encode(), located=False).name is None


def test_a_location_in_the_query_will_do() -> None:
    body = {name: value for name, value in FULL_FIELD.items() if name != "locationId"}

    assert decode_body(FIELD, json.dumps(body).encode(), located=True).location_id is UNSET


@pytest.mark.parametrize(
    "text",
    [
        '{"properties": {"a": 1, "a": 1}}',
        '{"properties": {"a": {"b": [{"c": 1, "c": 2}]}}}',
        '{"locationId": "L", "properties": {}, "locationId": "L"}',
        r'{"properties": {"a:\":": 1, "a:\":" : 2}}',
        '{"properties": {"x": ":"}, "properties": {"y": ":"}}',
    ],
)
def test_a_name_that_stands_twice(text: str) -> None:
    with pytest.raises(DuplicateMember, match="twice: "):
        decode_body(RECORD, text.encode(), located=False)


def test_a_number_out_of_range() -> None:
    with pytest.raises(MalformedJson, match="out of range"):
        decode_body(RECORD, b'{"properties": {"a": 1e999}}', located=False)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(properties=st.dictionaries(st.text(), _VALUES, max_size=6), indent=st.sampled_from([None, 2]))
def test_whatever_json_says_once_is_read(properties: dict[str, Any], indent: int | None) -> None:
    try:
        text = json.dumps({"properties": properties}, indent=indent, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return

    body: RecordCreation = decode_body(RECORD, text, located=False)

    assert body.properties == properties


@given(content=st.binary(max_size=200) | st.text(alphabet='{}[]":,\\u0 1eE+-.ntfalse', max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    outcome = _outcome(RECORD, content)

    assert outcome.message if isinstance(outcome, Refusal) else isinstance(outcome, RecordCreation)


@given(
    value=st.dictionaries(
        st.sampled_from(["labels", "description", "locationId", "searchableProperties", "other"]), _VALUES, max_size=5
    )
)
def test_faults_are_named_exactly_when_there_are_some(value: dict[str, Any]) -> None:
    try:
        content = msgspec.json.encode(value)
    except UnicodeEncodeError:
        return
    outcome = _outcome(OBJECT, content)

    if isinstance(outcome, InvalidShape):
        assert all(outcome.messages)
        assert outcome.messages
    else:
        assert isinstance(outcome, ObjectUpdate)
        assert "searchableProperties" in value
        assert value["locationId"]


def _outcome(endpoint: Endpoint, content: bytes) -> Any:
    """The body, or its refusal."""
    try:
        return decode_body(endpoint, content, located=False)
    except Refusal as refusal:
        return refusal


def test_a_query_is_decoded() -> None:
    endpoint = _endpoint("get-object-schema-by-key")

    assert decode_query(endpoint, b"locationId=a%20b+c&fetchProperties=true&x=1", strict=False) == {
        "locationId": "a b c",
        "fetchProperties": "true",
        "x": "1",
    }


def test_a_parameter_is_read_under_its_other_name() -> None:
    endpoint = _endpoint("search-opportunity")

    assert decode_query(endpoint, b"location_id=a&pipelineId=b", strict=True) == {"locationId": "a", "pipelineId": "b"}
    with pytest.raises(InvalidShape, match="locationId must be a string"):
        decode_query(endpoint, b"location_id=a&locationId=a", strict=False)


@pytest.mark.parametrize(
    ("query", "strict", "faults"),
    [
        (b"locationId=a&locationId=b", False, ["locationId must be a string"]),
        (b"locationId=a&locationId=a", True, ["locationId must be a string"]),
        (b"locationId=a&x=1&y=2", True, ["property x should not exist", "property y should not exist"]),
        (b"locationId=", False, ["locationId should not be empty"]),
        (b"locationId=%00", False, ["locationId must not hold NUL characters"]),
    ],
)
def test_faults_of_a_query(query: bytes, strict: bool, faults: list[str]) -> None:
    with pytest.raises(InvalidShape) as refused:
        decode_query(_endpoint("get-object-by-location-id", strict=strict), query, strict=strict)

    assert refused.value.messages == faults


class _Page(Body, kw_only=True):
    """A body whose optional member has an ordinary default."""

    limit: int = 20


class _Outer(Body, kw_only=True):
    """A body with such a one inside."""

    name: str
    pages: list[_Page] | None | msgspec.UnsetType = UNSET


@pytest.mark.parametrize("body", [_Page, _Outer])
def test_a_body_that_could_not_be_decoded_rightly_is_refused_at_start(body: type[msgspec.Struct]) -> None:
    """A default that is not UNSET would make every valid request name a member twice."""
    with pytest.raises(ValueError, match=r"_Page.limit must be required, or UNSET"):
        refuse_defaults(body)


def test_every_body_of_the_api_can_be_decoded() -> None:
    for route in ROUTES:
        for strict in (False, True):
            Endpoint(route, strict=strict)
