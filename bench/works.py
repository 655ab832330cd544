"""What is asked of a server: each kind of request as one row of a table."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable

import msgspec
from msgspec import Struct

from bench.corpus import OBJECT, Records, common_words, rare_words
from bench.databases import Database
from bench.load import Exchange
from bench.relations import Linked
from bench.report import Budget
from groundlevel.kernel.model import Json

DISTINCT = 2_000
"""Different requests of one kind; they are sent in turn."""
PAGE = 20


class Target(Struct, frozen=True, kw_only=True):
    """A server and what is known about its records."""

    database: Database
    ids: list[str]
    records: int
    linked: Linked


class Work(Struct, frozen=True):
    """A kind of request."""

    name: str
    exchanges: Callable[[Target], list[Exchange]]
    status: int
    budget: Budget


def request(target: Target, method: str, path: str, body: Json = None) -> bytes:
    """A request as a client sends it."""
    content = b"" if body is None else msgspec.json.encode(body)
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {target.database.token}",
        "Version: 2021-07-28",
        "Accept: application/json",
    ]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join([*lines, "", ""]).encode() + content


def _records_path(record_id: str = "") -> str:
    return f"/objects/{OBJECT}/records" + (f"/{record_id}" if record_id else "")


def _gets(target: Target) -> list[Exchange]:
    ids = random.Random(10).choices(target.ids, k=DISTINCT)
    return [Exchange(request(target, "GET", _records_path(each)), f'"id":"{each}"'.encode()) for each in ids]


def _creates(target: Target) -> list[Exchange]:
    exchanges = []
    for properties in itertools.islice(Records(seed=1), DISTINCT):
        body = {"locationId": target.database.location.id, "properties": properties}
        expected = msgspec.json.encode(properties["name"])
        exchanges.append(Exchange(request(target, "POST", _records_path(), body), expected))
    return exchanges


def _updates(target: Target) -> list[Exchange]:
    exchanges = []
    ids = random.Random(11).choices(target.ids, k=DISTINCT)
    for record_id, fresh in zip(ids, Records(seed=2), strict=False):
        changed = {key: fresh[key] for key in ("name", "seats", "joined_on")}
        path = f"{_records_path(record_id)}?locationId={target.database.location.id}"
        expected = msgspec.json.encode(changed["name"])
        exchanges.append(Exchange(request(target, "PUT", path, {"properties": changed}), expected))
    return exchanges


def _searches(target: Target, bodies: list[dict[str, Json]], expected: bytes) -> list[Exchange]:
    common: dict[str, Json] = {"locationId": target.database.location.id, "page": 1, "pageLimit": PAGE}
    path = f"{_records_path()}/search"
    return [Exchange(request(target, "POST", path, common | body), expected) for body in bodies]


def _lists(target: Target) -> list[Exchange]:
    return _searches(target, [{}], b'"total":%d,' % target.records)


def _rare_texts(target: Target) -> list[Exchange]:
    return _searches(target, [{"query": word} for word in rare_words(500)], b'"total":')


def _common_texts(target: Target) -> list[Exchange]:
    return _searches(target, [{"query": word} for word in common_words()], b'"total":')


def _relation_lists(target: Target) -> list[Exchange]:
    linked = target.linked
    path = f"?locationId={target.database.location.id}&skip=0&limit={PAGE}"
    expected = b'"total":%d,' % len(linked.others)
    return [
        Exchange(request(target, "GET", f"/associations/relations/{each}{path}"), expected)
        for each in (linked.first, linked.second)
    ]


def _relation_changes(target: Target) -> list[Exchange]:
    """Each deletes a relation, but for the first time, and creates it."""
    exchanges = []
    ids = target.linked.others[: 2 * DISTINCT]
    for first, second in zip(ids[::2], ids[1::2], strict=False):
        ends = {"associationId": target.linked.association_id, "firstRecordId": first, "secondRecordId": second}
        body = {"locationId": target.database.location.id, "add": [ends], "remove": [ends]}
        exchanges.append(Exchange(request(target, "POST", "/associations/relations/bulk", body), b'"created":[{'))
    return exchanges


WORKS = (
    Work("get a record", _gets, 200, Budget("≥ 0.55 × ceiling", least_ratio=0.55)),
    Work(f"list, page of {PAGE}", _lists, 200, Budget()),
    Work(
        f"text search, 0.1 % match, exact total, page of {PAGE}",
        _rare_texts,
        200,
        Budget("≥ 1,500/s on SQLite", least={"sqlite": 1_500}, records=100_000),
    ),
    Work(f"text search, 5 % match, exact total, page of {PAGE}", _common_texts, 200, Budget()),
    Work(f"relations of a record that has very many, page of {PAGE} with total", _relation_lists, 200, Budget()),
    Work(
        "update 3 of 12 properties, one searchable",
        _updates,
        200,
        Budget("≥ 5,800/s: twice PocketBase", least={"sqlite": 5_800}, reference=True),
    ),
    Work("delete a relation and create it, durable", _relation_changes, 201, Budget()),
    Work(
        "durable create, 12 properties, one searchable",
        _creates,
        201,
        Budget("≥ 8,400/s: twice PocketBase", least={"sqlite": 8_400}, reference=True),
    ),
)
"""Every kind, in the order in which they are measured: what writes comes last, since it changes what is read."""
