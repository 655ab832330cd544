"""Answers to probes as they are compared and recorded: shapes and texts of refusals, without a secret or a value."""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

from groundlevel.conformance.matching import NOTHING, Variables, filled, mismatch, value_at
from groundlevel.conformance.probe import Expected, Probe
from groundlevel.conformance.shapes import Shape, shape_of
from groundlevel.kernel.model import Json

_SECRETS = (
    (re.compile(r"\bpit-[\w-]+"), "{token}"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), "{token}"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), "{email}"),
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "{uuid}"),
    (re.compile(r"\b[0-9a-f]{24}\b"), "{id}"),
    (re.compile(r"\b(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z\d]{20}\b"), "{id}"),
    (re.compile(r"\+\d{7,15}\b"), "{phone}"),
)


class Reply(Struct, frozen=True):
    """What a server has sent."""

    status: int
    value: Any
    """Its JSON; NOTHING where it is none."""


class Answer(Struct, frozen=True, rename="camel", omit_defaults=True):
    """What is kept of the reply to a probe."""

    probe: str
    status: int | None = None
    """None where it was not asked."""
    unasked: str | None = None
    """Why it was not asked."""
    shape: Shape = {}
    message: Json = None
    """The text or texts of a refusal, in which ids, tokens and addresses stand as names."""
    differs_from_documents: str | None = None
    """Why it is not as documented; None where it is, or where the documents do not say."""
    differs_from_observations: str | None = None


def answer_of(probe: Probe, reply: Reply, variables: Variables) -> Answer:
    """What is kept of a reply."""
    refused = reply.status >= 400
    return Answer(
        probe.name,
        reply.status,
        shape={} if reply.value is NOTHING else shape_of(reply.value),
        message=_masked(reply.value["message"], variables)
        if refused and isinstance(reply.value, dict) and "message" in reply.value
        else None,
        differs_from_documents=_difference(probe.documented, reply, variables),
        differs_from_observations=_difference(probe.observed, reply, variables),
    )


def _difference(expected: Expected | None, reply: Reply, variables: Variables) -> str | None:
    """Why a reply is not as somebody says, without its values being told."""
    if expected is None:
        return None
    if reply.status != expected.status:
        return f"status {reply.status}"
    if expected.has is not None and (problem := mismatch(filled(expected.has, variables), reply.value, "body")):
        # What was got may be somebody's data.
        return str(_masked(problem.partition(", got ")[0], variables))
    present = (path for path in expected.absent if value_at(reply.value, filled(path, variables)) is not NOTHING)
    return next((f"{path} is there" for path in present), None)


def _masked(value: Any, variables: Variables) -> Any:
    if isinstance(value, list):
        return [_masked(item, variables) for item in value]
    if not isinstance(value, str):
        return value
    # Longest first, so that no variable is cut in two by a shorter one.
    for name, known in sorted(variables.items(), key=lambda each: -len(str(each[1]))):
        if isinstance(known, str) and known:
            value = value.replace(known, f"{{{name}}}")
    for pattern, name in _SECRETS:
        value = pattern.sub(name, value)
    return value
