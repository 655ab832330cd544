"""The probes of the wire contract, asked of both profiles on both engines."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from groundlevel.cli.own_server import own_server
from groundlevel.conformance.answers import Answer
from groundlevel.conformance.asking import Run, Target, ask_all
from groundlevel.conformance.probes import PROBES
from groundlevel.testing.session import Session
from tests.world import PATIENCE_SECONDS

DECIDED = {"paths: one that is not there"}
"""What the profile live answers otherwise than the platform was seen to, on purpose (docs/contract.md#decision-33)."""


@contextmanager
def running(database: str, profile: str) -> Iterator[Session]:
    with own_server(database=database, profile=profile, limits="off") as own:
        yield own


def ask(own: Session, *, write: bool, object_key: str | None = None) -> Run:
    return asyncio.run(ask_all(Target(own.url, own.token, own.location, object_key), PROBES, write=write))


def everything_in(own: Session) -> list[object]:
    """The objects, associations, and totals of records of a location."""
    headers = {"Authorization": f"Bearer {own.token}", "Version": "2021-07-28", "Content-Type": "application/json"}

    def answer(path: str, body: object = None) -> dict[str, list[dict[str, str]]]:
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(
            urllib.request.Request(own.url + path, data, headers), timeout=PATIENCE_SECONDS
        ) as reply:
            found: dict[str, list[dict[str, str]]] = json.load(reply)
            return found

    located = f"locationId={own.location}"
    keys = [each["key"] for each in answer(f"/objects/?{located}")["objects"]]
    custom = [key for key in keys if key.startswith("custom_objects.")]
    search = {"locationId": own.location, "page": 1, "pageLimit": 1}
    return [
        keys,
        [each["key"] for each in answer(f"/associations/?{located}&skip=0&limit=100")["associations"]],
        [answer(f"/objects/{key}/records/search", search)["total"] for key in custom],
    ]


def differing(answers: list[Answer], source: str) -> set[str]:
    return {answer.probe for answer in answers if getattr(answer, f"differs_from_{source}") is not None}


def test_spec_answers_as_documented_and_live_as_observed(shared_url: str) -> None:
    with running(shared_url, "spec") as own:
        before = everything_in(own)
        spec = ask(own, write=True)
        assert everything_in(own) == before, "a run leaves nothing behind"
    with running(shared_url, "live") as own:
        live = ask(own, write=True)
        assert everything_in(own) == before

    assert spec.left_behind == live.left_behind == []
    assert [answer.probe for answer in spec.answers if answer.status is None] == []
    assert differing(spec.answers, "documents") == set()
    assert differing(live.answers, "observations") == DECIDED


def test_without_leave_to_write_nothing_is_written(shared_url: str) -> None:
    with running(shared_url, "spec") as own:
        before = everything_in(own)
        run = ask(own, write=False)
        assert everything_in(own) == before

    unasked = {answer.probe for answer in run.answers if answer.status is None}
    assert unasked == {probe.name for probe in PROBES if probe.writes}


def test_probes_that_only_read_have_requests_that_cannot_write() -> None:
    for probe in PROBES:
        if not probe.writes:
            assert probe.method == "GET" or probe.path.endswith("/search"), probe.name
        assert probe.undo is None or probe.writes


def test_names_tell_probes_apart() -> None:
    names = [probe.name for probe in PROBES]

    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("object_key", "status"), [("custom_objects.visit", 200), ("custom_objects.nothing", 404), (None, 200)]
)
def test_the_object_may_be_chosen(object_key: str | None, status: int) -> None:
    with running("sqlite:///:memory:", "spec") as own:
        run = ask(own, write=False, object_key=object_key)

    answers = {answer.probe: answer for answer in run.answers}
    assert answers["objects: get"].status == status
    by_id = answers["objects: get by id"]
    assert by_id.differs_from_observations is None
    assert by_id.unasked == (None if status == 200 else "there is no object id to ask about")
