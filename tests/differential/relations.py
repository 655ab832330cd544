"""Makes random relations, among the records of one object and to records of another, and conditions on them."""

from __future__ import annotations

from random import Random

import msgspec

from groundlevel.kernel.ids import Ids, to_short_id
from groundlevel.kernel.model import Association, Cardinality, Json, Relation

from .oracle import Link, Row

OTHER_KEY = "custom_objects.other"
_IDS = tuple(f"65a0000000000001cccccc0{n}" for n in range(4))


def make_associations(one: tuple[int, str], other: tuple[int, str]) -> tuple[Association, ...]:
    """Associations of one object with another, given by number and key: from either side, and each with itself."""
    pairs = ((one, other), (other, one), (one, one), (other, other))
    return tuple(
        Association(
            number=number,
            id=_IDS[number],
            key=f"association_{number}",
            first_object=first[0],
            first_key=first[1],
            first_label="One",
            second_object=second[0],
            second_key=second[1],
            second_label="Other",
            cardinality=Cardinality.MANY_TO_MANY,
            first_limit=None,
            second_limit=None,
            standard=False,
            created_at=number,
            updated_at=number,
        )
        for number, (first, second) in enumerate(pairs)
    )


def make_relations(random: Random, rows: list[Row], others: list[str]) -> list[Relation]:
    """Relations by the associations, each pair once; some records have many, most have few or none."""
    ids = Ids(seed=random.getrandbits(32))
    mine = [row.record.id for row in rows]
    sides = ((mine, others), (others, mine), (mine, mine), (others, others))
    pairs = {}
    for number, (first, second) in enumerate(sides):
        for _ in range(random.randint(0, len(rows))):
            pairs[number, _drawn(random, first), _drawn(random, second)] = ids.record_id()
    return [Relation(relation_id, *pair) for pair, relation_id in pairs.items()]


def _drawn(random: Random, ids: list[str]) -> str:
    """One of the ids, the first ones far more often."""
    return ids[int(len(ids) * random.random() ** 3)]


def linked(rows: list[Row], relations: list[Relation], associations: tuple[Association, ...]) -> list[Row]:
    """The rows with their relations."""
    links: dict[str, set[Link]] = {row.record.id: set() for row in rows}
    for relation in relations:
        association = associations[relation.association]
        # The two lists of ids do not meet, so that a record's own id says that it stands on a side.
        for here, there, first in (
            (relation.first_id, relation.second_id, True),
            (relation.second_id, relation.first_id, False),
        ):
            if here in links:
                links[here].add(Link(association.number, association.id, first, there))
    return [msgspec.structs.replace(row, links=frozenset(links[row.record.id])) for row in rows]


def make_relation_condition(random: Random, rows: list[Row]) -> dict[str, Json]:
    """A condition on relations, mostly on such as some record has."""
    links = [link for row in rows for link in sorted(row.links, key=msgspec.structs.astuple)]
    link = random.choice(links) if links else Link(0, _IDS[0], True, rows[0].record.id)
    record_ids = [
        link.record_id,
        link.record_id.upper(),
        to_short_id(link.record_id),
        random.choice(rows).record.id,
        "none",
    ]
    parts = [{"field": "recordId", "operator": "eq", "value": _one_or_some(random, record_ids)}]
    if random.random() < 0.5:
        associations = [link.association_id, link.association_id, random.choice(_IDS), "none"]
        parts.append({"field": "associationId", "operator": "eq", "value": _one_or_some(random, associations)})
    random.shuffle(parts)
    return {"field": "relations", "operator": "nested", "value": parts}


def _one_or_some(random: Random, values: list[str]) -> Json:
    return values[0] if random.random() < 0.5 else random.sample(values, random.randint(1, len(values)))
