"""What can be said of the tests of a search before it is run."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from groundlevel.kernel.fields.base import Comparison
from groundlevel.kernel.query.ast import (
    Between,
    Contains,
    Every,
    Not,
    Plan,
    PropertyOperand,
    Related,
    Some,
    Test,
    TextMatch,
    Within,
    asks_for_relations,
)
from groundlevel.kernel.storage.dialect import Dialect, has_entries
from groundlevel.kernel.storage.totals import LONG, LONGEST

_SORTABLE = (Comparison.TEXT, Comparison.NUMBER, Comparison.DAY)


def conjuncts(where: Test | None) -> tuple[Test, ...]:
    """The tests that a record has to fulfil, all of them."""
    if where is None:
        return ()
    return where.tests if isinstance(where, Every) else (where,)


def is_exact(test: Test, *, cut: bool) -> bool:
    """Whether indexes that serve the test name no record too many.

    `cut` says whether a text in which the test looks for another may be longer than what its index holds of it.
    """
    match test:
        case Some(tests) | Every(tests):
            return all(has_entries(each) and is_exact(each, cut=cut) for each in tests)
        case Contains():
            return not cut
        case Within(_, values):
            return all(not isinstance(value, str) or len(value) < 400 for value in values)
    return True


def find_listed(plan: Plan, dialect: Dialect, *, cut: bool) -> Test | TextMatch | None:
    """That for which indexes list exactly what the plan is to find, in its order; None if they cannot.

    A text is listed where that costs the same as to find some of it. `cut` is as for `is_exact`.
    """
    test = plan.where
    if plan.order or (test is None) is (plan.text is None) or isinstance(test, Every):
        return None
    if test is None:
        return plan.text if dialect.collects_texts else None
    return test if has_entries(test) and is_exact(test, cut=cut) else None


def is_scanned(sought: Test | TextMatch) -> bool:
    """Whether what indexes name for it costs the same, however few of that are taken."""
    return isinstance(sought, TextMatch) or bool(find_contained(sought))


def find_contained(test: Test | None) -> frozenset[PropertyOperand]:
    """The operands in whose indexes the test looks for parts of texts, each once."""
    match test:
        case Contains(PropertyOperand(indexed=True) as operand):
            return frozenset((operand,))
        case Some(tests) | Every(tests):
            return frozenset().union(*map(find_contained, tests))
        case Not(inner):
            return find_contained(inner)
    return frozenset()


def find_sort_operand(plan: Plan) -> PropertyOperand | None:
    """The operand whose index has the plan's order, unless its entries are too short for that; None if none has."""
    if len(plan.order) != 1 or plan.id_ascending is plan.order[0].descending:
        return None
    operand = plan.order[0].operand
    if not isinstance(operand, PropertyOperand) or not operand.indexed or operand.comparison not in _SORTABLE:
        return None
    return operand


def is_memorable(plan: Plan) -> bool:
    """Whether the total depends on nothing but the object's records, and its question is short enough to keep."""
    if asks_for_relations(plan.where) or _weigh(plan.after) > LONGEST:
        return False
    return plan.where is None or is_short(plan.where)


def is_short(test: Test | TextMatch) -> bool:
    """Whether a test, or a text that is sought, names little enough to be kept."""
    return isinstance(test, TextMatch) or _size_of(test) <= LONGEST


def kind_of(plan: Plan) -> Hashable:
    """What a search has in common with others that differ from it in values alone."""
    order = tuple((each.operand, each.descending) for each in plan.order)
    return plan.text is not None, _form_of(plan.where), order, bool(plan.after), bool(plan.offset)


def _form_of(test: Test | None) -> Hashable:
    match test:
        case Some(tests) | Every(tests):
            return type(test), frozenset(map(_form_of, tests))
        case Not(inner):
            return Not, _form_of(inner)
        case Related():
            return Related
        case None:
            return None
    return type(test), test.operand


def _size_of(test: Test) -> int:
    match test:
        case Some(tests) | Every(tests):
            return sum(_size_of(each) for each in tests) + 1
        case Not(inner):
            return _size_of(inner)
        case Within(_, values) | Contains(_, values):
            return _weigh(values)
        case Between(_, low, high):
            return _weigh([bound.value for bound in (low, high) if bound is not None])
        case Related(record_ids=ids):
            return len(ids)
    return 1


def _weigh(values: Iterable[str | float | None]) -> int:
    """How many values there are, where every LONG characters of a text are one more."""
    return sum(1 + len(value) // LONG if isinstance(value, str) else 1 for value in values)
