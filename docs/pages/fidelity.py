"""The matrix of fidelity: what both profiles answer to every probe, as a conformance run finds it."""

from __future__ import annotations

import asyncio

from groundlevel.cli.own_server import own_server
from groundlevel.conformance.answers import Answer
from groundlevel.conformance.asking import Target, ask_all
from groundlevel.conformance.probe import Expected, Probe
from groundlevel.conformance.probes import PROBES
from pages.markdown import code, table
from pages.markdown import page as whole


def page() -> str:
    """The page. Two servers are started for it, and asked everything."""
    columns = [_answers(profile) for profile in ("spec", "live")]
    rows = [
        (
            probe.name,
            code(f"{probe.method} {probe.path}"),
            _said(probe.documented),
            _said(probe.observed),
            *(_verdict(probe, answers[probe.name]) for answers in columns),
        )
        for probe in PROBES
    ]
    return whole(
        "Fidelity",
        "Every probe of [`groundlevel conformance`](../how-to/conformance.md), with what the published documents say "
        "of its reply, what was observed of the live platform, and what both profiles answer. This page is made by "
        "asking them. *documented* and *observed* are said only where a reply has the status and holds all that is "
        "expected of it; why others do not is in [compatibility](../compatibility.md) and [what was decided]"
        "(../contract.md#what-was-decided).",
        table(("probe", "request", "documented", "observed", "profile spec", "profile live"), rows),
    )


def _answers(profile: str) -> dict[str, Answer]:
    with own_server(profile=profile, limits="off") as own:
        run = asyncio.run(ask_all(Target(own.url, own.token, own.location), PROBES, write=True))
    return {answer.probe: answer for answer in run.answers}


def _said(expected: Expected | None) -> str:
    return "" if expected is None else str(expected.status)


def _verdict(probe: Probe, answer: Answer) -> str:
    sources = {
        "documented": (probe.documented, answer.differs_from_documents),
        "observed": (probe.observed, answer.differs_from_observations),
    }
    said = {name: why for name, (expected, why) in sources.items() if expected is not None}
    words = " and ".join(name for name, why in said.items() if why is None)
    if not words and said:
        words = "neither" if len(said) > 1 else f"not {''.join(said)}"
    return ", ".join(part for part in (str(answer.status), words) if part)
