"""Code that nobody uses is found, and members of bodies and replies are not taken for it."""

from __future__ import annotations

from pathlib import Path

from checks.dead_code import members, unused


def test_what_nobody_uses_is_found(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "pets.py").write_text(
        "import os\n\n\ndef feed():\n    return 1\n    return 2\n\n\ndef walk():\n    return feed()\n", "utf-8"
    )

    found = sorted(where for _, where in unused(tmp_path, ()))

    assert found == [
        "src/pets.py:1 unused import 'os'",
        "src/pets.py:6 unreachable code after 'return'",
        "src/pets.py:9 unused function 'walk'",
    ]


def test_a_live_name_is_not_reported(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "pets.py").write_text("def walk():\n    return 1\n", "utf-8")

    assert list(unused(tmp_path, ("walk",))) == []


def test_members_are_named_as_in_the_code() -> None:
    pet = {"properties": {"dateAdded": {"type": "object", "properties": {"byWhom": {}}}, "name": {}}}

    assert members({"components": {"schemas": {"Pet": pet}}}) == {"date_added", "by_whom", "name"}
