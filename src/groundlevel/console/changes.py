"""What is logged of the changes of operators: never a password (decision 0069)."""

from __future__ import annotations

from groundlevel.console.model import Operator
from groundlevel.kernel.changes import DELETE, UPDATE, Change, declare_kind
from groundlevel.kernel.codec import encode_text
from groundlevel.kernel.storage.transaction import Transaction

OPERATOR = declare_kind("operator", "a person who may sign in to the console")
_NO_LOCATION = 0


def log_operator_created(tx: Transaction, operator: Operator) -> None:
    """Logs that there is another operator."""
    state = {"email": operator.email, "role": operator.role, "locations": operator.locations}
    tx.log.append_definition(Change(OPERATOR, UPDATE, operator.id), (None, state), location=_NO_LOCATION)


def log_operator_removed(tx: Transaction, operator_id: str) -> None:
    """Logs that an operator is no longer one."""
    tx.log.append(Change(OPERATOR, DELETE, operator_id), location=_NO_LOCATION)


def log_new_password(tx: Transaction, operator_id: str) -> None:
    """Logs that an operator has another password, and no more than that."""
    detail = encode_text({"before": {}, "after": {"password": "changed"}})
    tx.log.append(Change(OPERATOR, UPDATE, operator_id, detail=detail), location=_NO_LOCATION)
