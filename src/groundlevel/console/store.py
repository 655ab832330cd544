"""Stores operators with their choices, who is signed in, and the tokens of sessions.

Its transactions belong to no location.
"""

from __future__ import annotations

from groundlevel.access.model import Token
from groundlevel.access.store import token_values
from groundlevel.console.model import Choice, Operator, Role, Session
from groundlevel.kernel.storage.connection import Row
from groundlevel.kernel.storage.transaction import Transaction

IDLE_MS = 12 * 3_600_000
"""After how long without use a session has ended."""
_NOTED_MS = 60_000
"""How exactly a session's last use is kept."""


async def insert_operator(tx: Transaction, operator: Operator) -> bool:
    """Stores a new operator; False when another has the e-mail."""
    row = await tx.connection.row(
        tx.sql["insert_operator"],
        operator.id,
        operator.email,
        operator.role.value,
        " ".join(operator.locations),
        operator.password,
        operator.created_at,
    )
    return row is not None


async def find_operator(tx: Transaction, email: str) -> Operator | None:
    """The operator with an e-mail, or None."""
    row = await tx.connection.row(tx.sql["find_operator"], email)
    return None if row is None else _operator_of(row)


async def list_operators(tx: Transaction) -> list[Operator]:
    """All operators, oldest first."""
    return [_operator_of(row) for row in await tx.connection.rows(tx.sql["list_operators"])]


async def update_operator_password(tx: Transaction, email: str, password: str) -> str | None:
    """Stores another password; the operator's id, or None when there is none."""
    row = await tx.connection.row(tx.sql["update_operator_password"], email, password)
    return None if row is None else str(row[0])


async def update_operator(tx: Transaction, operator: Operator) -> bool:
    """Stores an operator as they are now; False when they are gone."""
    row = await tx.connection.row(
        tx.sql["update_operator"], operator.id, operator.role.value, " ".join(operator.locations), operator.password
    )
    return row is not None


async def delete_operator(tx: Transaction, email: str) -> str | None:
    """Deletes an operator and what they have chosen; the id, or None when there was none."""
    row = await tx.connection.row(tx.sql["delete_operator"], email)
    if row is None:
        return None
    await tx.connection.run(tx.sql["delete_choices_of_operator"], row[0])
    return str(row[0])


async def insert_session(tx: Transaction, session: Session, digest: bytes) -> None:
    """Stores a new session, and drops those that have ended."""
    now = session.created_at
    await tx.connection.run(tx.sql["delete_ended_sessions"], now, now - IDLE_MS)
    await tx.connection.run(
        tx.sql["insert_session"],
        digest,
        session.id,
        None if session.operator is None else session.operator.id,
        session.agent,
        session.created_at,
        session.expires_at,
    )


async def find_session(tx: Transaction, digest: bytes) -> Session | None:
    """The session with a cookie, or None when it has ended."""
    now = tx.ids.now()
    row = await tx.connection.row(tx.sql["find_session"], digest, now, now - IDLE_MS)
    return None if row is None else _session_of(row)


async def list_sessions(tx: Transaction) -> list[Session]:
    """Everybody who is signed in, the last to be seen first."""
    now = tx.ids.now()
    rows = await tx.connection.rows(tx.sql["list_sessions"], now, now - IDLE_MS)
    return [session for row in rows if (session := _session_of(row)) is not None]


async def list_session_digests(tx: Transaction) -> list[tuple[bytes, Session]]:
    """Everybody who is signed in, with the digests of their cookies."""
    digests = {row[0]: row[1] for row in await tx.connection.rows(tx.sql["list_session_digests"])}
    return [(digests[session.id], session) for session in await list_sessions(tx)]


async def touch_session(tx: Transaction, session: Session) -> None:
    """Notes that a session is used, where that is not known to the minute."""
    now = tx.ids.now()
    if now - session.seen_at >= _NOTED_MS:
        await tx.connection.run(tx.sql["touch_session"], session.id, now)


async def delete_session(tx: Transaction, session_id: str) -> bool:
    """Ends a session, with the tokens that it was given; whether there was one."""
    for (token_id,) in await tx.connection.rows(tx.sql["delete_session_tokens"], session_id):
        tx.cache.note_change("token", token_id)
    return await tx.connection.row(tx.sql["delete_session"], session_id) is not None


async def delete_sessions_of(tx: Transaction, operator_id: str) -> None:
    """Ends every session of an operator."""
    for (session_id,) in await tx.connection.rows(tx.sql["list_session_ids"], operator_id):
        await delete_session(tx, session_id)


async def insert_link(tx: Transaction, digest: bytes, *, expires_at: int) -> None:
    """Stores a link by the digest of its code, and drops those whose time is over."""
    await tx.connection.run(tx.sql["delete_expired_links"], tx.ids.now())
    await tx.connection.run(tx.sql["insert_console_link"], digest, expires_at)


async def is_link(tx: Transaction, digest: bytes) -> bool:
    """Whether a link is good."""
    return await tx.connection.row(tx.sql["find_console_link"], digest, tx.ids.now()) is not None


async def use_link(tx: Transaction, digest: bytes) -> bool:
    """Uses up a link; False when it was used before, or has expired."""
    return await tx.connection.row(tx.sql["use_console_link"], digest, tx.ids.now()) is not None


async def insert_session_token(tx: Transaction, token: Token, digest: bytes, *, session: Session) -> None:
    """Stores a token for a session, and drops those that have expired. Its name is what records show as the writer."""
    await tx.connection.run(tx.sql["delete_expired_session_tokens"], token.created_at)
    await tx.connection.run(tx.sql["insert_session_token"], *token_values(token, digest), session.id)


async def list_choices(tx: Transaction, owner: str, location_id: str) -> dict[str, str]:
    """What somebody has chosen in a location: names, and values as JSON."""
    return {row[0]: row[1] for row in await tx.connection.rows(tx.sql["list_choices"], owner, location_id)}


async def store_choice(tx: Transaction, choice: Choice) -> None:
    """Stores a choice in the place of the one before; an empty value takes that away."""
    key = (choice.owner, choice.location_id, choice.name)
    if choice.value:
        await tx.connection.run(tx.sql["store_choice"], *key, choice.value)
    else:
        await tx.connection.run(tx.sql["delete_choice"], *key)


def _operator_of(row: Row) -> Operator:
    return Operator(row[0], row[1], Role(row[2]), tuple(row[3].split()), row[4], row[5])


def _session_of(row: Row) -> Session | None:
    """A session from its columns and its operator's; None when that operator is gone."""
    if row[1] is not None and row[6] is None:
        return None
    operator = None if row[1] is None else _operator_of(row[6:12])
    return Session(row[0], operator, row[2], row[3], row[4], row[5])
