"""What is kept of a reply, and which differences between two are told."""

from __future__ import annotations

from typing import Any

import pytest

from groundlevel.conformance.answers import Answer, Reply, answer_of
from groundlevel.conformance.comparison import Difference, Severity, differences
from groundlevel.conformance.matching import NOTHING, value_at
from groundlevel.conformance.probe import Expected, Probe
from groundlevel.conformance.shapes import shape_of

PROBE = Probe("records: get", "GET", "/")


def answer(status: int, value: Any) -> Answer:
    return answer_of(PROBE, Reply(status, value), {"location": "ve9EPM428h8vShlRW1KT", "random": "ab12"})


def told(here: tuple[int, Any], there: tuple[int, Any]) -> list[tuple[str, str]]:
    """The severity and words of each difference."""
    return [(each.severity.name.lower(), each.what) for each in differences([answer(*here)], [answer(*there)])]


def test_a_shape_has_names_and_types_and_no_value() -> None:
    value = {
        "records": [
            {"id": "a", "owner": None, "properties": {"secret": "b"}},
            {"id": "c", "owner": "d", "properties": {}, "sort": [1, "e"]},
        ],
        "total": 2,
        "cache": True,
        "empty": [],
    }

    assert shape_of(value) == {
        "": ["object"],
        "cache": ["boolean"],
        "empty": ["list"],
        "records": ["list"],
        "records[]": ["object"],
        "records[].id": ["text"],
        "records[].owner": ["null", "text"],
        "records[].properties": ["object"],
        "records[].sort": ["absent", "list"],
        "records[].sort[]": ["number", "text"],
        "total": ["number"],
    }


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("Location ve9EPM428h8vShlRW1KT is not yours", "Location {location} is not yours"),
        ("Invalid pit-11111111-2222-3333-4444-555555555555", "Invalid {token}"),
        ("Bearer eyJhbGciOi.eyJzdWIi.c2ln is no token", "Bearer {token} is no token"),
        ("ada@example.com, +14155552671", "{email}, {phone}"),
        (["Record 68cd62fd2cc60b892d14e932", "6b1f0c7e-0000-4000-8000-000000000000"], ["Record {id}", "{uuid}"]),
        ("contact sx6wyHhbFdRXh302LLNR", "contact {id}"),
        ("a number of twenty places 12345678901234567890", "a number of twenty places 12345678901234567890"),
        ("internationalization", "internationalization"),
    ],
)
def test_the_text_of_a_refusal_is_kept_without_whom_it_is_about(message: Any, kept: Any) -> None:
    assert answer(400, {"message": message}).message == kept


def test_of_a_success_no_text_is_kept() -> None:
    assert answer(200, {"message": "Ada Lovelace was found"}).message is None


@pytest.mark.parametrize(
    ("status", "value", "why"),
    [
        (200, {"record": {"id": "a"}}, None),
        (201, {"record": {"id": "a"}}, "status 201"),
        (200, {"record": {"id": "Ada"}}, "body.record.id: expected 'a'"),
        (200, {"record": {"id": "a", "note": "b"}}, "record/note is there"),
        (200, NOTHING, "body: expected an object"),
    ],
)
def test_what_is_not_as_expected_is_told_without_what_was_got(status: int, value: Any, why: str | None) -> None:
    probe = Probe("a: b", "GET", "/", documented=Expected(200, {"record": {"id": "a"}}, absent=("record/note",)))

    assert answer_of(probe, Reply(status, value), {}).differs_from_documents == why


@pytest.mark.parametrize(
    ("here", "there", "difference"),
    [
        ((200, {"a": 1}), (200, {"a": 2}), []),
        ((200, {}), (201, {}), [("notable", "status 200 here, 201 there")]),
        ((400, {}), (422, {}), [("notable", "status 400 here, 422 there")]),
        ((200, {"a": 1}), (404, {"b": 1}), [("breaking", "status 200 here, 404 there")]),
        ((200, {"a": 1}), (200, {"a": "1"}), [("breaking", "a is number here, text there")]),
        ((200, {"a": None}), (200, {"a": "1"}), []),
        ((200, {"a": {"b": 1, "c": 1}}), (200, {"a": {"b": 1}}), [("notable", "a.c is here and not there")]),
        ((200, {"a": {"b": {"c": 1}}}), (200, {"a": {}}), [("notable", "a.b is here and not there")]),
        ((200, {}), (200, {"a": {"b": 1}}), [("minor", "a is there and not here")]),
        ((200, {"a": [{"b": 1}]}), (200, {"a": []}), []),
        ((200, {"a": [{"b": 1}, {}]}), (200, {"a": [{}]}), []),
        ((200, {"a": [{"b": 1}]}), (200, {"a": [{}]}), [("notable", "a[].b is here and not there")]),
        ((200, {"a": {"b": 1}}), (200, {"a": None}), []),
        ((200, []), (200, {}), [("breaking", "the body is list here, object there")]),
        ((400, {"message": "a"}), (400, {"message": "b"}), [("minor", "message 'a' here, 'b' there")]),
        ((200, NOTHING), (200, {"a": 1}), [("minor", "the body is there and not here")]),
    ],
)
def test_differences_have_a_severity(
    here: tuple[int, Any], there: tuple[int, Any], difference: list[tuple[str, str]]
) -> None:
    assert told(here, there) == difference


def test_probes_that_one_side_was_not_asked_are_left_out() -> None:
    asked, other = answer(200, {}), Answer("records: other", 404)

    assert [*differences([asked, other], [Answer(PROBE.name, unasked="it writes"), other])] == []
    assert [*differences([asked], [])] == []
    assert [*differences([asked], [answer(500, {})])] == [
        Difference(PROBE.name, Severity.BREAKING, "status 200 here, 500 there")
    ]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("objects/key=custom_objects.*/id", "b"),
        ("objects/key=contact/id", "a"),
        ("objects/key=business/id", NOTHING),
        ("objects/1/key", "custom_objects.pet"),
        ("objects/7/key", NOTHING),
        ("objects/key", NOTHING),
    ],
)
def test_an_item_is_found_by_its_place_or_by_a_member(path: str, found: Any) -> None:
    value = {"objects": [{"key": "contact", "id": "a"}, {"key": "custom_objects.pet", "id": "b"}]}

    assert value_at(value, path) is found or value_at(value, path) == found
