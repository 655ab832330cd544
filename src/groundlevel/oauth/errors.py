"""Refusals of the OAuth endpoints; `error` in their body is the word of RFC 6749 (docs/contract.md#oauth)."""

from __future__ import annotations

from groundlevel.kernel.errors import SHOWN, BadRequest, NotFound, Unauthenticated


class InvalidClient(Unauthenticated):
    """The client id or the client secret is not valid"""

    code = "invalid_client"
    hint = (
        "Check both against `groundlevel app create`, which shows the secret once; `app rotate-secret` makes another."
    )
    about = "No app has this client id, or the secret is not its own."
    error = "invalid_client"


class InvalidGrant(BadRequest):
    """The authorization code or refresh token is not valid"""

    code = "invalid_grant"
    hint = "Codes and refresh tokens work once: use the newest, or let the user install the app again."
    about = (
        "The code or refresh token is unknown, expired, used already or of another app. One that is used again may "
        "have been stolen, so everything that came from it stops working (RFC 9700)."
    )
    error = "invalid_grant"


class InvalidRedirect(BadRequest):
    """The redirect_uri is not one of the app"""

    code = "invalid_redirect"
    hint = "Send a redirect URI of the app, letter by letter, and the same one at both steps."
    about = "The redirect URI is not registered for the app, or not the one that the code was issued for."
    error = "invalid_request"


class InvalidScope(BadRequest):
    """The app may not ask for this scope"""

    code = "invalid_scope"
    hint = "Ask for scopes that the app was created with."
    about = "The request asks for scopes that the app does not have, or that this server does not know."
    error = "invalid_scope"


class InvalidGrantRequest(BadRequest):
    """The grant request is not complete"""

    code = "invalid_grant_request"
    hint = "grant_type is authorization_code, refresh_token or client_credentials; each needs members of its own."
    about = "The request to the token endpoint lacks a member that its grant type needs, or names an unknown one."
    error = "invalid_request"

    @classmethod
    def example(cls) -> InvalidGrantRequest:
        return cls("The app has 2 such installs")


class AppNotFound(NotFound):
    """App not found"""

    code = "app_not_found"
    hint = "`groundlevel app list` shows the apps of this server. The id is the part of the client id before the dash."
    about = "No app has this id, or it is not the app of the token."

    def __init__(self, app_id: str) -> None:
        super().__init__(f"App ({app_id[:SHOWN]}) not found")

    @classmethod
    def example(cls) -> AppNotFound:
        return cls("668fa61b0802420000000002")


class AuthClassUnsupported(Unauthenticated):
    """This AuthClass is not yet supported"""

    code = "auth_class_unsupported"
    hint = "Use an access token of an app that is installed in the company; one of a location does not do."
    about = "The operation is about a company, and the token is one of a location, or not one of an app."
