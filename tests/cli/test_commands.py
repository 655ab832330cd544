"""Commands work on the database directly, print one JSON object when asked, and fail without a traceback."""

from __future__ import annotations

import asyncio
import json
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from groundlevel import __version__
from groundlevel.access.rules import authenticate
from groundlevel.cli import run
from groundlevel.cli.environment import API_VERSION
from groundlevel.kernel.errors import TokenInvalid
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.engines import open_storage
from groundlevel.schema.object_rules import delete_object
from tests.world import PET, world_in

SAMPLE = Path(__file__).parents[2] / "examples" / "packages_sample.csv"

Ask = Callable[..., tuple[int, Any]]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps groundlevel.toml and the variables of the machine out of the tests."""
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE", "SEED", "PORT", "HOST"):
        monkeypatch.delenv(f"GROUNDLEVEL_{name}", raising=False)


@pytest.fixture
def ask(shared_url: str, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Runs a command with --json on the test's database; its status and the one object it printed."""

    def asked(*arguments: str) -> tuple[int, Any]:
        status = run([*arguments, "--database", shared_url, "--json"])
        printed = capsys.readouterr()
        assert printed.err == ""
        assert printed.out.count("\n") == 1
        return status, json.loads(printed.out)

    return asked


def holder(shared_url: str, token: str) -> str | None:
    """The location of a token's holder; None when the token is refused."""

    async def found() -> str | None:
        storage = await open_storage(Settings(database=shared_url))
        try:
            return (await authenticate(storage, token)).location_id
        except TokenInvalid:
            return None
        finally:
            await storage.close()

    return asyncio.run(found())


def test_version(ask: Ask) -> None:
    status, printed = ask("version")
    assert status == 0
    assert printed["version"] == __version__


def test_version_as_an_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith(f"groundlevel {__version__} (Python 3.")


def test_locations(ask: Ask) -> None:
    status, made = ask("location", "create", "--name", "North")
    assert status == 0
    assert made.keys() == {"locationId", "companyId"}
    _, second = ask("location", "create", "--name", "South", "--company", made["companyId"])
    assert second["companyId"] == made["companyId"]
    _, listed = ask("location", "list")
    assert [(row["locationId"], row["name"]) for row in listed["locations"]] == [
        (made["locationId"], "North"),
        (second["locationId"], "South"),
    ]


def test_a_location_of_an_unknown_company_is_refused(ask: Ask) -> None:
    status, printed = ask("location", "create", "--name", "North", "--company", "nobody")
    assert status == 1
    assert printed["error"] == "Company (nobody) not found"
    assert printed["hint"]


def test_tokens(ask: Ask, shared_url: str) -> None:
    _, at = ask("location", "create", "--name", "North")
    status, made = ask(
        "token", "create", "--location", at["locationId"], "--name", "ci", "--expires-in-days", "30",
        "--scopes", "objects/record.readonly, objects/schema.readonly",
    )  # fmt: skip
    assert status == 0
    assert made["scopes"] == ["objects/record.readonly", "objects/schema.readonly"]
    assert made["expiresAt"] > made["createdAt"]
    assert holder(shared_url, made["token"]) == at["locationId"]
    _, listed = ask("token", "list")
    (row,) = listed["tokens"]
    assert (row["id"], row["name"]) == (made["id"], "ci")
    assert row["lastUsedAt"] is None
    assert made["token"] not in json.dumps(listed)
    assert ask("token", "revoke", made["id"]) == (0, {"id": made["id"], "revoked": True})
    assert holder(shared_url, made["token"]) is None
    assert ask("token", "list")[1]["tokens"][0]["state"] == "revoked"
    assert ask("token", "revoke", made["id"])[0] == 1


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("token", "create", "--location", "nowhere"), 1),
        (("token", "create"), 1),
        (("token", "create", "--company", "c", "--location", "l"), 1),
        (("token", "create", "--location", "l", "--scopes", "everything"), 1),
        (("token", "create", "--location", "l", "--expires-in-days", "0"), 2),
        (("token", "revoke", "none"), 1),
        (("env",), 1),
        (("env", "--location", "nowhere"), 1),
        (("seed", "none.json"), 1),
        (("import", "none.csv", "--object", "pet"), 1),
        (("location", "create"), 2),
        (("location", "create", "--nome", "x"), 2),
        (("frobnicate",), 2),
        (("migrate", "--config", "none.toml"), 1),
    ],
)
def test_refusals_are_one_object_with_a_hint(ask: Ask, arguments: tuple[str, ...], status: int) -> None:
    found, printed = ask(*arguments)
    assert found == status
    assert printed.keys() == {"error", "hint"}
    assert printed["error"]


@pytest.mark.parametrize(
    "database",
    [
        "sqlite:////proc/none/x.db",
        "sqlite:////dev/null/x.db",
        "postgresql://nobody@127.0.0.1:1/none",
        "mysql://x",
    ],
)
def test_a_database_that_cannot_be_used(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["location", "list", "--database", database]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("groundlevel: ")
    assert "\nhint: " in printed.err
    assert "Traceback" not in printed.err


def test_refusals_without_json_go_to_standard_error(shared_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["token", "revoke", "none", "--database", shared_url]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("groundlevel: There is no token none")
    assert "hint: " in printed.err


def test_migrate_and_doctor(ask: Ask, engine_name: str) -> None:
    assert ask("migrate")[1]["engine"] == engine_name
    assert ask("seed", "demo")[0] == 0
    status, report = ask("doctor")
    assert (status, report["ok"]) == (0, True)
    assert {check["name"] for check in report["checks"]} >= {"counters", "unique values"}


def test_what_the_operator_should_know_is_said(
    postgres_without_trigrams: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["migrate", "--database", postgres_without_trigrams]) == 0
    assert "note: text search runs without an index" in capsys.readouterr().out


def test_seeding_twice_changes_nothing(ask: Ask) -> None:
    status, first = ask("seed", "demo")
    assert status == 0
    assert first["locations"][0]["created"] is True
    assert first["locations"][0]["records"] == 40
    _, second = ask("seed", "demo")
    assert second["locations"][0]["created"] is False
    assert second["locations"][0]["locationId"] == first["locations"][0]["locationId"]


def test_env_makes_a_token_for_the_only_location(ask: Ask, shared_url: str) -> None:
    _, at = ask("location", "create", "--name", "North")
    status, variables = ask("env", "--url", "http://127.0.0.1:9000/")
    assert status == 0
    assert variables["GHL_BASE_URL"] == "http://127.0.0.1:9000"
    assert variables["GHL_LOCATION_ID"] == at["locationId"]
    assert variables["GHL_API_VERSION"] == API_VERSION
    assert holder(shared_url, variables["GHL_API_KEY"]) == at["locationId"]


def test_env_asks_which_of_several_locations(ask: Ask) -> None:
    ids = [ask("location", "create", "--name", name)[1]["locationId"] for name in ("North", "South")]
    status, printed = ask("env")
    assert status == 1
    assert all(location_id in printed["hint"] for location_id in ids)
    assert ask("env", "--location", ids[1])[1]["GHL_LOCATION_ID"] == ids[1]


@pytest.mark.parametrize(("form", "start"), [("--shell", "export "), ("--dotenv", ""), (None, "export ")])
def test_forms_of_env(
    ask: Ask, shared_url: str, capsys: pytest.CaptureFixture[str], form: str | None, start: str
) -> None:
    ask("location", "create", "--name", "North")
    assert run(["env", "--database", shared_url, *([form] if form else [])]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    assert all(re.match(rf"{start}(GHL|WEBHOOK)_[A-Z_]+=\S", line) for line in lines)


def test_import(ask: Ask, tmp_path: Path) -> None:
    ask("location", "create", "--name", "North")
    path = tmp_path / "packages.csv"
    path.write_bytes(SAMPLE.read_bytes())
    status, planned = ask("import", str(path), "--object", "package", "--create-object", "--dry-run")
    assert (status, planned["refused"], planned["dryRun"]) == (0, 0, True)
    status, done = ask("import", str(path), "--object", "package", "--create-object")
    assert (status, done["created"], done["refused"]) == (0, planned["rows"], 0)
    status, again = ask("import", str(path), "--object", "package", "--match", "package")
    assert (status, again["created"], again["unchanged"]) == (0, 0, planned["rows"])
    assert ask("doctor")[1]["ok"] is True


def test_import_with_refused_rows(ask: Ask, tmp_path: Path) -> None:
    ask("location", "create", "--name", "North")
    path = tmp_path / "pets.csv"
    path.write_text("name,age\nRex,3\nTom,4\n", encoding="utf-8")
    assert ask("import", str(path), "--object", "pet", "--create-object")[0] == 0
    path.write_text("name,age\nKim,old\nZoë,5\n", encoding="utf-8")
    status, done = ask("import", str(path), "--object", "pet")
    assert (status, done["created"], done["refused"]) == (2, 1, 1)
    assert Path(done["errorsFile"]).read_text(encoding="utf-8").splitlines()[1].startswith("2,age,age: ")


def test_every_option_of_import(ask: Ask, tmp_path: Path) -> None:
    ask("location", "create", "--name", "North")
    path = tmp_path / "pets.csv"
    path.write_bytes("Zoë;31/12/2024;45484;070-174 06 05;x\n".encode("cp1252"))
    words = ["--no-header", "--encoding", "windows-1252", "--country", "se", "--dates", "dmy", "--dates", "excel"]
    words += ["--rename", "column 1=Name", "--rename", "column 2=Born", "--rename", "column 3=Seen"]
    words += ["--rename", "column 4=Phone", "--skip", "column 5", "--type", "column 3=DATE", "--type", "column 4=PHONE"]
    status, done = ask("import", str(path), "--object", "pet", "--create-object", *words)
    assert status == 0
    outcomes = ("lines", "headerLines", "rows", "created", "updated", "unchanged", "refused", "skipped")
    assert [done[name] for name in outcomes] == [1, 0, 1, 1, 0, 0, 0, 0]
    assert {column["key"]: column["dataType"] for column in done["columns"]} == {
        "name": "TEXT",
        "born": "DATE",
        "seen": "DATE",
        "phone": "PHONE",
    }
    assert done["skippedColumns"] == [{"name": "column 5", "reason": "--skip"}]
    written = tmp_path / "out.jsonl"
    status, out = ask("export", str(written), "--object", "pet")
    assert (status, out) == (0, {"object": "custom_objects.pet", "records": 1, "file": str(written)})
    assert json.loads(written.read_text(encoding="utf-8")) == {
        "name": "Zoë",
        "born": "2024-12-31",
        "seen": "2024-07-11",
        "phone": "+46701740605",
    }
    status, refused = ask("export", str(written), "--object", "pet")
    assert status == 1
    assert "--overwrite" in refused["hint"]


def test_import_shows_its_plan(shared_url: str, ask: Ask, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ask("location", "create", "--name", "North")
    path = tmp_path / "pets.csv"
    path.write_text("Name,Age\nRex,3\n", encoding="utf-8")
    arguments = ["import", str(path), "--object", "pet", "--create-object", "--database", shared_url]
    assert run(arguments) == 0
    printed = capsys.readouterr()
    assert "custom_objects.pet (new)" in printed.out
    assert "NUMERICAL" in printed.out
    assert "2 lines, 1 rows: 1 created, 0 updated, 0 unchanged, 0 refused, 0 skipped" in printed.out
    assert printed.err == "", "no progress bar without a terminal"


def test_every_command_takes_the_common_options(capsys: pytest.CaptureFixture[str]) -> None:
    commands = (
        "serve", "env", "migrate", "doctor", "seed", "import", "export", "version",
        "location create", "location list", "token create", "token list", "token revoke",
    )  # fmt: skip
    for name in commands:
        assert run([*name.split(), "--help"]) == 0
        printed = capsys.readouterr().out
        assert "--database" in printed
        assert "--json" in printed


def test_the_demo_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    from groundlevel.cli.credentials import Credentials, save_token

    path = tmp_path / "x.db.demo.json"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o644)
    save_token(path, Credentials("a", "b"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_bytes()) == {"locationId": "a", "token": "b"}


def test_upkeep_says_what_is_left_and_finishes_it(ask: Ask, shared_url: str) -> None:
    async def delete_filled_object() -> str:
        storage = await open_storage(Settings(database=shared_url))
        try:
            world = await world_in(storage)
            await world.pet()
            await world.create({"name": "Rex"})
            await world.do(delete_object, PET)
            return world.location.id
        finally:
            await storage.close()

    location = asyncio.run(delete_filled_object())
    status, left = ask("upkeep")
    assert status == 0
    [progress] = left["jobs"]
    assert (progress["job"]["kind"], progress["job"]["locationId"]) == ("purge records", location)
    assert ask("upkeep", "--finish") == (0, {"jobs": []})


@pytest.mark.parametrize(
    "made",
    [("token", "create", "--location"), ("app", "create", "--name", "Sync", "--redirect-uri", "https://a.example/cb")],
)
def test_scopes_that_open_nothing_here_are_given_and_named(
    ask: Ask, shared_url: str, capsys: pytest.CaptureFixture[str], made: tuple[str, ...]
) -> None:
    _, location = ask("location", "create", "--name", "Here")
    place = (location["locationId"],) if made[0] == "token" else ()
    scopes = ("--scopes", "calendars.readonly,objects/record.readonly,conversations/message.write")

    status, shown = ask(*made, *place, *scopes)
    assert (status, set(shown["scopes"])) == (0, set(scopes[1].split(",")))
    assert run([*made, *place, *scopes, "--database", shared_url]) == 0
    noted = capsys.readouterr().err
    assert "calendars.readonly, conversations/message.write" in noted
    assert "objects/record.readonly" not in noted
    status, refused = ask(*made, *place, "--scopes", "calendars.readonly,everything")
    assert status == 1
    assert "everything" in refused["error"]
    assert "calendars" not in refused["error"]
