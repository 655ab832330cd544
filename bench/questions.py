"""What is asked of us and of peers alike: each kind of question on our wire and in the filters of PocketBase."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import TypeAlias
from urllib.parse import quote

from msgspec import Struct

from bench.corpus import PLANS, common_words, rare_words, some_cities
from groundlevel.kernel.model import Json

VARIANTS = 60
"""Different questions of one kind; they are asked in turn, so that what is remembered of one seldom helps another."""
PAGE = 20


class Question(Struct, frozen=True):
    """One search, for both."""

    ours: dict[str, Json]
    """Members of the body of a search."""
    filter: str = ""
    sort: str = "-id"
    page: int = 1

    @property
    def theirs(self) -> str:
        """The query of PocketBase's list."""
        parts = [f"page={self.page}", f"perPage={PAGE}", f"sort={quote(self.sort)}"]
        return "&".join([*parts, f"filter={quote(self.filter)}"] if self.filter else parts)


Make: TypeAlias = Callable[[random.Random], Question]


def _test(key: str, operator: str, value: Json) -> Json:
    return {"field": f"properties.{key}", "operator": operator, "value": value}


def _by(key: str) -> dict[str, Json]:
    return {"sort": [{"field": f"properties.{key}", "direction": "desc"}]}


def _least(dice: random.Random, share: float) -> float:
    """A score that about this share of the records reach."""
    return round(1000 * (1 - share) - dice.random() * share * 100, 3)


def _range(share: float, sort: str = "") -> Make:
    def make(dice: random.Random) -> Question:
        least = _least(dice, share)
        ours: dict[str, Json] = {"filters": [_test("score", "range", {"gte": least})]}
        return Question(ours | (_by(sort) if sort else {}), f"score>={least}", f"-{sort}" if sort else "-id")

    return make


def _city(dice: random.Random, sort: str = "") -> Question:
    city = dice.choice(some_cities(200))
    ours: dict[str, Json] = {"filters": [_test("city", "eq", city)]}
    return Question(ours | (_by(sort) if sort else {}), f"city='{city}'", f"-{sort}" if sort else "-id")


def _both(sort: str = "") -> Make:
    def make(dice: random.Random) -> Question:
        least, plan = _least(dice, 0.1), dice.choice(PLANS)
        ours: dict[str, Json] = {"filters": [_test("plan", "eq", plan), _test("score", "range", {"gte": least})]}
        text = f"plan='{plan}' && score>={least}"
        return Question(ours | (_by(sort) if sort else {}), text, f"-{sort}" if sort else "-id")

    return make


def _either(dice: random.Random) -> Question:
    least, city = _least(dice, 0.001), dice.choice(some_cities(200))
    tests: Json = [_test("city", "eq", city), _test("score", "range", {"gte": least})]
    return Question({"filters": [{"group": "OR", "filters": tests}]}, f"city='{city}' || score>={least}")


def _contains(dice: random.Random) -> Question:
    word = dice.choice(rare_words(200)).lower()
    return Question({"filters": [_test("email", "contains", f".{word}.")]}, f"email~'.{word}.'")


def _text(words: Callable[[], list[str]]) -> Make:
    def make(dice: random.Random) -> Question:
        word = dice.choice(words())
        return Question({"query": word}, f"name~'{word}'")

    return make


def _sorted(page: int) -> Make:
    def make(dice: random.Random) -> Question:
        at = page + dice.randrange(3)
        return Question({**_by("score"), "page": at}, sort="-score", page=at)

    return make


QUESTIONS: dict[str, Make] = {
    "page of 20, with total": lambda dice: Question({"page": (at := 1 + dice.randrange(3))}, page=at),
    "equal, 0.05 % match": _city,
    "equal, 0.05 %, sorted": lambda dice: _city(dice, "score"),
    "range, 0.1 %": _range(0.001),
    "range, 1 %": _range(0.01),
    "range, 10 %": _range(0.1),
    "range, 50 %": _range(0.5),
    "range, 0.1 %, sorted by another": _range(0.001, "seats"),
    "range, 1 %, sorted by another": _range(0.01, "seats"),
    "range, 10 %, sorted by another": _range(0.1, "seats"),
    "range, 50 %, sorted by another": _range(0.5, "seats"),
    "two conditions": _both(),
    "two conditions, sorted": _both("seats"),
    "either of two": _either,
    "contains": _contains,
    "sorted": _sorted(1),
    "sorted, deep": _sorted(38),
    "text, 0.1 %": _text(lambda: rare_words(200)),
    "text, 5 %": _text(common_words),
}
"""By what each kind is called."""


def variants(name: str) -> Iterator[Question]:
    """The same questions of a kind in every run."""
    dice = random.Random(name)
    for _ in range(VARIANTS):
        yield QUESTIONS[name](dice)
