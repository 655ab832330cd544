"""Webhooks from the command line: added, shown, tested, replayed, delivered and listened to; and their keys."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from groundlevel.cli import run
from tests.cli.test_commands import Ask, ask, elsewhere
from tests.webhooks.receiver import Receiver, Reply, receiving
from tests.world import PATIENCE_SECONDS, wait_until

__all__ = ["ask", "elsewhere"]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Somebody who listens on this machine."""
    with receiving() as running:
        yield running


@contextmanager
def running(database: str, *words: str) -> Iterator[tuple[subprocess.Popen[str], Any]]:
    """A command that goes on until it is stopped, and the first thing that it printed."""
    command = [sys.executable, "-m", "groundlevel", *words, "--database", database, "--json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "GROUNDLEVEL_LOG_LEVEL": "error"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def waited(receiver: Receiver, count: int) -> None:
    """Returns when so much was received."""
    wait_until(lambda: len(receiver.received) >= count)


def test_a_webhook_is_added_tested_delivered_and_replayed(ask: Ask, shared_url: str, receiver: Receiver) -> None:
    _, location = ask("location", "create", "--name", "North")
    status, webhook = ask("webhooks", "add", receiver.url, "--events", "RecordUpdate,RecordDelete")
    assert (status, webhook["locationId"], webhook["events"]) == (
        0,
        location["locationId"],
        ["RecordUpdate", "RecordDelete"],
    )
    assert ask("webhooks", "list")[1] == {"webhooks": [webhook]}
    assert ask("webhooks", "test", webhook["id"])[1] == {"type": "RecordUpdate"}
    receiver.reply = Reply(200, b"noted")
    with running(shared_url, "deliver") as (process, ready):
        assert ready == {"delivering": True}
        waited(receiver, 1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0
    ((entry,),) = ask("webhooks", "log", webhook["id"])[1].values()
    assert (entry["webhookId"], entry["state"]) == (receiver.received[0].id, "delivered")
    assert [(each["status"], each["response"]) for each in entry["attempts"]] == [(200, "noted")]
    assert ask("webhooks", "replay", entry["webhookId"])[1]["state"] == "pending"
    with running(shared_url, "deliver") as (process, _):
        waited(receiver, 2)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_SECONDS) == 0
    assert receiver.received[0].id == receiver.received[1].id
    assert ask("webhooks", "remove", webhook["id"]) == (0, {"id": webhook["id"], "removed": True})
    assert ask("webhooks", "list")[1] == {"webhooks": []}


def test_of_an_app_there_is_one(ask: Ask) -> None:
    _, app = ask("app", "create", "--name", "An app", "--redirect-uri", "https://example.com/callback")
    _, first = ask("webhooks", "add", "https://example.com/1", "--app", app["id"])
    _, second = ask("webhooks", "add", "https://example.com/2", "--app", app["clientId"], "--events", "INSTALL")
    assert first["appId"] == app["id"]
    assert (first["id"], second["url"], second["events"]) == (second["id"], "https://example.com/2", ["INSTALL"])
    assert ask("webhooks", "list")[1] == {"webhooks": [second]}


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("webhooks", "add", "http://10.0.0.1/"), "not a public address"),
        (("webhooks", "add", "https://example.com", "--events", "Nothing"), "Nothing"),
        (("webhooks", "add", "https://example.com", "--app", "nobody"), "App (nobody) not found"),
        (("webhooks", "add", "https://example.com", "--company", "nobody"), "Company (nobody) not found"),
        (("webhooks", "add", "https://example.com", "--company", "a", "--app", "b"), "a location, a company or an app"),
        (("webhooks", "remove", "nothing"), "Webhook (nothing) not found"),
        (("webhooks", "log", "nothing"), "Webhook (nothing) not found"),
        (("webhooks", "replay", "nothing"), "Delivery (nothing) not found"),
        (("webhooks", "retire-key", "nothing"), "There is no key nothing"),
    ],
)
def test_what_is_refused(words: tuple[str, ...], part: str, ask: Ask) -> None:
    ask("location", "create", "--name", "North")
    status, printed = ask(*words)
    assert (status, part in printed["error"]) == (1, True), printed
    assert printed["hint"]


def test_listening_forwards_to_this_machine_and_leaves_nothing(
    ask: Ask, shared_url: str, receiver: Receiver, tmp_path: Path
) -> None:
    _, location = ask("location", "create", "--name", "North")
    sheet = tmp_path / "pets.csv"
    sheet.write_text("name\nRex\n", "utf-8")
    with running(shared_url, "webhooks", "listen", "--forward", f"{receiver.url}/mine") as (process, webhook):
        assert process.stdout is not None
        assert ask("import", str(sheet), "--object", "pet", "--create-object")[1]["created"] == 1
        lines = [json.loads(process.stdout.readline()) for _ in range(2)]
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_SECONDS) == 0
    assert webhook["locationId"] == location["locationId"]
    told = {each.body["type"]: each for each in receiver.received}
    assert {"ObjectSchemaCreate", "RecordCreate"} <= told.keys()
    assert {each.path for each in receiver.received} == {"/mine"}
    assert all(line["status"] == 200 and line["webhookId"] and line["ms"] >= 0 for line in lines)
    assert ask("webhooks", "list")[1] == {"webhooks": []}


def test_keys_are_shown_rotated_and_retired(ask: Ask) -> None:
    _, before = ask("webhooks", "keys")
    assert [key["kind"] for key in before["keys"]] == ["ed25519", "rsa"]
    _, rotated = ask("webhooks", "rotate-keys")
    every = ask("webhooks", "keys")[1]["keys"]
    assert [key["id"] for key in every] == [
        rotated["keys"][0]["id"], before["keys"][0]["id"], rotated["keys"][1]["id"], before["keys"][1]["id"]
    ]  # fmt: skip
    for key in before["keys"]:
        assert ask("webhooks", "retire-key", key["id"]) == (0, {"id": key["id"], "retired": True})
    assert ask("webhooks", "keys")[1]["keys"] == rotated["keys"]


def test_env_prints_the_keys_in_one_line_each(ask: Ask, shared_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    ask("location", "create", "--name", "North")
    _, variables = ask("env")
    _, keys = ask("webhooks", "keys")
    modern, legacy = keys["keys"]
    assert variables["WEBHOOK_SIGNATURE_PUBLIC_KEY"] == modern["raw"]
    assert variables["WEBHOOK_PUBLIC_KEY"] == legacy["publicKey"].replace("\n", "")
    assert run(["env", "--database", shared_url, "--dotenv"]) == 0
    written = dict(line.split("=", 1) for line in capsys.readouterr().out.splitlines())
    assert [shlex.split(value)[0] for value in written.values()][-2:] == list(variables.values())[-2:]


def test_the_secret_of_the_keys_is_changed(ask: Ask, shared_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _, made = ask("webhooks", "keys")
    old, new = "the first secret of this database", "the next secret of this database."
    monkeypatch.setenv("GROUNDLEVEL_NEW_SECRET", "too short")
    assert ask("webhooks", "change-secret")[0] != 0
    monkeypatch.setenv("GROUNDLEVEL_NEW_SECRET", old)
    assert ask("webhooks", "change-secret") == (0, {"keys": 2, "encrypted": True})
    assert ask("webhooks", "keys")[0] != 0, "without the secret"
    monkeypatch.setenv("GROUNDLEVEL_SECRET", old)
    monkeypatch.setenv("GROUNDLEVEL_NEW_SECRET", new)
    assert ask("webhooks", "change-secret") == (0, {"keys": 2, "encrypted": True})
    monkeypatch.setenv("GROUNDLEVEL_SECRET", new)
    assert ask("webhooks", "keys") == (0, made)
