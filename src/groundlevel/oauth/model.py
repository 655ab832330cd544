"""Apps and installs as frozen values."""

from __future__ import annotations

from msgspec import Struct


class App(Struct, frozen=True, gc=False):
    """A program of a third party that is installed into locations or companies and acts there through OAuth."""

    id: str
    """24 hex characters; what webhooks carry as appId."""
    client_id: str
    """The app's id, a dash and a suffix."""
    name: str
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    """The most that it may ask for."""
    created_at: int


class Install(Struct, frozen=True, gc=False):
    """That an app may act in a location, or in every location of a company when `location_id` is None."""

    id: str
    app_id: str
    company_id: str
    location_id: str | None
    user_id: str
    """Who installed it."""
    scopes: tuple[str, ...]
    installed_at: int
    uninstalled_at: int | None
