"""Real servers: one that the tests of a session share for each engine, where each test has a tenant of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from highlevel import HighLevel  # type: ignore[import-untyped]

from tests.compat.known import World
from tests.compat.node.driver import NodeSdk, StartNode, installed
from tests.compat.server import Server, Tenant, serving
from tests.needs import missing
from tests.postgres import database_of, fresh_database
from tests.webhooks.receiver import Receiver, receiving


class Servers:
    """Starts each engine's server when it is first asked for."""

    def __init__(self, directory: Path) -> None:
        self.stack = ExitStack()
        self._directory = directory
        self._started: dict[str, Server] = {}

    def on(self, engine: str, request: pytest.FixtureRequest) -> Server:
        """The engine's server."""
        if engine not in self._started:
            self._started[engine] = self.stack.enter_context(serving(self._database(engine, request)))
        return self._started[engine]

    def _database(self, engine: str, request: pytest.FixtureRequest) -> str:
        if engine != "postgres":
            return f"sqlite:///{self._directory}/compat.db"
        migrated = database_of(request.getfixturevalue("migrated_postgres"))
        copied = fresh_database(request.getfixturevalue("postgres_server"), template=migrated)
        return self.stack.enter_context(copied)


@pytest.fixture(scope="session")
def _servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    servers = Servers(tmp_path_factory.mktemp("compat"))
    with servers.stack:
        yield servers


@pytest.fixture
def server(engine_name: str, _servers: Servers, request: pytest.FixtureRequest) -> Server:
    """A running server on the engine under test."""
    return _servers.on(engine_name, request)


@pytest.fixture
def tenant(server: Server) -> Tenant:
    """A tenant of this test alone."""
    return server.tenant()


@pytest.fixture
def world(server: Server, tenant: Tenant) -> Iterator[World]:
    """An object of the tenant to work on."""
    with closing(World(server, tenant)) as made:
        made.make_object()
        yield made


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """An app's server, which only writes down what arrives."""
    with receiving() as made:
        yield made


@pytest.fixture
async def sdk(server: Server, tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HighLevel]:
    """The official Python SDK with the tenant's own token."""
    monkeypatch.setattr(HighLevel, "BASE_URL", server.url)
    client = HighLevel(private_integration_token=tenant.token, log_level="none")
    yield client
    await client.close()


@pytest.fixture
async def sdk_app(server: Server, tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HighLevel]:
    """The official Python SDK as the tenant's app, without a session."""
    monkeypatch.setattr(HighLevel, "BASE_URL", server.url)
    program = tenant.program
    client = HighLevel(client_id=program.client_id, client_secret=program.secret, log_level="none")
    yield client
    await client.close()


@pytest.fixture(scope="session")
def require_node() -> None:
    """Skips the test where the SDK and the other programs of npm are missing, if anything may be."""
    if not installed():
        missing("the programs of npm are not installed: run `make node-sdk`")


@pytest.fixture
def start_node(require_node: None) -> Iterator[StartNode]:
    """Makes clients with the official Node SDK."""
    with ExitStack() as stack:
        yield StartNode(stack)


@pytest.fixture
def node(start_node: StartNode, server: Server, tenant: Tenant) -> NodeSdk:
    """The official Node SDK with the tenant's own token."""
    return start_node(server.url, privateIntegrationToken=tenant.token)


@pytest.fixture
def node_app(start_node: StartNode, server: Server, tenant: Tenant) -> NodeSdk:
    """The official Node SDK as the tenant's app, without a session."""
    program = tenant.program
    return start_node(server.url, clientId=program.client_id, clientSecret=program.secret)
