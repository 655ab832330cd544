"""A database of before has its tags and e-mail addresses folded, and its search texts made again."""

from __future__ import annotations

from groundlevel.crm.contacts.location_tag_rules import list_tags
from groundlevel.crm.contacts.rules import CONTACTS, NewContact, create_contact
from groundlevel.crm.contacts.schemas import contact_body
from groundlevel.kernel.query.parse import SearchRequest
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.migrate import migrations
from groundlevel.kernel.storage.statements import Statement
from groundlevel.kernel.storage.transaction import Transaction
from tests.world import world_in

_OLD = {
    "sqlite": """UPDATE records SET properties = jsonb_set(
        properties, '$.tags', jsonb('["VIP", " vip ", "New"]'), '$.email', 'Ann@Example.com')""",
    "postgres": """UPDATE records SET properties =
        properties || '{"tags": ["VIP", " vip ", "New"], "email": "Ann@Example.com"}'""",
}
"""Makes a record look as it was stored before."""


async def test_what_was_stored_before_is_folded(storage: Storage, engine_name: str) -> None:
    world = await world_in(storage)
    contact = await world.do(create_contact, NewContact({"email": "ann@example.com"}))
    [step] = [each for each in migrations(engine_name) if each.name.endswith("contacts")]
    statements = [sql for sql in step.sql.split(";\n") if sql.strip() and "CREATE TABLE" not in sql]

    async def upgrade(tx: Transaction) -> int:
        await tx.connection.run(Statement.command(_OLD[engine_name]))
        await tx.connection.run(Statement.command("UPDATE record_search SET search_text = 'łukasz'"))
        for sql in statements:
            await tx.connection.run(Statement.command(sql))
        rows = await tx.connection.rows(Statement.query("SELECT key FROM objects WHERE refill_after IS NOT NULL"))
        return len(rows)

    assert await storage.write(None, upgrade) == 1
    shown = contact_body(await world.do(CONTACTS.get, contact.id))
    assert (shown.email, shown.tags) == ("ann@example.com", ["vip", "new"])
    assert [tag.name for tag in await world.do(list_tags, None)] == ["new", "vip"]
    asked = SearchRequest(filters=[{"field": "tags", "operator": "eq", "value": "Vip"}])
    assert [each.id for each in (await world.do(CONTACTS.search, asked)).views] == [contact.id]
