"""Refusals of the console."""

from __future__ import annotations

from groundlevel.kernel.errors import BadRequest, Forbidden, NotFound, TooMany, Unauthenticated


class ConsoleSignedOut(Unauthenticated):
    """Nobody is signed in to the console"""

    code = "console_signed_out"
    hint = "Open the link that `groundlevel console` prints, or sign in with e-mail and password."
    about = (
        "The cookie of the console is missing, unknown, ended or expired: after 12 hours without use, and after 7 days."
    )


class SignInRefused(Unauthenticated):
    """The e-mail and password, or the link, are not valid"""

    code = "console_sign_in_refused"
    hint = "`groundlevel console` prints a new link; `groundlevel operator password` sets another password."
    about = "No operator has this e-mail with this password, or the link is unknown, used or expired."


class TooManyTries(TooMany):
    """Too many tries to sign in"""

    code = "console_too_many_tries"
    hint = "Wait a minute, or open the link that `groundlevel console` prints."
    about = "Five tries a minute are let through for an e-mail, and five for an address."


class RoleForbidden(Forbidden):
    """The role does not allow this"""

    code = "console_role"
    hint = "Ask an owner: `groundlevel operator create --role owner` makes one."
    about = "Only operators with the role owner, who reach the location, may do this in the console."


class ChoiceInvalid(BadRequest):
    """The console does not keep this choice"""

    code = "console_choice"
    hint = "Delete views that nobody needs."
    about = "What people choose for the screens of the console has a name, and bounds in length and number."


class ConsoleHostForbidden(Forbidden):
    """The console does not answer under this name"""

    code = "console_host"
    hint = "Open it as http://localhost:PORT/console, or set console = password, and public_url to this address."
    about = (
        "With `console = loopback` the console answers under the names of the machine itself alone; with "
        "`console = password` also under public_url, host, and plain IP addresses. Any other name may belong to a "
        "page that has its own name lead here (DNS rebinding)."
    )


class ForeignPage(Forbidden):
    """The request does not come from a page of the console"""

    code = "console_foreign_page"
    hint = "Programs use the API with a token: `groundlevel token create`."
    about = (
        "What the console sends has the header X-GroundLevel-Console, and a browser says of it that it is of the same "
        "origin. Anything else might be a page of others that uses the cookie of whoever looks at it."
    )


class OperatorNotFound(NotFound):
    """There is no such operator or session"""

    code = "operator_not_found"
    hint = "`groundlevel operator list` shows the operators."
    about = "No operator has this e-mail, or no session this id."


class SetUpAlready(Forbidden):
    """The server is set up already"""

    code = "console_set_up"
    hint = "Sign in with e-mail and password, or open the link that `groundlevel console` prints."
    about = "Somebody is an operator already, so the link of the first start makes no other."


class BackupRefused(BadRequest):
    """The backup is not made or not restored"""

    code = "backup_refused"
    hint = "docs/how-to/backup.md says which databases are backed up here."
    about = (
        "Backups are made here of SQLite databases in a file, where the disk has room; a backup is restored when "
        "everything in it agrees."
    )


class OperatorInvalid(BadRequest):
    """The operator cannot be stored"""

    code = "operator_invalid"
    hint = "An e-mail address, a password of at least 12 characters, and locations that exist."
    about = "An operator has an e-mail that no other has, and a password of 12 to 1,000 characters."
