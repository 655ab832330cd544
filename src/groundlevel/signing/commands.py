"""Shows, changes and retires the keys that sign webhooks."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from groundlevel.kernel.command import Options, Result, command, open_database, settings_of
from groundlevel.kernel.errors import InputError, NotFound
from groundlevel.kernel.model import Json
from groundlevel.kernel.settings import SHORTEST_SECRET
from groundlevel.kernel.timestamps import iso
from groundlevel.signing.model import SigningKey
from groundlevel.signing.protection import change_secret
from groundlevel.signing.rules import ED25519, RSA, list_active_keys, raw_public_key, retire_key, rotate_key

KINDS = (ED25519, RSA)


class RetireOptions(Options, frozen=True, kw_only=True):
    """Options of `webhooks retire-key`."""

    key_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the key, as `webhooks keys` shows it.")]


class SecretOptions(Options, frozen=True, kw_only=True):
    """Options of `webhooks change-secret`."""

    new_secret: Annotated[
        str,
        typer.Option(
            envvar="GROUNDLEVEL_NEW_SECRET", help="The secret from now on; empty to store the keys as they are."
        ),
    ]


def add_to(app: typer.Typer) -> None:
    """Adds the family's commands, to those of webhooks."""
    (family,) = (group.typer_instance for group in app.registered_groups if group.name == "webhooks")
    assert family is not None
    command(family, "keys")(show)
    command(family, "rotate-keys")(rotate)
    command(family, "retire-key")(retire)
    command(family, "change-secret")(change)


async def show(options: Options) -> Result:
    """Print the public keys by which receivers verify webhooks, the newest of each kind first: that one signs."""
    async with open_database(settings_of(options)) as storage:
        keys = [key for kind in KINDS for key in await list_active_keys(storage, kind)]
    return _key_table(keys)


async def rotate(options: Options) -> Result:
    """Make new keys that sign from now on. Receivers that know only the old ones refuse until they are given these."""
    async with open_database(settings_of(options)) as storage:
        return _key_table([await rotate_key(storage, kind) for kind in KINDS])


async def retire(options: RetireOptions) -> Result:
    """Stop publishing a key. When it was the only one of its kind, a new one is made."""
    async with open_database(settings_of(options)) as storage:
        if not await retire_key(storage, options.key_id):
            raise NotFound(f"There is no key {options.key_id}", hint="`groundlevel webhooks keys` shows them.")
    return Result({"id": options.key_id, "retired": True}, f"key {options.key_id} is retired")


async def change(options: SecretOptions) -> Result:
    """Encrypt the private keys with another secret. Stop the servers first, and start them with the new one."""
    secret = options.new_secret
    if secret and len(secret) < SHORTEST_SECRET:
        raise InputError(f"the new secret has fewer than {SHORTEST_SECRET} characters")
    async with open_database(settings_of(options)) as storage:
        count = await change_secret(storage, secret)
    state = "encrypted with the new secret" if secret else "stored as they are"
    return Result({"keys": count, "encrypted": bool(secret)}, f"{count} keys are {state}")


def _key_table(keys: list[SigningKey]) -> Result:
    table = Table("id", "kind", "created", "public key", box=None)
    for key in keys:
        table.add_row(key.id, key.purpose, iso(key.created_at), key.public_pem.strip())
    return Result({"keys": [_describe(key) for key in keys]}, table)


def _describe(key: SigningKey) -> dict[str, Json]:
    return {
        "id": key.id,
        "kind": key.purpose,
        "publicKey": key.public_pem,
        "raw": raw_public_key(key) if key.purpose == ED25519 else None,
        "createdAt": iso(key.created_at),
    }
