"""All probes: those that only read, then those that write."""

from __future__ import annotations

from groundlevel.conformance.probe import Probe
from groundlevel.conformance.probes import crm, every_operation, made_objects, made_records, objects, records

PROBES: tuple[Probe, ...] = (
    *every_operation.PROBES,
    *objects.PROBES,
    *records.PROBES,
    *crm.PROBES,
    *made_objects.PROBES,
    *made_records.PROBES,
    *made_objects.ENDINGS,
)
"""In the order in which they are asked: what one keeps is there for those behind it."""


def probes_of(area: str) -> tuple[Probe, ...]:
    """The probes of an area, and those before them that keep what they need; none where there is no such area."""
    chosen: list[Probe] = []
    needed: set[str] = set()
    for probe in reversed(PROBES):
        if probe.area == area or needed.intersection(probe.keep):
            chosen.append(probe)
            needed.difference_update(probe.keep)
            needed.update(probe.variables())
    return tuple(reversed(chosen))
