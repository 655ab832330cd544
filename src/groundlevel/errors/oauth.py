"""Refusals of the OAuth endpoints; `error` in their body is the word of RFC 6749 (contract 5)."""

from __future__ import annotations

from groundlevel.errors.base import BadRequest, Unauthenticated


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
