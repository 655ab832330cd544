"""The YAML of a schema leads back to the seed that made it, on a server whose objects nobody has changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import yaml
from msgspec.structs import replace
from playwright.sync_api import Page

from groundlevel.seed.rules import DEMO, load_seed, read_seed
from groundlevel.seed.yaml_text import json_of_yaml
from tests.console.browser import Demo, serve_demo
from tests.console.test_schema_screens import yaml_of
from tests.console.test_screens import check_access


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A server of these tests alone: what others have made of the objects is no seed's."""
    with serve_demo(tmp_path_factory.mktemp("yaml")) as found:
        yield found


@pytest.fixture(scope="module")
def _signed_in() -> dict[str, Any]:
    """Nobody has signed in to it yet."""
    return {}


@pytest.mark.parametrize("number", range(len(load_seed(DEMO).locations[0].objects)))
def test_the_yaml_of_an_object_is_the_seed_that_made_it(page: Page, demo: Demo, number: int) -> None:
    made = load_seed(DEMO).locations[0].objects[number]
    text = yaml_of(page, demo, f"custom_objects.{made.key}")
    check_access(page)
    location = read_seed(text.encode(), "the console").locations[0]
    assert location.name == load_seed(DEMO).locations[0].name
    assert yaml.safe_load(text) == msgspec.json.decode(json_of_yaml(text.encode()))
    (shown,) = location.objects
    # Folders have no order; a search that nothing is said of is one of the primary property.
    assert sorted(shown.folders) == sorted(made.folders)
    assert shown.searchable == (made.searchable or [made.primary.key])
    assert replace(shown, folders=made.folders, searchable=made.searchable) == replace(made, records=[])
