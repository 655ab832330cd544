"""Seeds that are added to a running double."""

from __future__ import annotations

import sys

import pytest

from tests.control.lab import Lab

GARAGE = """
# A comment.
locations:
  - name: Garage
    objects:
      - key: car
        labels: {singular: Car, plural: Cars}
        primary: {key: name, name: Name}
        fields:
          - {key: doors, name: Doors, dataType: NUMERICAL}
        records:
          - properties: {name: Beetle, doors: 2}
          - properties: {name: "NO", doors: null}
"""


async def test_a_seed_may_be_yaml(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = await lab.client.post("/control/seed", content=GARAGE)
    (world,) = answer.json()["worlds"]
    body = {"locationId": world["locationId"], "page": 1, "pageLimit": 10}
    headers = {"Authorization": f"Bearer {world['token']}"}
    found = (await lab.api("POST", "/objects/custom_objects.car/records/search", body, **headers)).json()["records"]
    properties = [each["properties"] for each in found]
    assert sorted(each["name"] for each in properties) == ["Beetle", "NO"]
    assert {"name": "Beetle", "doors": 2} in properties

    refused = await lab.client.post("/control/seed", content="locations: *nowhere")
    assert refused.status_code == 400
    assert "an alias" in refused.json()["message"]
    assert "docs/how-to/ci.md" in refused.headers["x-groundlevel-hint"]
    monkeypatch.setitem(sys.modules, "yaml", None)
    missing = await lab.client.post("/control/seed", content=GARAGE)
    assert missing.status_code == 400
    assert "groundlevel[yaml]" in missing.headers["x-groundlevel-hint"]


async def test_a_world_is_made_of_the_text_of_a_seed(lab: Lab) -> None:
    world = await lab.ask("POST", "/worlds", {"seed": GARAGE})
    body = {"locationId": world["locationId"], "page": 1, "pageLimit": 10}
    headers = {"Authorization": f"Bearer {world['token']}"}
    found = (await lab.api("POST", "/objects/custom_objects.car/records/search", body, **headers)).json()
    assert found["total"] == 2
    for wrong in ("", "locations: 7", "[]"):
        refused = await lab.client.post("/control/worlds", json={"seed": wrong})
        assert refused.status_code == 400, wrong
