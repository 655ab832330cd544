"""What errors of the PostgreSQL driver mean: the database is not available, is not sure, or asks to run work again."""

from __future__ import annotations

import asyncio

import asyncpg

from groundlevel.kernel.errors import OutcomeUnknown, StorageUnavailable
from groundlevel.kernel.storage.connection import StaleSchemaError

STALE_SCHEMA = "GL001"
"""The SQLSTATE of the function raise_stale_schema, which migration 4 creates."""
CONNECTION_LOST = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection whose end the driver has not yet noticed
    asyncio.TimeoutError,
)
RETRY = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.LockNotAvailableError)
_OUR_FAULT = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.SyntaxOrAccessError,
)
"""What a statement of this program did wrong, which says nothing about the database."""
_UNAVAILABLE = (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InsufficientPrivilegeError)
_MAYBE_COMMITTED = (*CONNECTION_LOST, asyncpg.OperatorInterventionError)


def is_unavailable(error: BaseException | None) -> bool:
    """Whether an error of the driver says that the database cannot be reached or cannot do its work."""
    if isinstance(error, (*CONNECTION_LOST, *_UNAVAILABLE)):
        return True
    return isinstance(error, asyncpg.PostgresError) and not isinstance(error, (*_OUR_FAULT, *RETRY))


class DriverErrors:
    """Turns the driver's errors into refusals."""

    def __enter__(self) -> None:
        """Nothing to set up."""

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> None:
        if is_unavailable(error) or isinstance(error, RETRY):
            # What the driver says of its own state says nothing to anybody else.
            lost = isinstance(error, asyncpg.InternalClientError)
            why = "the connection was lost" if lost else error or type(error).__name__
            raise StorageUnavailable(f"The database is not available: {why}") from error


class CommitErrors:
    """Says of an error that a COMMIT met whether the transaction may have become durable all the same."""

    def __enter__(self) -> None:
        """Nothing to set up."""

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> None:
        if isinstance(error, _MAYBE_COMMITTED):
            raise OutcomeUnknown from error


class StaleSchemas:
    """Recognizes the SQLSTATE by which a statement says that it was made for an older schema: see insert_records."""

    def __enter__(self) -> None:
        """Nothing to set up."""

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> None:
        if isinstance(error, asyncpg.PostgresError) and error.sqlstate == STALE_SCHEMA:
            raise StaleSchemaError from error


DRIVER_ERRORS, COMMIT_ERRORS, STALE_SCHEMAS = DriverErrors(), CommitErrors(), StaleSchemas()
