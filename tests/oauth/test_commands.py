"""Apps from the command line: made, installed, and taken away again."""

from __future__ import annotations

import json

import pytest

from groundlevel.cli import run
from groundlevel.oauth.consent_rules import TICKET_PREFIX
from tests.cli.test_commands import Ask, ask, elsewhere

__all__ = ["ask", "elsewhere"]
CREATE = ("app", "create", "--name", "Sync", "--redirect-uri", "https://app.example.com/cb")


def test_the_life_of_an_app(ask: Ask) -> None:
    _, at = ask("location", "create", "--name", "North")
    status, app = ask(*CREATE, "--redirect-uri", "http://127.0.0.1:1/cb", "--scopes", "contacts.readonly, oauth.write")
    assert (status, app["scopes"]) == (0, ["contacts.readonly", "oauth.write"])
    assert app["redirectUris"] == ["https://app.example.com/cb", "http://127.0.0.1:1/cb"]
    assert app["clientId"].startswith(f"{app['id']}-")
    target = ("--app", app["clientId"], "--location", at["locationId"])

    status, install = ask("app", "install", *target)

    assert (status, install["locationId"], install["scopes"]) == (0, at["locationId"], app["scopes"])
    assert ask("app", "installs") == (0, {"installs": [install]})
    assert ask("app", "installs", "--app", app["id"]) == (0, {"installs": [install]})
    assert ask("app", "uninstall", *target) == (0, {"id": install["id"], "uninstalled": True})
    assert ask("app", "uninstall", *target)[0] == 1
    assert ask("app", "install", "--app", app["id"], "--company", at["companyId"])[1]["locationId"] is None
    status, rotated = ask("app", "rotate-secret", app["id"])
    assert (status, len(rotated["clientSecret"])) == (0, 64)
    _, listed = ask("app", "list")
    assert [each["clientId"] for each in listed["apps"]] == [app["clientId"]]
    for secret in (app["clientSecret"], rotated["clientSecret"]):
        assert secret not in json.dumps(listed)
    assert ask("app", "delete", app["clientId"]) == (0, {"id": app["id"], "deleted": True})
    assert (ask("app", "list")[1], ask("app", "installs")[1]) == ({"apps": []}, {"installs": []})


def test_an_app_with_a_webhook(ask: Ask) -> None:
    _, app = ask(*CREATE, "--webhook-url", "http://127.0.0.1:4/hook")

    (webhook,) = ask("webhooks", "list")[1]["webhooks"]

    assert (webhook["url"], webhook["appId"]) == ("http://127.0.0.1:4/hook", app["id"])


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("app", "create", "--name", "Sync"), 2),
        (("app", "create", "--name", " ", "--redirect-uri", "https://app.example.com"), 1),
        (("app", "create", "--name", "Sync", "--redirect-uri", "app.example.com"), 1),
        ((*CREATE, "--scopes", "everything"), 1),
        ((*CREATE, "--webhook-url", "ftp://x"), 1),
        (("app", "rotate-secret", "none"), 1),
        (("app", "delete", "none"), 1),
        (("app", "install", "--app", "none", "--location", "none"), 1),
        (("app", "installs", "--app", "none"), 1),
    ],
    ids=str,
)
def test_what_is_refused(arguments: tuple[str, ...], status: int, ask: Ask) -> None:
    answered, body = ask(*arguments)

    assert (answered, bool(body["error"])) == (status, True)
    assert ask("app", "list")[1] == {"apps": []}


def test_what_people_see(shared_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    database = ("--database", shared_url)
    assert run(["app", "list", *database]) == 0
    assert "There is no app yet." in capsys.readouterr().out
    assert run([*CREATE, *database]) == 0
    created = capsys.readouterr().out
    assert run(["app", "list", *database]) == 0

    listed = capsys.readouterr().out

    client_id = created.split()[2]
    assert client_id in listed
    assert "https://app.example.com/cb" in listed


def test_a_ticket_is_another_every_time(ask: Ask) -> None:
    (status, first), (_, second) = ask("app", "ticket"), ask("app", "ticket")

    assert status == 0
    assert first["ticket"].startswith(TICKET_PREFIX)
    assert first != second
