"""The records that are measured: a dozen believable properties, the same in every run."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from msgspec import Struct

from groundlevel.kernel.model import Json

OBJECT = "custom_objects.subscriber"
LABELS = ("Subscriber", "Subscribers")
PRIMARY = "name"
"""The primary property, and the only searchable one."""

PLANS = ("free", "starter", "team", "business")
TAGS = ("early_bird", "newsletter", "partner", "press", "reseller", "trial")
LEVELS = ("low", "medium", "high")

FIELDS = (
    ("note", "LARGE_TEXT", ()),
    ("city", "TEXT", ()),
    ("seats", "NUMERICAL", ()),
    ("score", "NUMERICAL", ()),
    ("price", "MONETORY", ()),
    ("email", "EMAIL", ()),
    ("phone", "PHONE", ()),
    ("joined_on", "DATE", ()),
    ("plan", "SINGLE_OPTIONS", PLANS),
    ("tags", "MULTIPLE_OPTIONS", TAGS),
    ("level", "RADIO", LEVELS),
)
"""Key, type and options of every property but the primary one."""

_ONSETS = "b br c ch cl d dr f fl g gr h j k l m n p pr qu r s sh st t th tr v w z".split()
_VOWELS = "a e i o u y ai au ea ee ie oa oo ou".split()
_ENDS = "ck ft ld lm lt mp nd ng nk nt rd rk rm rn rt sk sp st th x".split()
SURNAMES = 1_000
"""How many names share the records; each is the second word of one record in a thousand."""
FIRST_NAMES = 20
CITIES = 2_000
_LONG = 6


def _words(count: int, seed: int) -> list[str]:
    dice = random.Random(seed)
    words: dict[str, None] = {}
    while len(words) < count:
        pieces = [dice.choice(_ONSETS) + dice.choice(_VOWELS) for _ in range(dice.randint(1, 2))]
        words["".join(pieces) + dice.choice(_ENDS)] = None
    return list(words)


_surnames = [word.capitalize() for word in _words(SURNAMES, 1)]
_first_names = [word.capitalize() for word in _words(FIRST_NAMES, 2)]
_cities = [word.capitalize() for word in _words(CITIES, 3)]
_sentence = _words(200, 4)


class Records(Struct, frozen=True):
    """An endless, repeatable source of records; `seed` tells one source from another."""

    seed: int = 0

    def __iter__(self) -> Iterator[dict[str, Json]]:
        dice = random.Random(self.seed)
        number = self.seed * 10_000_000
        while True:
            number += 1
            first, last = dice.choice(_first_names), dice.choice(_surnames)
            yield {
                "name": f"{first} {last} {number}",
                "note": " ".join(dice.choices(_sentence, k=12)),
                "city": dice.choice(_cities),
                "seats": dice.randint(1, 500),
                "score": round(dice.uniform(0, 1000), 3),
                "price": {"currency": "default", "value": dice.randint(100, 99_999) / 100},
                "email": f"{first}.{last}.{number}@example.com".lower(),
                "phone": f"+1415{2_000_000 + number % 8_000_000}",
                "joined_on": f"20{dice.randint(10, 25)}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}",
                "plan": dice.choice(PLANS),
                "tags": sorted(dice.sample(TAGS, dice.randint(1, 3))),
                "level": dice.choice(LEVELS),
            }


def rare_words(count: int) -> list[str]:
    """Texts that each find about one record in a thousand."""
    # Short ones stand inside many others.
    return random.Random(5).sample([name for name in _surnames if len(name) >= _LONG], count)


def common_words() -> list[str]:
    """Texts that each find about one record in twenty."""
    return list(_first_names)


def some_cities(count: int) -> list[str]:
    """Cities that each hold about one record in two thousand."""
    return random.Random(6).sample(_cities, count)


def write_csv(path: Path, source: Iterator[dict[str, Json]], count: int) -> None:
    """A sheet of the next `count` records, as `groundlevel import` takes it."""
    columns = [PRIMARY, *(key for key, _, _ in FIELDS)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for properties in islice(source, count):
            writer.writerow([_cell(properties[key]) for key in columns])


def _cell(value: Json) -> Json:
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return value["value"] if isinstance(value, dict) else value
