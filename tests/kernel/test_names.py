"""Keys made from names are plain, different from each other, and made in linear time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundlevel.kernel.errors import InvalidKey
from groundlevel.kernel.names import check_option_key, key_stem, option_keys


@pytest.mark.parametrize(
    ("labels", "keys"),
    [
        (["A+", "A-"], ["a", "a_2"]),
        (["C", "C++", "C#"], ["c", "c_2", "c_3"]),
        (["Zoë", "Straße 1"], ["zoe", "strasse_1"]),
        (["Light Green", "2nd", "50 %"], ["light_green", "2nd", "50"]),
        (["A", "a"], ["a_2", "a"]),
        (["A", "a", "A!", "a_2"], ["a_3", "a", "a_4", "a_2"]),
        (["名前", "+", "-"], ["名前", "+", "-"]),
        (["...", '"'], ["option", "option_2"]),
        (["x" * 300, "X" * 300], ["x" * 190, "x" * 190 + "_2"]),
    ],
)
def test_keys_of_options(labels: list[str], keys: list[str]) -> None:
    assert option_keys(labels) == keys


def test_keys_that_are_taken_are_left_alone() -> None:
    assert option_keys(["Red", "red", "Blue"], ["red", "red_2"]) == ["red_3", "red_4", "blue"]


@given(labels=st.lists(st.text("aA+-1_é .", min_size=1, max_size=4), max_size=40, unique=True), data=st.data())
def test_a_key_means_one_option(labels: list[str], data: st.DataObject) -> None:
    taken = data.draw(st.lists(st.text("a1_2", min_size=1, max_size=3), max_size=5))
    keys = option_keys(labels, taken)
    assert len(set(keys)) == len(keys)
    assert not {*keys} & {*taken}
    for key, label in zip(keys, labels, strict=True):
        assert check_option_key(key) == key
        assert key == label or key not in labels


def test_many_options_of_one_stem_take_linear_time() -> None:
    class Label(str):
        __slots__ = ()
        looked_up = 0

        def __hash__(self) -> int:
            Label.looked_up += 1
            return super().__hash__()

    def cost(count: int) -> int:
        Label.looked_up = 0
        option_keys([Label("+" * number + "a") for number in range(1, count + 1)])
        return Label.looked_up

    assert cost(4_000) <= 2.1 * cost(2_000)
    assert option_keys(["+" * number + "a" for number in range(1, 10_001)])[-1] == "a_10000"


@pytest.mark.parametrize("key", ["a.b", 'q"', "a\\b", "a~1", "a\n", "", "x" * 201])
def test_refused_keys_of_options(key: str) -> None:
    with pytest.raises(InvalidKey):
        check_option_key(key)


def test_a_stem_is_plain() -> None:
    assert key_stem("  Zoë's AGE (years) ") == "zoe_s_age_years"
    assert key_stem("名前") == ""
