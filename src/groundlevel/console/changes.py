"""What is logged of the changes of operators: never a password (decision 0069)."""

from __future__ import annotations

from groundlevel.console.model import Operator
from groundlevel.kernel.changes import DELETE, NO_LOCATION, UPDATE, Change, declare_kind
from groundlevel.kernel.codec import encode_text
from groundlevel.kernel.model import Json
from groundlevel.kernel.storage.transaction import Transaction

OPERATOR = declare_kind("operator", "a person who may sign in to the console")


def log_operator_created(tx: Transaction, operator: Operator) -> None:
    """Logs that there is another operator."""
    tx.log.append_definition(Change(OPERATOR, UPDATE, operator.id), (None, _state_of(operator)), location=NO_LOCATION)


def log_operator_changed(tx: Transaction, before: Operator, after: Operator) -> None:
    """Logs what is different of an operator; of a password no more than that."""
    states = (_state_of(before), _state_of(after))
    tx.log.append_definition(Change(OPERATOR, UPDATE, after.id), states, location=NO_LOCATION)
    if before.password != after.password:
        log_new_password(tx, after.id)


def log_operator_removed(tx: Transaction, operator_id: str) -> None:
    """Logs that an operator is no longer one."""
    tx.log.append(Change(OPERATOR, DELETE, operator_id), location=NO_LOCATION)


def log_new_password(tx: Transaction, operator_id: str) -> None:
    """Logs that an operator has another password, and no more than that."""
    detail = encode_text({"before": {}, "after": {"password": "changed"}})
    tx.log.append(Change(OPERATOR, UPDATE, operator_id, detail=detail), location=NO_LOCATION)


def _state_of(operator: Operator) -> dict[str, Json]:
    return {"email": operator.email, "role": operator.role.value, "locations": list(operator.locations)}
