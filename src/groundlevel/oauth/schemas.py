"""The bodies and replies of the OAuth endpoints (docs/contract.md#oauth-endpoints).

Tokens are spelled as RFC 6749 does, with the rest in camelCase; version v3 has them in camelCase as well.
"""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType, field

from groundlevel.kernel.http.bodies import Body, Filled, Text, Timestamp
from groundlevel.oauth.grant_rules import ACCESS_SECONDS, GrantType, UserType


class TokenBody(Body, kw_only=True):
    """What an app shows: its own secret, and a code or a refresh token.

    `userType`, `locationId` and `companyId` say which install is meant by `client_credentials`.
    """

    client_id: Filled
    client_secret: Filled
    grant_type: GrantType
    code: Text = UNSET
    refresh_token: Text = UNSET
    redirect_uri: Text = UNSET
    code_verifier: Text = UNSET
    user_type: UserType | None | UnsetType = UNSET
    location_id: Text = UNSET
    company_id: Text = UNSET


class LocationTokenBody(Body, kw_only=True):
    """The location that a company's app wants a token for."""

    company_id: Filled
    location_id: Filled


class ReconnectBody(Body, kw_only=True):
    """Which app has lost its tokens, and for which location or company."""

    client_key: Filled
    client_secret: Filled
    location_id: Text = UNSET
    company_id: Text = UNSET


class Reach(Struct, rename="camel", kw_only=True):
    """What a token reaches."""

    user_type: UserType
    company_id: str
    user_id: str
    location_id: str | UnsetType = UNSET
    approved_locations: tuple[str, ...] | UnsetType = UNSET
    is_bulk_installation: bool
    install_to_future_locations: bool
    approve_all_locations: bool
    trace_id: str


class TokenReply(Reach, kw_only=True, rename=None):
    """An access token."""

    access_token: str
    token_type: str = "Bearer"
    expires_in: int = ACCESS_SECONDS
    scope: str
    refresh_token: str | UnsetType = UNSET


class CamelTokenReply(TokenReply, kw_only=True):
    """An access token, as version v3 spells it.

    Both spellings are there: the official Python SDK, given one, goes on using what it keeps under the other.
    """

    access: str = field(name="accessToken", default="")
    kind: str = field(name="tokenType", default="Bearer")
    lifetime: int = field(name="expiresIn", default=ACCESS_SECONDS)
    refresh: str | UnsetType = field(name="refreshToken", default=UNSET)

    def __post_init__(self) -> None:
        """Spells the same again."""
        self.access, self.refresh = self.access_token, self.refresh_token


class LocationReach(Struct, rename="camel", kw_only=True):
    """The location that a token reaches, and whose it is.

    The official SDKs keep the reply as a session, and fall back on the company's only where `userType` says Location.
    """

    user_type: UserType = UserType.LOCATION
    location_id: str
    company_id: str
    user_id: str
    app_id: str
    version_id: str
    trace_id: str


class LocationTokenReply(LocationReach, kw_only=True, rename=None):
    """An access token of one location."""

    access_token: str
    token_type: str = "Bearer"
    expires_in: int = ACCESS_SECONDS
    scope: str
    refresh_token: str | UnsetType = UNSET


class CamelLocationTokenReply(LocationTokenReply, kw_only=True):
    """An access token of one location, as version v3 spells it, in both spellings too."""

    access: str = field(name="accessToken", default="")
    kind: str = field(name="tokenType", default="Bearer")
    lifetime: int = field(name="expiresIn", default=ACCESS_SECONDS)
    refresh: str | UnsetType = field(name="refreshToken", default=UNSET)

    def __post_init__(self) -> None:
        """Spells the same again."""
        self.access, self.refresh = self.access_token, self.refresh_token


class InstalledBody(Struct, rename="camel"):
    """A location, and whether the app may act there."""

    id: str = field(name="_id")
    name: str
    address: str
    is_installed: bool
    version_id: str | UnsetType = UNSET
    installed_at: Timestamp | UnsetType = UNSET


class InstalledReply(Struct, rename="camel"):
    """The locations of a company."""

    locations: list[InstalledBody]
    count: int
    install_to_future_locations: bool
    trace_id: str


class Pagination(Struct, rename="camel"):
    """Where a page stands among the others."""

    total_records: int
    estimated_total_records: int
    current_page_size: int
    has_next_page: bool
    has_prev_page: bool
    next_page_token: str | None
    prev_page_token: str | None


class Applied(Struct, rename="camel"):
    """By what a list was narrowed and sorted."""

    filter_applied: dict[str, str]
    sort_applied: dict[str, str]


class InstalledPageReply(Struct, rename="camel"):
    """The locations of a company, as version v3 lists them."""

    items: list[InstalledBody]
    pagination: Pagination
    metadata: Applied
    install_to_future_locations: bool
    trace_id: str


class ReconnectReply(Struct, rename="camel"):
    """A code to be exchanged for tokens."""

    authorization_code: str
    expires_at: Timestamp
    trace_id: str
