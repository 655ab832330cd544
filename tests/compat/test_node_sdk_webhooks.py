"""The official Node SDK's middleware takes our webhooks for genuine, and gets and forgets tokens as they say."""

from __future__ import annotations

import pytest

from tests.compat.consent import DEAD
from tests.compat.node.driver import NodeSdk, StartNode, Verdict
from tests.compat.node.sessions import STANDARD, keep, kept, keys, session_of
from tests.compat.server import Server, Tenant
from tests.compat.webhooks import Told, printed_keys
from tests.webhooks.receiver import Received, Receiver

GENUINE = Verdict(is_signature_valid=True, skipped_signature_verification=False)
FORGED = Verdict(is_signature_valid=False, skipped_signature_verification=False)


@pytest.fixture
def told(server: Server, tenant: Tenant, receiver: Receiver) -> Told:
    return Told(server, tenant, receiver)


@pytest.fixture
def node(start_node: StartNode, server: Server, tenant: Tenant, capsys: pytest.CaptureFixture[str]) -> NodeSdk:
    """The SDK as the tenant's app, with a session of its company."""
    key = printed_keys(server, tenant, capsys)["WEBHOOK_SIGNATURE_PUBLIC_KEY"]
    program = tenant.program
    made = start_node(server.url, clientId=program.client_id, clientSecret=program.secret, webhookPublicKey=key)
    session_of(made, server, tenant, tenant.company)
    return made


def verdict(node: NodeSdk, received: Received, parser: str, *, changed: bool = False) -> Verdict:
    """What the middleware says of a request, or of the same with one digit of its webhookId changed."""
    body = received.raw.decode()
    if changed:
        other = received.id[:-1] + ("1" if received.id.endswith("0") else "0")
        body = body.replace(received.id, other)
        assert body != received.raw.decode()
    return node.receive(received.headers, body, parser=parser)


@pytest.mark.parametrize("parser", ["captured", "raw", "parsed"])
def test_an_app_is_installed_told_and_uninstalled(parser: str, node: NodeSdk, tenant: Tenant, told: Told) -> None:
    told.install()
    told.create("Zoë \u2028 \U0001f436 \x7f")
    webhooks = told.heard(told.location, "INSTALL", "RecordCreate")

    assert verdict(node, webhooks["INSTALL"], parser, changed=True) == FORGED
    assert kept(node, tenant.location) is None
    assert verdict(node, webhooks["INSTALL"], parser) == GENUINE
    session = kept(node, tenant.location)
    assert (session["userType"], session["locationId"]) == ("Location", tenant.location)
    assert keys(node, tenant) == STANDARD
    for lost in ({"access_token": DEAD}, {"access_token": DEAD, "refresh_token": "none"}):
        keep(node, tenant.location, {**kept(node, tenant.location), **lost})
        assert keys(node, tenant) == STANDARD

    assert verdict(node, webhooks["RecordCreate"], parser, changed=True) == FORGED
    assert verdict(node, webhooks["RecordCreate"], parser) == GENUINE

    told.uninstall(told.location)
    uninstalled = told.heard(told.location, "UNINSTALL")["UNINSTALL"]
    assert verdict(node, uninstalled, parser, changed=True) == FORGED
    assert kept(node, tenant.location) is not None
    assert verdict(node, uninstalled, parser) == GENUINE
    assert kept(node, tenant.location) is None
    assert kept(node, tenant.company) is not None


def test_an_app_is_uninstalled_from_a_company(node: NodeSdk, tenant: Tenant, told: Told) -> None:
    told.uninstall(told.company)

    assert verdict(node, told.heard(told.company, "UNINSTALL")["UNINSTALL"], "captured") == GENUINE
    assert kept(node, tenant.company) is None


def test_a_token_that_cannot_be_got_is_noted(node: NodeSdk, tenant: Tenant, told: Told) -> None:
    told.install()
    installed = told.heard(told.location, "INSTALL")["INSTALL"]
    told.uninstall(told.company)

    noted = verdict(node, installed, "captured")

    assert (noted.is_signature_valid, noted.install_token_error) == (True, "Invalid JWT")
    assert kept(node, tenant.location) is None
