"""Asks a server the probes of the wire contract, and prints what it answers otherwise."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
from msgspec import Struct

from groundlevel.cli.own_server import OwnServerError, own_server
from groundlevel.conformance.answers import Answer
from groundlevel.conformance.asking import LOOPBACK, Run, Target, ask_all
from groundlevel.conformance.comparison import Difference, Severity, differences
from groundlevel.conformance.errors import ConformanceError
from groundlevel.conformance.junit import write_junit
from groundlevel.conformance.probe import Expected, Probe
from groundlevel.conformance.probes import PROBES, probes_of
from groundlevel.conformance.recording import Recording, read_recording, write_recording
from groundlevel.kernel.command import Options, Result, command, say
from groundlevel.kernel.model import Json
from groundlevel.tls.authority import PLATFORM_HOSTS

NOT_RUN = 2
"""The exit status when nothing could be found out."""
DIFFERENT = 1


class ConformanceOptions(Options, frozen=True, kw_only=True):
    """Options of `conformance`."""

    target: Annotated[str | None, typer.Option(help="Base URL of the server.", envvar="GHL_BASE_URL")] = None
    token: Annotated[str | None, typer.Option(help="A token for the location.", envvar="GHL_API_KEY")] = None
    location: Annotated[str | None, typer.Option(help="Id of the location.", envvar="GHL_LOCATION_ID")] = None
    object: Annotated[str | None, typer.Option(help="Key of the object to read; else the first custom one.")] = None
    ca: Annotated[Path | None, typer.Option(help="Certificates to trust in place of the usual ones.")] = None
    only: Annotated[str | None, typer.Option(help="The probes of one area, and what they need: records, say.")] = None
    write: Annotated[
        bool, typer.Option("--write", help="Also create an object, fields and records, and delete them again.")
    ] = False
    yes: Annotated[bool, typer.Option("--yes", help="Do write to a server on another machine.")] = False
    profile: Annotated[
        str | None, typer.Option(help="Compare with GroundLevel's spec or live; live for the platform, else spec.")
    ] = None
    record: Annotated[Path | None, typer.Option(help="Save the answers here, without secrets and values.")] = None
    against: Annotated[Path | None, typer.Option(help="Compare with saved answers instead of with GroundLevel.")] = None
    junit: Annotated[Path | None, typer.Option(help="Write a test case for each probe here, as JUnit XML.")] = None
    fail_on: Annotated[str, typer.Option(help="The least severity that counts: minor, notable or breaking.")] = (
        "notable"
    )


class Report(Struct, frozen=True):
    """What a run has found out."""

    reference: str
    target: str
    here: list[Answer]
    run: Run
    found: list[Difference]

    @property
    def asked(self) -> int:
        """How many probes the target has answered."""
        return sum(answer.status is not None for answer in self.run.answers)


def add_to(app: typer.Typer) -> None:
    """Adds the family's commands."""
    command(app, "conformance")(check_conformance)


async def check_conformance(options: ConformanceOptions) -> Result:
    """Ask a server the same questions as GroundLevel, and print what it answers otherwise.

    It only reads, unless --write is given. The exit status is 0 if nothing differs, 1 if something does, 2 if that
    could not be found out.
    """
    try:
        worst = _severity(options.fail_on)
        report = await _run(options)
        if options.junit is not None:
            write_junit(options.junit, report.run, report.found, worst)
    except (ConformanceError, OwnServerError) as problem:
        if not options.json:
            say(str(problem), problem.advice, as_json=False)
        return Result({"error": str(problem), "hint": problem.advice}, status=NOT_RUN)
    different = report.run.left_behind or any(each.severity >= worst for each in report.found)
    return Result(_as_json(report), _as_text(report), DIFFERENT if different else 0)


async def _run(options: ConformanceOptions) -> Report:
    probes = PROBES if options.only is None else probes_of(options.only)
    if not probes:
        areas = ", ".join(dict.fromkeys(probe.area for probe in PROBES))
        raise ConformanceError(f"--only: there are no probes of {options.only}", f"The areas are {areas}.")
    target = _target(options)
    host = urlsplit(target.url).hostname or ""
    if options.write and host not in LOOPBACK and not options.yes:
        raise ConformanceError(
            f"--write would create an object in location {target.location} of {host}",
            "Add --yes if that is meant; it is deleted again.",
        )
    profile = options.profile or ("live" if host in PLATFORM_HOSTS else "spec")
    if options.against is not None:
        recording = read_recording(options.against)
        here, reference = recording.answers, _named(options.against, recording)
    else:
        here, reference = await _ask_groundlevel(options, probes, profile), f"GroundLevel, profile {profile}"
    run = await ask_all(target, probes, write=options.write)
    if options.record is not None:
        write_recording(options.record, target.url, run.answers)
    return Report(reference, target.url, here, run, list(differences(here, run.answers)))


def _named(file: Path, recording: Recording) -> str:
    return f"{file}: {recording.target}, asked {recording.recorded_at} by groundlevel {recording.groundlevel}"


async def _ask_groundlevel(options: ConformanceOptions, probes: tuple[Probe, ...], profile: str) -> list[Answer]:
    with own_server(options.config, profile=profile, limits="off") as own:
        run = await ask_all(Target(own.url, own.token, own.location), probes, write=options.write)
    return run.answers


def _target(options: ConformanceOptions) -> Target:
    if options.target is None or options.token is None or options.location is None:
        raise ConformanceError(
            "--target, --token and --location are needed",
            "GHL_BASE_URL, GHL_API_KEY and GHL_LOCATION_ID say them too; `groundlevel env` prints these.",
        )
    if not options.target.startswith(("http://", "https://")):
        raise ConformanceError(f"--target: expected http://… or https://…, got {options.target}", "It is a base URL.")
    if options.ca is not None and not options.ca.is_file():
        raise ConformanceError(f"--ca: there is no file {options.ca}", "It is a file of certificates, as PEM.")
    ca = None if options.ca is None else str(options.ca)
    return Target(options.target, options.token, options.location, options.object, ca)


def _severity(name: str) -> Severity:
    try:
        return Severity[name.upper()]
    except KeyError:
        names = ", ".join(each.name.lower() for each in Severity)
        raise ConformanceError(f"--fail-on: expected one of {names}, got {name}", "") from None


def _as_json(report: Report) -> dict[str, Json]:
    here = {answer.probe: answer for answer in report.here}
    rows: list[Json] = []
    for answer in report.run.answers:
        own = here.get(answer.probe)
        rows.append(
            {
                "probe": answer.probe,
                "here": own and own.status,
                "there": answer.status,
                "unasked": answer.unasked,
                "differsFromDocuments": answer.differs_from_documents,
                "differsFromObservations": answer.differs_from_observations,
                "differences": [
                    {"severity": each.severity.name.lower(), "what": each.what}
                    for each in report.found
                    if each.probe == answer.probe
                ],
            }
        )
    return {
        "here": report.reference,
        "there": report.target,
        "probes": rows,
        "counts": {"asked": report.asked, "unasked": len(rows) - report.asked, **_counts(report)},
        "leftBehind": [*report.run.left_behind],
    }


def _counts(report: Report) -> dict[str, int]:
    counted = Counter(each.severity for each in report.found)
    return {severity.name.lower(): counted[severity] for severity in reversed(Severity)}


def _as_text(report: Report) -> str:
    here = {answer.probe: answer for answer in report.here}
    probes = {probe.name: probe for probe in PROBES}
    width = max(len(answer.probe) for answer in report.run.answers)
    lines = [f"here   {report.reference}", f"there  {report.target}", ""]
    lines.append(f"{'':{width}}  documented  observed  here  there")
    for answer in report.run.answers:
        probe, own = probes[answer.probe], here.get(answer.probe)
        statuses = (_said(probe.documented, 10), _said(probe.observed, 8), f"{(own and own.status) or '–':<4}")
        end = f"{answer.status}" if answer.status is not None else f"–     {answer.unasked}"
        lines.append(f"{answer.probe:{width}}  {'  '.join(statuses)}  {end}")
        lines += [
            f"    {each.severity.name.lower():<8}  {each.what}" for each in report.found if each.probe == answer.probe
        ]
    counted = ", ".join(f"{count} {name}" for name, count in _counts(report).items())
    unasked = len(report.run.answers) - report.asked
    lines += ["", f"{report.asked} asked, {unasked} not asked; differences: {counted}"]
    lines += [f"left behind: {each}" for each in report.run.left_behind]
    return "\n".join(lines)


def _said(expected: Expected | None, width: int) -> str:
    return f"{'–' if expected is None else expected.status:<{width}}"
