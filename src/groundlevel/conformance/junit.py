"""Writes what a conformance run has found as JUnit XML, which runners of tests show."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

from groundlevel.conformance.asking import Run
from groundlevel.conformance.comparison import Difference, Severity
from groundlevel.conformance.errors import ConformanceError
from groundlevel.kernel.private_files import write_whole

SUITE = "groundlevel conformance"
_MODE = 0o644
"""There are no values in it, as in a recording."""
_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot hold; a server may name a member by them."""


def write_junit(path: Path, run: Run, found: Iterable[Difference], worst: Severity) -> None:
    """Writes a test case for each probe: one that differs by `worst` or more has failed, an unasked one was skipped.

    Lesser differences are its output. What a run could not delete is a case of its own. Raises ConformanceError.
    """
    by_probe: dict[str, list[Difference]] = {}
    for each in found:
        by_probe.setdefault(each.probe, []).append(each)
    suite = ElementTree.Element("testsuite", name=SUITE)
    for answer in run.answers:
        area, _, _ = answer.probe.partition(":")
        case = ElementTree.SubElement(suite, "testcase", classname=f"{SUITE}.{area}", name=answer.probe)
        differing = by_probe.get(answer.probe, [])
        if answer.status is None:
            ElementTree.SubElement(case, "skipped", message=_text(answer.unasked or ""))
        if failing := [each for each in differing if each.severity >= worst]:
            kind = max(each.severity for each in failing).name.lower()
            failure = ElementTree.SubElement(case, "failure", type=kind, message=_text(failing[0].what))
            failure.text = _lines(failing)
        if lesser := [each for each in differing if each.severity < worst]:
            ElementTree.SubElement(case, "system-out").text = _lines(lesser)
    if run.left_behind:
        case = ElementTree.SubElement(suite, "testcase", classname=SUITE, name="what was made is deleted")
        failure = ElementTree.SubElement(case, "failure", type="left behind", message=_text(run.left_behind[0]))
        failure.text = _text("\n".join(run.left_behind))
    for name, tag in (("tests", "testcase"), ("failures", ".//failure"), ("skipped", ".//skipped")):
        suite.set(name, str(len(suite.findall(tag))))
    suite.set("errors", "0")
    ElementTree.indent(suite, " ")
    content = ElementTree.tostring(suite, "utf-8", xml_declaration=True)
    try:
        write_whole(path, content + b"\n", _MODE)
    except OSError as problem:
        raise ConformanceError(f"{path} cannot be written: {problem.strerror}", "Name another --junit.") from problem


def _lines(differing: Iterable[Difference]) -> str:
    return _text("\n".join(f"{each.severity.name.lower()}: {each.what}" for each in differing))


def _text(text: str) -> str:
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)
