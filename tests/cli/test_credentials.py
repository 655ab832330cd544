"""The demo's token is kept as long as it is good for everything."""

from __future__ import annotations

from pathlib import Path

from groundlevel.access.rules import NewToken, authenticate, create_token
from groundlevel.cli.credentials import Credentials, credentials_path, demo_token, save_token
from groundlevel.kernel.scopes import declared_scopes
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.engines import open_storage
from groundlevel.locations.rules import NewLocation, create_location


async def test_a_token_of_an_older_program_is_replaced(tmp_path: Path) -> None:
    """It lacks the scopes of the operations that are new since."""
    settings = Settings(database=f"sqlite:///{tmp_path}/demo.db")
    path = credentials_path(settings)
    assert path is not None
    storage = await open_storage(settings)
    try:
        location = await create_location(storage, NewLocation("Demo"))
        older, _ = await create_token(storage, NewToken("demo", location.id, scopes=tuple(declared_scopes())[:-1]))
        save_token(path, Credentials(location.id, older))
        token = await demo_token(storage, settings, location)
        assert token != older
        assert (await authenticate(storage, token)).scopes == set(declared_scopes())
        assert await demo_token(storage, settings, location) == token
    finally:
        await storage.close()
