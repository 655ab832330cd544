"""What can be said of the tests of a search before it is run."""

from __future__ import annotations

import math
from collections.abc import Hashable

from groundlevel.kernel.query.ast import Contains, Every, Not, Plan, Related, Some, Test, Within
from groundlevel.kernel.storage.dialect import Dialect, has_entries
from groundlevel.kernel.storage.totals import LONGEST


def conjuncts(where: Test | None) -> tuple[Test, ...]:
    """The tests that a record has to fulfil, all of them."""
    if where is None:
        return ()
    return where.tests if isinstance(where, Every) else (where,)


def is_exact(test: Test, dialect: Dialect) -> bool:
    """Whether indexes that serve the test name no record too many."""
    match test:
        case Some(tests) | Every(tests):
            return all(has_entries(each) and is_exact(each, dialect) for each in tests)
        case Contains():
            return not dialect.cuts_texts
        case Within(_, values):
            return all(not isinstance(value, str) or len(value) < 400 for value in values)
    return True


def is_memorable(plan: Plan) -> bool:
    """Whether the total depends on nothing but the object's records, and its question is short enough to keep."""
    return plan.where is None or _size_of(plan.where) <= LONGEST


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


def _size_of(test: Test) -> float:
    match test:
        case Some(tests) | Every(tests):
            return sum(_size_of(each) for each in tests) + 1
        case Not(inner):
            return _size_of(inner)
        case Within(_, values) | Contains(_, values):
            return len(values)
        case Related():
            return math.inf
    return 1
