"""Seed files that are YAML: read as JSON would read them, and refused where that cannot be said."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import msgspec
import pytest

from groundlevel.seed.rules import DEMO, SeedError, load_seed, read_seed
from groundlevel.seed.yaml_text import json_of_yaml


def test_a_seed_is_the_same_as_yaml_and_as_json(tmp_path: Path) -> None:
    import yaml

    demo = load_seed(DEMO)
    file = tmp_path / "demo.yaml"
    file.write_text(yaml.safe_dump(msgspec.to_builtins(demo), allow_unicode=True), "utf-8")
    assert load_seed(str(file)) == demo


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("on", "on"),
        ("True", "True"),
        ("01234", "01234"),
        ("+4930123", "+4930123"),
        ("1:30", "1:30"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        (".5", ".5"),
        (".inf", ".inf"),
        ("2026-01-31", "2026-01-31"),
        ("'8'", "8"),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("8", 8),
        ("-8.5", -8.5),
        ("1e3", 1000.0),
        ("[a, 1, {b: null}]", ["a", 1, {"b": None}]),
        ("|\n two\n lines", "two\nlines\n"),
    ],
)
def test_scalars_are_what_json_reads_them_as(text: str, value: object) -> None:
    assert json.loads(json_of_yaml(f"member: {text}\n".encode())) == {"member": value}


def test_keys_are_texts() -> None:
    assert json.loads(json_of_yaml(b"1: a\nno: b\ntrue: c\n<<: d")) == {"1": "a", "no": "b", "true": "c", "<<": "d"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: b: c", "line 1, column 5"),
        ("a: &x [1]\nb: *x", r"an alias, \*x in line 2"),
        ("a: !!python/object:os.system x", "a tag, tag:yaml.org,2002:python"),
        ("a: !!binary aGk=", "a tag"),
        ("a: 1\na: 2", "found a a second time in line 2"),
        ("? [1]\n: 2", "a key that is no text"),
        ("a: 1e999", "1e999 is too large"),
        ('a: "\\ud800"', "surrogates"),
        ("- a\n---\n- b", "a single document"),
        ("[" * 100_000, "recursion"),
        ("a: " + "9" * 5_000, "limit"),
        ("a: \x00", "unacceptable character"),
        ("", "Expected `object`, got `null`"),
        ("- locations", "Expected `object`, got `array`"),
        ("places: []", "unknown field `places`"),
        ("locations: []", "no locations"),
        ("locations:\n - name: 7", r"got `int` - at `\$.locations\[0\].name`"),
        ("{locations: []}", "malformed"),
        ('{"locations": [{"name": "a", "details": {"a": ' + "[" * 100_000, "recursion"),
    ],
)
def test_what_is_no_seed_says_where(text: str, problem: str) -> None:
    with pytest.raises(SeedError, match=f"(?i)pets is not a seed file: .*{problem}"):
        read_seed(text.encode(), "pets")


def test_without_the_library_it_is_said_how_to_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(SeedError, match="does not begin with") as refused:
        read_seed(b"locations: []", "pets.yaml")
    assert "pip install 'groundlevel[yaml]'" in refused.value.advice
    assert read_seed(b' {"locations": [{"name": "Garage"}]}', "pets.json").locations[0].name == "Garage"
