"""Makes random objects, records and searches, all in the form in which a client would send them.

Everything comes from one `random.Random`, so a seed repeats a whole run:

    random = Random(seed)
    schema = Shape(make_object(random))
    rows = make_rows(random, schema, 200)          # store row.record and row.text in an engine
    body = make_body(random, schema, rows)         # then parse(request_of(body)), bind, run, compare with oracle.search
    body = following(body, cursor_of(plan, last)) # the same search after a record

Values are drawn from small pools, so that records tie, and filters and texts are drawn from values of the records,
so that most searches find something.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import TypeAlias

import msgspec

from groundlevel.kernel.fields.base import OPERATORS, Comparison, Operator
from groundlevel.kernel.fields.compiled import CompiledObject, Property
from groundlevel.kernel.ids import Clock, Ids, timestamp_of
from groundlevel.kernel.model import MAX_SAFE_INTEGER, DataType, Field, Json, Object, Option, Record

from .oracle import Row
from .relations import make_relation_condition

Body: TypeAlias = dict[str, Json]

START = 1_700_000_000_000
"""The timestamp from which records are made, epoch milliseconds."""
USERS = ("userAAAAAAAAAAAAAAA1", "userBBBBBBBBBBBBBBB2", "userCCCCCCCCCCCCCCC3")
"""Who owns and follows the records."""

TEXTS = (
    "", " ", "a", "A", "ab", "Rex", "rex", "REX", "Zoë", "zoe", "ZOE", "E\u0301mile", "Émile", "Straße", "STRASSE",
    "İstanbul", "50%", "5_0", "100% sure_thing", "back\\slash", "it's", 'say "hi"', "'; DROP TABLE records; --",
    "naïve café", "🐶", "🐶🐱 pals", "日本語テキスト", "한국어", "مرحبا", "\ufb01ne", "①②", "tab\there",
    "line one\nline two", "Two\r\nlines", "\u00a0wide\u2003space ", "trailing ", " leading", '{"a": 1}', "[1]",
    "null", "0", "10", "9", "-1", "1e3", "NaN", "*", "a*b", "AND", "a OR b", "NEAR(a b)", "\uffee", "\U00010400",
    "\ue000", "~", "z", "Ω", "ω", "ß", "name:Rex", "x" * 300,
)  # fmt: skip
"""Texts that engines are known to treat differently."""
NUMBERS = (
    0, -0.0, 1, 1.0, -1, 2, 10, 9, 0.1, 0.2, 0.30000000000000004, 0.3, -0.5, 1.5, 1e-7, -1e-7, 5e-324, 1e15,
    123456789.125, MAX_SAFE_INTEGER, -MAX_SAFE_INTEGER, MAX_SAFE_INTEGER - 1, 4503599627370495.5, 1424, 100, 99.99,
)  # fmt: skip
"""Numbers at the edges of what is exact, and some that tie."""
PHONES = ("+14155552671", "+14155552672", "+442071838750", "+917000000000", "+4930901820")
EMAILS = ("ann@example.com", "Ann@Example.com", "bob+tag@example.org", "zoë@example.org", "x_y%z@example.net")
DAYS = ("2024-07-11", "2024-07-12", "2023-12-31", "0999-01-01", "9999-12-31", "1970-01-01", "2024-02-29")
CURRENCIES = ("default", "EUR", "USD")
URLS = (
    "https://files.example.com/a.pdf",
    "https://files.example.com/b%20c.png?x=1",
    "http://files.example.com/%C3%A9.docx",
)
OPTIONS = (Option("red", "Red"), Option("blue", "Bleu clair"), Option("green", "GREEN"), Option("o_1", "Größe"))
BOXES = (Option("a", "Box A"), Option("b", "Box B"))

_NUMBER_OF_FIELDS = {DataType.TEXT: 3, DataType.NUMERICAL: 2, DataType.TEXTBOX_LIST: 1}
_GROUPED = 0.3
_STORE = msgspec.json.Encoder().encode


# --- objects and records -----------------------------------------------------------------------------------------


def make_object(random: Random) -> Object:
    """An object with fields of all thirteen types, one to three of each; one to three of them are searchable.

    The first field is the required primary one; one field took the key of a deleted one, so it is stored elsewhere.
    """
    fields: list[Field] = []
    for data_type in DataType:
        for n in range(1, 1 + _NUMBER_OF_FIELDS.get(data_type, random.randint(1, 2))):
            fields.append(_make_field(f"{data_type.name.lower()}_{n}", data_type, number=100 + len(fields)))
    texts = [field.key for field in fields if field.data_type not in (DataType.FILE_UPLOAD, DataType.TEXT)]
    return Object(
        number=7,
        id="65a0000000000001aaaaaa01",
        key="custom_objects.sample",
        singular="Sample",
        plural="Samples",
        description=None,
        primary="text_1",
        searchable=("text_1", *random.sample(texts, random.randint(0, 2))),
        standard=False,
        created_at=START,
        updated_at=START,
        version=1,
        fields=tuple(fields),
        retired_keys=frozenset(("text_3",)),
    )


def _make_field(key: str, data_type: DataType, *, number: int) -> Field:
    chosen = (DataType.SINGLE_OPTIONS, DataType.MULTIPLE_OPTIONS, DataType.CHECKBOX, DataType.RADIO)
    return Field(
        id=f"field{number:015d}",
        number=number,
        key=key,
        stored_key="text_3~2" if key == "text_3" else key,
        name=key.replace("_", " ").title(),
        data_type=data_type,
        folder_id="folder00000000000001",
        created_at=START,
        updated_at=START,
        options=BOXES if data_type is DataType.TEXTBOX_LIST else OPTIONS if data_type in chosen else (),
        accepted_formats="all" if data_type is DataType.FILE_UPLOAD else None,
        max_file_limit=5 if data_type is DataType.FILE_UPLOAD else None,
        custom_option_allowed=data_type is DataType.RADIO,
        required=key == "text_1",
    )


def make_properties(random: Random, schema: CompiledObject) -> dict[str, Json]:
    """Properties for a new record, as sent: some missing, some null, a text-box list flat or nested, some full keys."""
    density = random.choice((0.1, 0.5, 0.9))
    properties: dict[str, Json] = {}
    for field in schema.fields.values():
        if random.random() > density and not field.required:
            continue
        key = schema.full_key(field.key) if random.random() < 0.1 else field.key
        if field.data_type is DataType.TEXTBOX_LIST:
            boxes = {option.key: _text(random) for option in field.options if random.random() < 0.7}
            properties.update({key: boxes} if random.random() < 0.3 else {f"{key}.{k}": v for k, v in boxes.items()})
        elif random.random() < 0.05 and not field.required:
            properties[key] = None
        else:
            properties[key] = make_value(random, field)
    return properties


def make_value(random: Random, field: Field) -> Json:
    """A value as sent for a new record, for every type but a text-box list."""
    match field.data_type:
        case DataType.NUMERICAL:
            return _number(random)
        case DataType.MONETARY:
            return {"currency": random.choice(CURRENCIES), "value": _number(random)}
        case DataType.PHONE:
            return random.choice(PHONES)
        case DataType.EMAIL:
            return random.choice(EMAILS)
        case DataType.DATE:
            return random.choice(DAYS) + random.choice(("", "T10:30:00Z", "T23:59:59.999+05:30"))
        case DataType.SINGLE_OPTIONS:
            return random.choice(OPTIONS).key
        case DataType.RADIO:
            return random.choice((random.choice(OPTIONS).key, "my own", "My Ówn"))
        case DataType.CHECKBOX | DataType.MULTIPLE_OPTIONS:
            return [option.key for option in random.sample(OPTIONS, random.randint(0, len(OPTIONS)))]
        case DataType.FILE_UPLOAD:
            return [{"url": url} for url in random.sample(URLS, random.randint(0, len(URLS)))]
    text = _text(random)
    return "filled" if field.required and not text.strip() else text


def _text(random: Random) -> str:
    text = random.choice(TEXTS)
    return text if random.random() < 0.6 else text + random.choice((" ", "", "-")) + random.choice(TEXTS)


def _number(random: Random) -> int | float:
    chance = random.random()
    if chance < 0.6:
        return random.choice(NUMBERS)
    return random.randint(-20, 20) if chance < 0.8 else random.uniform(-1e6, 1e6)


class _Steps(Clock):
    """Moments that stand still or move on a little, so that creation ties by the millisecond."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._now = START

    def now(self) -> int:
        self._now += self._random.choice((0, 0, 1, 7, 1_000, 3_600_000))
        return self._now


def make_rows(random: Random, schema: CompiledObject, count: int) -> list[Row]:
    """Records with rising ids, made from properties as sent by way of `Shape.created`."""
    ids = Ids(seed=random.getrandbits(32), clock=_Steps(random))
    rows = []
    for _ in range(count):
        stored = schema.validate_new(make_properties(random, schema), strict=False)
        record_id = ids.record_id()
        created_at = timestamp_of(record_id)
        record = Record(
            id=record_id,
            created_at=created_at,
            updated_at=created_at + random.choice((0, 0, 1, 5_000, 86_400_000)),
            version=1,
            owners=tuple(random.sample(USERS, random.randint(0, 1))),
            followers=tuple(random.sample(USERS, random.randint(0, 3))),
            created_by="{}",
            updated_by="{}",
            properties=_STORE(stored).decode(),
        )
        rows.append(Row(record, stored, schema.search_text(stored)))
    return rows


# --- searches ----------------------------------------------------------------------------------------------------


def make_body(random: Random, schema: CompiledObject, rows: list[Row]) -> Body:
    """A search as sent, without cursor. It is never refused; `rows` must not be empty."""
    limit = random.choice((1, 2, 3, 5, 10, 20, 100, 500))
    body: Body = {"page": 1 if random.random() < 0.7 else random.randint(1, 4), "pageLimit": limit}
    if random.random() < 0.5:
        body["query"] = make_text(random, schema, rows)
    if random.random() < 0.75:
        body["filters"] = make_filters(random, schema, rows)
    if random.random() < 0.6:
        body["sort"] = make_sort(random, schema)
    return body


def following(body: Body, cursor: list[Json]) -> Body:
    """The same search after the record with this wire cursor. Its page number stays and must not count."""
    return {**body, "searchAfter": cursor}


def make_text(random: Random, schema: CompiledObject, rows: list[Row]) -> str:
    """A text query of up to 8 characters: a part of a record's value, its case or accents changed, or anything else.

    About every fourth is for one searchable property, `text_1:part`.
    """
    prop = random.choice(schema.searchable)
    row = random.choice(rows)
    value = row.stored.get(prop.stored_key)
    if value is None or random.random() < 0.1:
        part = random.choice(TEXTS)
    else:
        part = random.choice((prop.type.search_text(prop.field, value), row.text))
    start = random.randrange(max(len(part), 1))
    part = part[start : start + random.randint(1, 8)]
    part = random.choice((str, str.upper, str.lower, str.swapcase, _accented))(part)
    if random.random() < 0.25:
        key = random.choice((prop.field.key, schema.full_key(prop.field.key)))
        return f"{key}:{part}"
    return part


def _accented(text: str) -> str:
    return text.translate(str.maketrans("aeiouAEIOU", "áëîõúÀÊÏÕÜ"))


def make_filters(random: Random, schema: CompiledObject, rows: list[Row], depth: int = 0) -> list[Json]:
    """Nodes of a group: conditions, and groups of up to three levels."""
    nodes: list[Json] = []
    for _ in range(random.choice((0, 1, 1, 2, 2, 3)) if depth else random.randint(1, 3)):
        if depth < 3 and random.random() < _GROUPED:
            within = make_filters(random, schema, rows, depth + 1)
            word = random.choice(("AND", "OR", "and", "Or") if within else ("AND", "and"))
            nodes.append({"group": word, "filters": within})
        else:
            nodes.append(make_condition(random, schema, rows))
    return nodes


def make_condition(random: Random, schema: CompiledObject, rows: list[Row]) -> Body:
    """A condition on relations, on a column or on any property, with an operator that applies and a value that fits."""
    if random.random() < 0.15:
        return make_relation_condition(random, rows)
    if random.random() < 0.25:
        return _column_condition(random, rows)
    key, prop = random.choice(list(schema.properties_by_key.items()))
    comparison = prop.type.comparison
    operator = random.choice(sorted(OPERATORS[comparison], key=lambda each: each.value))
    name = f"properties.{key}" if random.random() < 0.9 else f"properties.{schema.object.key}.{key}"
    node: Body = {"field": name, "operator": operator.value}
    match operator:
        case Operator.EQ | Operator.NOT_EQ:
            node["value"] = _one_or_some(random, lambda: _operand(random, prop, rows))
        case Operator.CONTAINS | Operator.NOT_CONTAINS:
            node["value"] = _one_or_some(random, lambda: _fragment(random, prop, rows))
        case Operator.RANGE:
            node["value"] = _range(random, lambda: _operand(random, prop, rows))
    return node


def _column_condition(random: Random, rows: list[Row]) -> Body:
    name = random.choice(("id", "createdAt", "dateAdded", "updatedAt", "dateUpdated", "owners", "followers"))
    if name == "id":
        operator = random.choice(("eq", "not_eq", "exists", "not_exists"))
        value = _one_or_some(random, lambda: random.choice((random.choice(rows).record.id, "no id")))
    elif name in ("owners", "followers"):
        operator = random.choice(("eq", "not_eq", "exists", "not_exists"))
        value = _one_or_some(random, lambda: random.choice((*USERS, "nobody")))
    else:
        operator = random.choice(("range", "range", "range", "exists", "not_exists"))
        value = _range(random, lambda: _timestamp(random, rows))
    node: Body = {"field": name, "operator": operator}
    return node if operator in ("exists", "not_exists") else {**node, "value": value}


def _one_or_some(random: Random, draw: Callable[[], Json]) -> Json:
    return draw() if random.random() < 0.6 else [draw() for _ in range(random.randint(1, 4))]


def _range(random: Random, draw: Callable[[], Json]) -> Body:
    low, high = random.choice(("gt", "gte")), random.choice(("lt", "lte"))
    ends = random.choice(((low,), (high,), (low, high)))
    return {end: draw() for end in ends}


def _timestamp(random: Random, rows: list[Row]) -> Json:
    """A timestamp of a record, or near one, in each of the forms that are understood."""
    record = random.choice(rows).record
    timestamp = random.choice((record.created_at, record.updated_at)) + random.choice((0, 0, 1, -1, 3_600_000))
    at = datetime.fromtimestamp(timestamp / 1000, UTC)
    return random.choice(
        (timestamp, float(timestamp), str(timestamp), at.isoformat(timespec="milliseconds"), at.date().isoformat())
    )


def _operand(random: Random, prop: Property, rows: list[Row]) -> Json:
    """A value to compare a property with: mostly one that a record has."""
    value = random.choice(rows).stored.get(prop.stored_key)
    for step in prop.type.path:
        value = None if value is None else value[step]
    if isinstance(value, list):
        value = random.choice(value)
    if value is not None and random.random() < 0.8:
        return value
    match prop.type.comparison:
        case Comparison.NUMBER:
            return _number(random)
        case Comparison.DAY:
            return random.choice(DAYS) + random.choice(("", "T00:00:00Z", "T12:00:00Z", "T23:59:59.999-05:30"))
        case Comparison.MEMBERS:
            return random.choice((*OPTIONS, *BOXES)).key
    return _text(random)


def _fragment(random: Random, prop: Property, rows: list[Row]) -> str:
    """A text to look for inside a property's: mostly a part of one that a record has, at times in another case."""
    value = random.choice(rows).stored.get(prop.stored_key)
    text = value if isinstance(value, str) and value and random.random() < 0.8 else _text(random) or "a"
    start = random.randrange(len(text))
    part = text[start : start + random.randint(1, 8)]
    return part.swapcase() if random.random() < 0.2 else part


def make_sort(random: Random, schema: CompiledObject) -> list[Json]:
    """Up to three keys of any kind that has an order; at times one twice, or one after the id, which do not count."""
    names = ["createdAt", "dateAdded", "updatedAt", "id"]
    for key, prop in schema.properties_by_key.items():
        if prop.type.comparison not in (Comparison.MEMBERS, Comparison.FILES):
            names.append(f"properties.{key}")
    keys: list[Json] = []
    for _ in range(random.randint(1, 3)):
        sort_key: Body = {"field": random.choice(names)}
        if random.random() < 0.9:
            sort_key["direction"] = random.choice(("asc", "desc", "DESC"))
        keys.append(sort_key)
    return keys
