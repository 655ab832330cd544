"""Plays every scenario on every engine, in each profile it holds for."""

from __future__ import annotations

from typing import Literal, get_args

import pytest

from groundlevel.kernel.settings import Profile, Settings
from groundlevel.kernel.storage.base import Storage
from tests.conformance import (
    associations,
    businesses,
    contact_parts,
    contacts,
    every_operation,
    fields,
    folders,
    live,
    location_parts,
    locations,
    notes,
    oauth,
    objects,
    opportunities,
    opportunity_parts,
    opportunity_searches,
    paging,
    record_notes,
    records,
    related,
    relations,
    search,
    tasks,
)
from tests.conformance.scenario import Scenario, Variables, play
from tests.kernel.http.world import open_world

SCENARIOS: tuple[Scenario, ...] = (
    *every_operation.SCENARIOS,
    *objects.SCENARIOS,
    *records.SCENARIOS,
    *search.SCENARIOS,
    *related.SCENARIOS,
    *fields.SCENARIOS,
    *folders.SCENARIOS,
    *associations.SCENARIOS,
    *relations.SCENARIOS,
    *businesses.SCENARIOS,
    *contacts.SCENARIOS,
    *contact_parts.SCENARIOS,
    *notes.SCENARIOS,
    *record_notes.SCENARIOS,
    *tasks.SCENARIOS,
    *tasks.SEARCHES,
    *opportunities.SCENARIOS,
    *opportunity_searches.SCENARIOS,
    *opportunity_parts.SCENARIOS,
    *locations.SCENARIOS,
    *locations.USERS,
    *location_parts.SCENARIOS,
    *oauth.SCENARIOS,
    *paging.SCENARIOS,
    *live.SCENARIOS,
)
ROWS = ("O1", "O2", "O3", "O4", "O5", "O6", "O7", "O8", "O9", "F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8")
ASSOCIATION_ROWS = ("A1", "A2", "A3/A6/A7", "A4", "A5", "R1", "R2", "R3")
STANDARD_ROWS = (
    "Businesses",
    "Contacts",
    notes.ROW,
    record_notes.ROW,
    tasks.ROW,
    tasks.SEARCH_ROW,
    "Opportunities",
    "Locations",
    "Users",
)
LOCATION_ROWS = ("Location fields", "Custom values", "Unsupported")
COMMON = ("i", "ii", "iii", "iv", "v", paging.ROW)

_PLAYED = [(scenario, profile) for scenario in SCENARIOS for profile in scenario.profiles]


@pytest.mark.parametrize(
    ("scenario", "profile"), _PLAYED, ids=[f"{scenario.name} ({profile})" for scenario, profile in _PLAYED]
)
async def test_scenario(scenario: Scenario, profile: Literal["spec", "live"], storage: Storage) -> None:
    async with open_world(storage, Settings(profile=profile)) as world:
        variables: Variables = {"location": world.location, "sister": world.sister, "foreign": world.foreign}
        if scenario.row in (*oauth.ROWS, paging.ROW):
            await oauth.prepare(storage, world, variables)
        if scenario.row == locations.USER_ROW:
            await locations.employ(storage, world, variables)
        await play(scenario, world, variables)


@pytest.mark.parametrize("row", [*ROWS, *ASSOCIATION_ROWS, *STANDARD_ROWS, *LOCATION_ROWS, *oauth.ROWS, *COMMON])
def test_every_row_has_its_checks(row: str) -> None:
    checks = [scenario for scenario in SCENARIOS if scenario.row == row]

    assert len(checks) >= (1 if row in COMMON else 5), f"{row} has {len(checks)} scenarios"


def test_names_tell_scenarios_apart() -> None:
    names = [scenario.name for scenario in SCENARIOS]

    assert len(names) == len(set(names))
    assert {profile for scenario in SCENARIOS for profile in scenario.profiles} == set(get_args(Profile))
