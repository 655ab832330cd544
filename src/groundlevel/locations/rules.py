"""Creates locations with what every location is born with."""

from __future__ import annotations

from msgspec import Struct

from groundlevel.access import store as access_store
from groundlevel.access.model import Company
from groundlevel.associations import store as associations_store
from groundlevel.crm.pipelines import store as pipelines_store
from groundlevel.crm.pipelines.rules import first_pipeline
from groundlevel.kernel.errors import BadRequest, InvalidValue
from groundlevel.kernel.model import Json, Location
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.schema import store as schema_store
from groundlevel.standard.objects import standard_associations, standard_objects


class NewLocation(Struct, frozen=True):
    """The location to be created, in a company of its own unless one is named."""

    name: str
    company_id: str | None = None
    details: dict[str, Json] = {}


# --- administration ----------------------------------------------------------------------------------------------


async def create_location(storage: Storage, request: NewLocation) -> Location:
    """A location with its standard objects, in one transaction. Raises BadRequest for an unknown company."""
    return await storage.write(None, lambda tx: _create_location(tx, request))


async def _create_location(tx: Transaction, request: NewLocation) -> Location:
    if not request.name.strip():
        raise InvalidValue("name: a location needs a name", hint="Give a name that is not blank.")
    now = tx.ids.now()
    company_id = request.company_id
    if company_id is None:
        company_id = tx.ids.short_id()
        await access_store.insert_company(tx, Company(company_id, request.name), now=now)
    elif await access_store.find_company(tx, company_id) is None:
        raise BadRequest(f"Company ({company_id}) not found", hint="Leave it out to create a company.")
    location = await access_store.insert_location(
        tx, Location(0, tx.ids.short_id(), company_id, request.name, now, dict(request.details))
    )
    tx.bind_location(location)
    stored = [await schema_store.insert_object(tx, definition) for definition in standard_objects(tx.ids)]
    for association in standard_associations({each.key: each for each in stored}):
        await associations_store.insert_association(tx, association)
    await pipelines_store.insert_pipeline(tx, first_pipeline(tx.ids))
    return location
