"""Operators and apps in the console, for owners of everything."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType

from groundlevel.console import rules
from groundlevel.console.errors import OperatorInvalid
from groundlevel.console.guard import session_of
from groundlevel.console.model import Operator, Role, Session, scopes_of
from groundlevel.console.replies import DoneReply, author_of, console_route, json_page
from groundlevel.kernel.absence import or_else, or_none
from groundlevel.kernel.http.bodies import Body, Filled
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Page
from groundlevel.kernel.scopes import declared_scopes
from groundlevel.kernel.timestamps import iso
from groundlevel.oauth import app_rules as apps
from groundlevel.oauth.model import App, Install


class OperatorCreation(Body, kw_only=True):
    """A new operator; all locations if none is named."""

    email: Filled
    password: Filled
    role: Filled
    locations: list[Filled] | None | UnsetType = UNSET


class OperatorChange(Body, kw_only=True):
    """Another role, other locations or another password of an operator, who is signed out by it."""

    password: Filled | None | UnsetType = UNSET
    role: Filled | None | UnsetType = UNSET
    locations: list[Filled] | None | UnsetType = UNSET


class AppCreation(Body, kw_only=True):
    """A new app, with all scopes if none is named."""

    name: Filled
    redirect_uris: list[Filled]
    scopes: list[Filled] | None | UnsetType = UNSET


class InstallPlace(Body, kw_only=True):
    """The location in which an app is installed, or from which it is taken."""

    location_id: Filled


class OperatorBody(Struct, rename="camel"):
    """An operator, without the password."""

    id: str
    email: str
    role: str
    locations: tuple[str, ...]
    created_at: str
    own: bool
    """Whether it is who asks."""


class OperatorsReply(Struct, rename="camel"):
    """All operators, oldest first, and what each role may do."""

    operators: list[OperatorBody]
    roles: dict[str, int]
    """How many scopes each role has."""
    trace_id: str


class OperatorReply(Struct, rename="camel"):
    """An operator."""

    operator: OperatorBody
    trace_id: str


class InstallBody(Struct, rename="camel"):
    """Where an app is installed."""

    location_id: str | None
    company_id: str
    installed_at: str


class AppBody(Struct, rename="camel"):
    """An app, without its secret."""

    id: str
    client_id: str
    name: str
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    created_at: str
    installs: list[InstallBody]


class AppsReply(Struct, rename="camel"):
    """All apps, oldest first, and every scope that there is."""

    apps: list[AppBody]
    scopes: dict[str, str]
    trace_id: str


class AppSecretReply(Struct, rename="camel"):
    """An app and its secret, which is shown this once."""

    id: str
    client_id: str
    secret: str
    trace_id: str


async def show_operators(request: Request) -> Page:
    """All operators. Raises RoleForbidden."""
    session = await _owner_of(request)
    found = [_operator_body(each, session) for each in await rules.list_operators(request.context.storage)]
    scopes = tuple(declared_scopes())
    roles = {role.value: len(scopes_of(role, scopes)) for role in Role}
    return json_page(OperatorsReply(found, roles, request.trace_id))


async def make_operator(request: Request) -> Page:
    """A new operator. Raises RoleForbidden, OperatorInvalid."""
    session = await _owner_of(request)
    body: OperatorCreation = request.body
    new = rules.NewOperator(body.email, body.password, _role_of(body.role), tuple(or_else(body.locations, ())))
    made = await rules.create_operator(request.context.storage, new, author=author_of(request, session))
    return json_page(OperatorReply(_operator_body(made, session), request.trace_id))


async def change_operator(request: Request) -> Page:
    """An operator as they are now. Raises RoleForbidden, OperatorNotFound, OperatorInvalid."""
    session = await _owner_of(request)
    body: OperatorChange = request.body
    role, locations = or_none(body.role), or_none(body.locations)
    change = rules.OperatorChange(
        request.params[0],
        password=or_none(body.password),
        role=None if role is None else _role_of(role),
        locations=None if locations is None else tuple(locations),
    )
    changed = await rules.change_operator(request.context.storage, change, author=author_of(request, session))
    return json_page(OperatorReply(_operator_body(changed, session), request.trace_id))


async def end_operator(request: Request) -> Page:
    """Removes an operator, and signs them out. Raises RoleForbidden, OperatorNotFound."""
    session = await _owner_of(request)
    storage = request.context.storage
    operator = await rules.get_operator(storage, request.params[0])
    await rules.remove_operator(storage, operator.email, author=author_of(request, session))
    return json_page(DoneReply(True, request.trace_id))


async def show_apps(request: Request) -> Page:
    """All apps, and where they are installed. Raises RoleForbidden."""
    await _owner_of(request)
    storage = request.context.storage
    installs = await apps.list_installs(storage, None)
    found = [
        _app_body(app, [each for each in installs if each.app_id == app.id]) for app in await apps.list_apps(storage)
    ]
    return json_page(AppsReply(found, dict(declared_scopes()), request.trace_id))


async def make_app(request: Request) -> Page:
    """A new app. Raises RoleForbidden, InvalidValue, InvalidScope."""
    author = author_of(request, await _owner_of(request))
    body: AppCreation = request.body
    scopes = or_none(body.scopes)
    new = apps.NewApp(body.name, tuple(body.redirect_uris), tuple(scopes) if scopes else None)
    app, secret = await apps.create_app(request.context.storage, new, author=author)
    return json_page(AppSecretReply(app.id, app.client_id, secret, request.trace_id))


async def change_secret(request: Request) -> Page:
    """Another secret of an app; the old one ends. Raises RoleForbidden, AppNotFound."""
    author = author_of(request, await _owner_of(request))
    secret = await apps.rotate_secret(request.context.storage, request.params[0], author=author)
    return json_page(AppSecretReply(request.params[0], request.params[0], secret, request.trace_id))


async def end_app(request: Request) -> Page:
    """Deletes an app with its installs and tokens. Raises RoleForbidden, AppNotFound."""
    author = author_of(request, await _owner_of(request))
    await apps.delete_app(request.context.storage, request.params[0], author=author)
    return json_page(DoneReply(True, request.trace_id))


async def install(request: Request) -> Page:
    """Installs an app in a location. Raises RoleForbidden, AppNotFound, LocationNotFound."""
    author = author_of(request, await _owner_of(request))
    body: InstallPlace = request.body
    where = apps.TargetQuery(location_id=body.location_id)
    await apps.install_app(request.context.storage, request.params[0], where, author=author)
    return json_page(DoneReply(True, request.trace_id))


async def uninstall(request: Request) -> Page:
    """Takes an app from a location, with its tokens there. Raises RoleForbidden, AppNotFound, NotFound."""
    author = author_of(request, await _owner_of(request))
    app_id, location_id = request.params
    where = apps.TargetQuery(location_id=location_id)
    await apps.uninstall_app(request.context.storage, app_id, where, author=author)
    return json_page(DoneReply(True, request.trace_id))


async def _owner_of(request: Request) -> Session:
    session = await session_of(request)
    rules.require_owner(session)
    return session


def _role_of(text: str) -> Role:
    try:
        return Role(text)
    except ValueError:
        raise OperatorInvalid(f"There is no role {text[:40]}", hint="viewer, editor or owner.") from None


def _operator_body(operator: Operator, session: Session) -> OperatorBody:
    own = session.operator is not None and session.operator.id == operator.id
    since = iso(operator.created_at)
    return OperatorBody(operator.id, operator.email, operator.role.value, operator.locations, since, own)


def _app_body(app: App, installs: list[Install]) -> AppBody:
    where = [InstallBody(each.location_id, each.company_id, iso(each.installed_at)) for each in installs]
    return AppBody(app.id, app.client_id, app.name, app.redirect_uris, app.scopes, iso(app.created_at), where)


ROUTES = (
    console_route("GET", "/console/operators", show_operators),
    console_route("POST", "/console/operators", make_operator, body=OperatorCreation),
    console_route("PUT", "/console/operators/{id}", change_operator, body=OperatorChange),
    console_route("DELETE", "/console/operators/{id}", end_operator),
    console_route("GET", "/console/apps", show_apps),
    console_route("POST", "/console/apps", make_app, body=AppCreation),
    console_route("POST", "/console/apps/{id}/secret", change_secret),
    console_route("DELETE", "/console/apps/{id}", end_app),
    console_route("POST", "/console/apps/{id}/installs", install, body=InstallPlace),
    console_route("DELETE", "/console/apps/{id}/installs/{locationId}", uninstall),
)
