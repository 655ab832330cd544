"""The grants of OAuth 2.0: what an app exchanges for access tokens, and what those are.

See docs/contract.md#oauth; RFC 6749, 7636.

A grant is exchanged once. An app that asks again within a grace time, because two of its workers were due at once or an
answer was lost, is answered with the same tokens. A grant that is shown after that has been copied, and
everything that came from the same code is revoked (RFC 9700, 4.14; decision 0034).
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Callable
from enum import StrEnum
from functools import partial

import msgspec
from msgspec import Struct

from groundlevel.access import store as access_store
from groundlevel.access.rules import token_digest
from groundlevel.kernel.errors import Refusal, TokenInvalid
from groundlevel.kernel.model import Actor, Json, Location
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.oauth import store
from groundlevel.oauth.app_rules import TargetQuery
from groundlevel.oauth.errors import (
    AuthClassUnsupported,
    InvalidClient,
    InvalidGrant,
    InvalidGrantRequest,
    InvalidRedirect,
)
from groundlevel.oauth.model import App, Install
from groundlevel.oauth.store import AccessToken, Grant, Terms

ACCESS_SECONDS = 86_399
"""How long an access token is good."""
REFRESH_MS = 365 * 86_400_000
CODE_MS = 10 * 60_000
CODE, REFRESH = "code", "refresh"
"""The kinds of grants."""

_ANSWER = b"groundlevel answer to a grant"
"""What answers are sealed for."""

Sign = Callable[[dict[str, Json]], str]


class GrantType(StrEnum):
    """What an app has to show for an access token."""

    AUTHORIZATION_CODE = "authorization_code"
    REFRESH_TOKEN = "refresh_token"
    CLIENT_CREDENTIALS = "client_credentials"


class UserType(StrEnum):
    """What an access token reaches."""

    COMPANY = "Company"
    LOCATION = "Location"


class Client(Struct, frozen=True):
    """By what an app says who it is."""

    id: str
    secret: str


class TokenRequest(Struct, frozen=True, kw_only=True):
    """What an app asks a token for."""

    client: Client
    grant_type: GrantType
    grant: str = ""
    """The authorization code or the refresh token."""
    redirect_uri: str | None = None
    code_verifier: str | None = None
    user_type: UserType | None = None
    """Which install is meant by the app's own credentials. A code or a refresh token knows its own."""
    where: TargetQuery = TargetQuery()
    """The location that is meant by the app's own credentials."""


class Issued(Struct, frozen=True):
    """An access token, and what else comes with it."""

    token: AccessToken
    text: str
    refresh_token: str | None
    install: Install
    approved: tuple[str, ...]
    """The locations for which a company's token can be exchanged."""

    @property
    def user_type(self) -> UserType:
        """What the token reaches."""
        return UserType.COMPANY if self.token.location_id is None else UserType.LOCATION


class _Answer(Struct, frozen=True):
    """What a grant was exchanged for, as it is sealed."""

    token_id: str
    text: str
    refresh_token: str | None


class _Arrival(Struct, frozen=True):
    """When a request came, and how long before that a grant may have been used; both in milliseconds."""

    at: int
    grace: int

    def is_within_grace(self, used_at: int) -> bool:
        """Whether a grant that was used at a timestamp is still answered with the same tokens."""
        return self.at <= used_at + self.grace


class _Order(Struct, frozen=True):
    """The token to be issued."""

    client_id: str
    install: Install
    family: str
    terms: Terms
    renewable: bool = True
    """Whether a refresh token comes with it."""


# --- tokens ------------------------------------------------------------------------------------------------------


async def exchange(storage: Storage, request: TokenRequest, *, grace_seconds: int) -> Issued:
    """The tokens for what an app shows; the same once more within the grace time of the first exchange.

    Raises InvalidClient, InvalidGrant, InvalidRedirect, InvalidGrantRequest.
    """
    arrival = _Arrival(storage.ids.now(), grace_seconds * 1000)
    sign = await _load_signer(storage)

    async def work(tx: Transaction) -> Issued | Refusal:
        app = await authenticate_client(tx, request.client)
        if request.grant_type is GrantType.CLIENT_CREDENTIALS:
            return await _issue(tx, await _by_credentials(tx, app, request), sign)
        order = await _by_grant(tx, app, request, arrival)
        if not isinstance(order, _Order):
            return order
        issued = await _issue(tx, order, sign)
        await _keep_answer(tx, request.grant, issued, arrival)
        return issued

    outcome = await storage.write(None, work)
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


async def authenticate_client(tx: Transaction, client: Client) -> App:
    """The app that shows its secret. Raises InvalidClient."""
    found = await store.find_app(tx, client.id.partition("-")[0])
    if (
        found is None
        or found[0].client_id != client.id
        or not hmac.compare_digest(found[1], token_digest(client.secret))
    ):
        raise InvalidClient
    return found[0]


async def _by_grant(tx: Transaction, app: App, request: TokenRequest, arrival: _Arrival) -> _Order | Issued | Refusal:
    """What a code or a refresh token is good for: new tokens, or those it was exchanged for a moment ago.

    A refusal is returned, and not raised, where the transaction has to be committed: it has revoked a family.
    """
    digest = token_digest(request.grant)
    grant = await store.find_grant(tx, digest)
    if grant is None or grant.kind != (CODE if request.grant_type is GrantType.AUTHORIZATION_CODE else REFRESH):
        raise InvalidGrant
    # An uninstall waits for this transaction, or has ended the install before it.
    install = await store.lock_install_by_id(tx, grant.install_id)
    if install is None or install.app_id != app.id or install.uninstalled_at is not None:
        raise InvalidGrant
    terms, now = grant.terms, tx.ids.now()
    if now >= grant.expires_at:
        raise InvalidGrant("The authorization code or refresh token has expired")
    if terms.redirect_uri is not None and request.redirect_uri not in (None, terms.redirect_uri):
        raise InvalidRedirect
    _check_verifier(terms.challenge, request)
    if await store.use_grant(tx, digest, now=now):
        return _Order(app.client_id, install, grant.family, Terms(terms.location_id, terms.scopes))
    # Read again: another transaction may have used or revoked it before the install was locked.
    spent = await store.find_grant(tx, digest)
    if spent is not None and spent.used_at is not None and arrival.is_within_grace(spent.used_at):
        answered = await _read_answer(tx, request.grant, spent, install)
        if answered is not None:
            return answered
    await store.revoke_family(tx, grant.family)
    return InvalidGrant("The authorization code or refresh token was used before")


async def _keep_answer(tx: Transaction, grant: str, issued: Issued, arrival: _Arrival) -> None:
    """Stores what a grant was exchanged for, sealed with the grant itself; drops what is past the grace time."""
    from groundlevel.signing.sealing import seal  # here, as in _load_signer

    plain = msgspec.json.encode(_Answer(issued.token.id, issued.text, issued.refresh_token))
    await store.delete_answers(tx, issued.token.family, before=arrival.at - arrival.grace)
    await store.update_answer(tx, token_digest(grant), seal(plain, grant, purpose=_ANSWER))


async def _read_answer(tx: Transaction, grant: str, spent: Grant, install: Install) -> Issued | None:
    """What a grant was exchanged for; None where that was not kept, as by an older version."""
    from groundlevel.signing.sealing import unseal  # here, as in _load_signer

    if spent.answer is None:
        return None
    answer = msgspec.json.decode(unseal(spent.answer, grant, purpose=_ANSWER), type=_Answer)
    token = await store.find_access_token(tx, answer.token_id)
    if token is None:
        return None
    approved = await _approved_locations(tx, install, token.location_id)
    return Issued(token, answer.text, answer.refresh_token, install, approved)


def _check_verifier(challenge: str | None, request: TokenRequest) -> None:
    """Raises InvalidGrant unless the verifier is the one that was challenged (RFC 7636, 4.6).

    A verifier for a code without a challenge is refused too: whoever took the challenge out of the app's link would
    otherwise have an app use their code, which believes to be protected (RFC 9700, 2.1.1).
    """
    verifier = request.code_verifier
    if challenge is None:
        if verifier is not None and request.grant_type is GrantType.AUTHORIZATION_CODE:
            raise InvalidGrant(
                "The code was given without a challenge", hint="Send code_challenge with the authorization request."
            )
        return
    if verifier is None or not hmac.compare_digest(challenge.encode(), pkce_challenge(verifier).encode()):
        raise InvalidGrant("The code verifier is not valid", hint="Send the code_verifier that code_challenge is of.")


def pkce_challenge(verifier: str) -> str:
    """The S256 code challenge of a verifier (RFC 7636, 4.2)."""
    return base64.urlsafe_b64encode(token_digest(verifier)).rstrip(b"=").decode()


async def _by_credentials(tx: Transaction, app: App, request: TokenRequest) -> _Order:
    """What an app gets for its own credentials: a token for an install, without a refresh token (RFC 6749, 4.4.3)."""
    where = request.where
    if where == TargetQuery():
        installs = await store.list_installs(tx, app.id)
        fitting = [each for each in installs if request.user_type in (None, _type_of(each.location_id))]
        if len(fitting) != 1:
            raise InvalidGrantRequest(
                f"The app has {len(fitting)} such installs", hint="Name one by locationId or companyId."
            )
        where = TargetQuery(fitting[0].location_id, fitting[0].company_id)
    install, terms = await _find_install(tx, app, where)
    return _Order(app.client_id, install, tx.ids.uuid(), terms, renewable=False)


def _type_of(location_id: str | None) -> UserType:
    return UserType.COMPANY if location_id is None else UserType.LOCATION


async def _find_install(tx: Transaction, app: App, where: TargetQuery) -> tuple[Install, Terms]:
    """The install by which an app may act in a target: the target's own, or that of its whole company.

    Raises InvalidGrant.
    """
    company_id = where.company_id
    if where.location_id is not None:
        location = await access_store.find_location(tx, where.location_id)
        if location is None or company_id not in (None, location.company_id):
            raise _not_installed()
        company_id = location.company_id
    for location_id in dict.fromkeys((where.location_id, None)):
        install = await store.lock_install(tx, app.id, company_id or "", location_id)
        if install is not None:
            return install, Terms(where.location_id, install.scopes)
    raise _not_installed()


def _not_installed() -> InvalidGrant:
    return InvalidGrant(
        "The app is not installed there", hint="Let the user install it, or run `groundlevel app install`."
    )


async def issue_location_token(storage: Storage, actor: Actor, location: Location) -> Issued:
    """A token for one location of the company whose token the actor holds, with the scopes of that.

    It belongs to the family of the company's. Raises AuthClassUnsupported.
    """
    if actor.location_id is not None or actor.source_id == actor.token_id:
        raise AuthClassUnsupported
    sign = await _load_signer(storage)

    async def work(tx: Transaction) -> Issued:
        parent = await store.find_access_token(tx, actor.token_id)
        install = None if parent is None else await store.lock_install_by_id(tx, parent.install_id)
        # Looked for again: until the install was held, the family could be revoked.
        if parent is None or install is None or await store.find_access_token(tx, parent.id) is None:
            raise TokenInvalid("Invalid JWT")
        order = _Order(parent.client_id, install, parent.family, Terms(location.id, parent.scopes))
        return await _issue(tx, order, sign)

    return await storage.write(None, work)


async def reconnect_install(storage: Storage, client: Client, where: TargetQuery) -> tuple[str, int]:
    """An authorization code for an app that is installed and has lost its tokens, and when the code expires.

    Raises InvalidClient, InvalidGrant where it is not installed.
    """

    async def work(tx: Transaction) -> tuple[str, int]:
        install, terms = await _find_install(tx, await authenticate_client(tx, client), where)
        return await insert_code(tx, install, terms)

    return await storage.write(None, work)


async def insert_code(tx: Transaction, install: Install, terms: Terms) -> tuple[str, int]:
    """A new authorization code, the beginning of a family, and when it expires."""
    return await _insert_grant(tx, CODE, (install.id, tx.ids.uuid()), terms)


async def _insert_grant(tx: Transaction, kind: str, origin: tuple[str, str], terms: Terms) -> tuple[str, int]:
    """A new grant of an install and a family, and when it expires."""
    secret, now = secrets.token_hex(32), tx.ids.now()
    expires_at = now + (CODE_MS if kind == CODE else REFRESH_MS)
    await store.insert_grant(tx, Grant(kind, *origin, terms, now, expires_at, None), token_digest(secret))
    return secret, expires_at


async def _issue(tx: Transaction, order: _Order, sign: Sign) -> Issued:
    """Stores a new access token and what comes with it. What has expired goes."""
    now, install, terms = tx.ids.now(), order.install, order.terms
    await store.delete_expired(tx, now)
    token = AccessToken(
        id=tx.ids.uuid(),
        client_id=order.client_id,
        install_id=install.id,
        family=order.family,
        company_id=install.company_id,
        location_id=terms.location_id,
        scopes=terms.scopes,
        created_at=now,
        expires_at=now + ACCESS_SECONDS * 1000,
    )
    text = sign(_claims(token, install))
    await store.insert_access_token(tx, token, token_digest(text))
    refresh = None
    if order.renewable:
        refresh, _ = await _insert_grant(tx, REFRESH, (install.id, order.family), terms)
    return Issued(token, text, refresh, install, await _approved_locations(tx, install, terms.location_id))


async def _approved_locations(tx: Transaction, install: Install, location_id: str | None) -> tuple[str, ...]:
    """The ids of the locations for which a token can be exchanged: those of the company, none for a location's."""
    if location_id is not None:
        return ()
    return tuple(each.id for each in await store.list_locations_of_company(tx, install.company_id))


def _claims(token: AccessToken, install: Install) -> dict[str, Json]:
    """What the token says of itself, under the names of the live platform (docs/contract.md#decision-40)."""
    target = token.location_id or token.company_id
    return {
        "authClass": _type_of(token.location_id).value,
        "authClassId": target,
        "primaryAuthClassId": target,
        "source": "INTEGRATION",
        "sourceId": token.client_id,
        "channel": "OAUTH",
        "oauthMeta": {"scopes": list(token.scopes), "client": install.app_id},
        "iat": token.created_at // 1000,
        "exp": token.expires_at // 1000,
        "jti": token.id,
    }


async def _load_signer(storage: Storage) -> Sign:
    """What signs access tokens."""
    # Imported here, since what it needs takes long to load and only a token that is issued needs it.
    from groundlevel.signing.rules import TOKEN, list_active_keys, sign_token

    return partial(sign_token, (await list_active_keys(storage, TOKEN))[0])
