"""Makes apps that are installed and have tokens, so that a test begins where the consent page ends."""

from __future__ import annotations

from groundlevel.access.rules import list_locations
from groundlevel.control.bodies import AppBody, AppReply
from groundlevel.kernel.absence import or_else, or_none
from groundlevel.kernel.errors import BadRequest
from groundlevel.kernel.storage.base import Storage
from groundlevel.oauth.app_rules import NewApp, TargetQuery, create_app, get_target, install_app
from groundlevel.oauth.grant_rules import ACCESS_SECONDS, Client, GrantType, TokenRequest, exchange, reconnect_install

USUAL_NAME = "App under test"
USUAL_REDIRECT = "http://localhost/callback"


async def make_app(storage: Storage, body: AppBody) -> AppReply:
    """A new app, installed where the body says, with a pair of tokens and a code that is good for another.

    Raises BadRequest, LocationNotFound, InvalidValue, InvalidScope.
    """
    where = TargetQuery(or_none(body.location_id), or_none(body.company_id))
    if where.location_id is None and where.company_id is None:
        locations = await list_locations(storage)
        if not locations:
            raise BadRequest("There is no location to install an app in", hint="POST /control/worlds makes one.")
        where = TargetQuery(locations[0].id)
    # Found before anything is made, so that nothing is left of what is refused.
    await storage.read(None, lambda tx: get_target(tx, where))
    scopes = or_none(body.scopes)
    redirects = or_else(body.redirect_uris, [USUAL_REDIRECT])
    new = NewApp(or_else(body.name, USUAL_NAME), tuple(redirects), None if scopes is None else tuple(scopes))
    app, secret = await create_app(storage, new)
    install = await install_app(storage, app.id, where)
    client = Client(app.client_id, secret)
    # A code that lost tokens are asked for with is what the consent page gives as well.
    spent, _ = await reconnect_install(storage, client, where)
    request = TokenRequest(client=client, grant_type=GrantType.AUTHORIZATION_CODE, grant=spent)
    issued = await exchange(storage, request, grace_seconds=0)
    code, _ = await reconnect_install(storage, client, where)
    return AppReply(
        client_id=app.client_id,
        client_secret=secret,
        company_id=install.company_id,
        location_id=install.location_id,
        access_token=issued.text,
        refresh_token=issued.refresh_token or "",
        expires_in=ACCESS_SECONDS,
        code=code,
    )
