"""Apps of a double: their tokens, how these end, and what becomes of a client that loses a race for new ones."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from groundlevel.control.client import ControlError
from groundlevel.oauth.app_rules import list_apps
from groundlevel.testing.session import Session
from tests.control.lab import RECORDS, Lab
from tests.world import PATIENCE_SECONDS

REFRESHES = {"operation": "get-access-token"}


class Integration:
    """A client of the platform that keeps the tokens of an app."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.app = session.app(scopes=["objects/schema.readonly"])
        self.access, self.refresh_token = self.app["accessToken"], self.app["refreshToken"]

    def exchange(self, **grant: str) -> httpx.Response:
        """What the platform gives for a grant."""
        secret = {"client_id": self.app["clientId"], "client_secret": self.app["clientSecret"]}
        return httpx.post(f"{self.session.url}/oauth/token", data={**secret, **grant}, timeout=PATIENCE_SECONDS)

    def ask_again(self) -> httpx.Response:
        """What the platform answers to the refresh token that is kept, which is replaced by none."""
        return self.exchange(grant_type="refresh_token", refresh_token=self.refresh_token)

    def refresh(self) -> None:
        """Gets new tokens and keeps them."""
        answer = self.ask_again()
        assert answer.status_code == 200, answer.text
        self.access, self.refresh_token = answer.json()["access_token"], answer.json()["refresh_token"]

    def status(self) -> int:
        """With what a request is answered that shows the access token."""
        headers = {**self.session.headers, "Authorization": f"Bearer {self.access}"}
        url = f"{self.session.url}/objects/?locationId={self.session.location}"
        return httpx.get(url, headers=headers, timeout=PATIENCE_SECONDS).status_code


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """The status and the error of OAuth that a refusal has."""
    return answer.status_code, answer.json()["error"]


@pytest.fixture
def integration(session: Session) -> Integration:
    """A client that has just been approved."""
    return Integration(session)


def test_tokens_end_and_are_refreshed(integration: Integration) -> None:
    assert integration.status() == 200
    integration.session.clock.advance("25h")
    assert integration.status() == 401
    integration.refresh()
    assert integration.status() == 200
    integration.session.use("token-expired")
    assert [integration.status() for _ in range(2)] == [401, 200]
    integration.session.reset()
    assert integration.ask_again().status_code in (400, 401), "the app is gone with everything else"


def test_a_refresh_whose_answer_is_lost_is_answered_again_within_the_grace_time_alone(integration: Integration) -> None:
    session = integration.session
    session.fail_next(REFRESHES, drop="after-commit")
    with pytest.raises(httpx.RemoteProtocolError):
        integration.refresh()
    integration.refresh()
    assert integration.status() == 200

    session.fail_next(REFRESHES, drop="after-commit")
    with pytest.raises(httpx.RemoteProtocolError):
        integration.refresh()
    session.clock.advance("2m")
    assert refusal(integration.ask_again()) == (400, "invalid_grant")
    assert integration.status() == 401, "what is used twice may have been stolen, and everything from it ends"


def test_a_refresh_that_never_arrived_has_used_nothing(integration: Integration) -> None:
    integration.session.fail_next(REFRESHES, drop="before")
    with pytest.raises(httpx.RemoteProtocolError):
        integration.refresh()
    integration.session.clock.advance("2m")
    integration.refresh()
    assert integration.status() == 200


def test_whoever_loses_the_race_is_refused_and_the_winner_s_tokens_are_there(integration: Integration) -> None:
    session = integration.session
    session.use("refresh-race")
    assert refusal(integration.ask_again()) == (400, "invalid_grant")
    assert integration.status() == 200, "tokens from before the race stay good"
    # What the winner has got is what the loser is answered now.
    integration.refresh()
    assert integration.status() == 200
    assert [each["fault"] != "" for each in session.requests(operation="get-access-token")] == [False, True]

    session.use("refresh-race")
    lost = integration.ask_again().json()
    session.clock.advance("2m")
    refused = integration.ask_again().json()
    assert lost.keys() == refused.keys() - {"traceId"}
    assert lost == {name: refused[name] for name in lost}, "the fault answers as the server does"
    assert integration.status() == 401


def test_refreshes_at_once_are_answered_alike(integration: Integration) -> None:
    integration.session.fail_next(REFRESHES, delay="100ms")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: integration.ask_again(), range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1
    integration.refresh()
    assert integration.status() == 200


async def test_an_app_is_installed_where_it_is_asked_for(lab: Lab) -> None:
    def headers(app: dict[str, Any]) -> dict[str, str]:
        return {"Authorization": f"Bearer {app['accessToken']}"}

    async def granted(app: dict[str, Any], code: str) -> httpx.Response:
        secret = {"client_id": app["clientId"], "client_secret": app["clientSecret"], "code": code}
        return await lab.client.post("/oauth/token", data={**secret, "grant_type": "authorization_code"})

    usual = await lab.ask("POST", "/apps", {})
    assert usual["locationId"] == lab.location
    body = {"locationId": lab.location, "properties": {"name": "Rex"}}
    assert (await lab.api("POST", RECORDS, body, **headers(usual))).status_code == 201

    reader = await lab.ask("POST", "/apps", {"name": "Reader", "scopes": ["objects/schema.readonly"]})
    assert (await lab.api("POST", RECORDS, body, **headers(reader))).status_code == 401

    company = await lab.ask("POST", "/apps", {"companyId": usual["companyId"]})
    assert company["locationId"] is None
    assert (await granted(company, company["code"])).json()["userType"] == "Company"
    assert (await granted(usual, company["code"])).status_code == 400


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"locationId": "nowhere"}, 404),
        ({"companyId": "nobody"}, 400),
        ({"scopes": ["objects/everything"]}, 400),
        ({"redirectUris": ["nowhere"]}, 400),
        ({"name": " "}, 400),
        ({"colour": "red"}, 422),
    ],
)
async def test_an_app_that_cannot_be_made_is_refused(body: dict[str, Any], status: int, lab: Lab) -> None:
    answer = await lab.client.post("/control/apps", json=body)
    assert answer.status_code == status, answer.text
    assert await list_apps(lab.double.storage) == []


def test_where_there_is_no_location_no_app_is_made(session: Session) -> None:
    session.reset("empty")
    with pytest.raises(ControlError, match="There is no location") as refused:
        session.control.ask("POST", "/apps", {})
    assert "/control/worlds" in refused.value.hint
