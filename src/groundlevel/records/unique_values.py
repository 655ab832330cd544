"""Takes the unique values of records, and gives them back."""

from __future__ import annotations

from groundlevel.kernel.errors import UniqueConflict
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.storage.records import UniqueClaim
from groundlevel.kernel.storage.transaction import Transaction


async def reclaim_values(
    tx: Transaction, schema: CompiledObject, record_id: str, values: tuple[dict[int, str], dict[int, str]]
) -> None:
    """Gives back what a record held before a change, and takes what it holds after it. Raises UniqueConflict."""
    before, after = values
    freed = {number: value for number, value in before.items() if after.get(number) != value}
    wanted = {number: value for number, value in after.items() if before.get(number) != value}
    if freed:
        await tx.records.release_values(schema, unique_claims(freed, record_id))
    if wanted:
        await claim_values(tx, schema, unique_claims(wanted, record_id))


def unique_claims(values: dict[int, str], record_id: str) -> list[UniqueClaim]:
    """The claims of a record's unique values."""
    return [UniqueClaim(number, value, record_id) for number, value in values.items()]


async def claim_values(tx: Transaction, schema: CompiledObject, wanted: list[UniqueClaim]) -> None:
    """Takes unique values. Raises UniqueConflict naming the first field refused."""
    refused = await tx.records.claim_values(schema, wanted)
    if refused:
        raise unique_conflict(schema, refused[0])


def unique_conflict(schema: CompiledObject, refused: UniqueClaim) -> UniqueConflict:
    """The refusal of a unique value that another record holds (docs/contract.md#decision-14)."""
    field = next(field for field in schema.unique if field.number == refused.field_number)
    return UniqueConflict(
        f"{field.name} must be unique: another record of {schema.object.plural} has this value",
        field_key=field.full_key,
    )
