"""Folding: what plain text search holds to be the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundlevel.kernel.fields.fold import fold


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("   \t\n ", ""),
        ("Buddy", "buddy"),
        ("ZOË", "zoe"),
        ("zoë", "zoe"),
        ("zoe\u0308", "zoe"),
        ("ZOË  Émile", "zoe emile"),
        ("Straße", "strasse"),
        ("STRASSE", "strasse"),
        ("\u1e9e", "ss"),
        ("\ufb01nd the o\ufb03ce", "find the office"),
        ("\uff21\uff22\uff11", "ab1"),
        ("x\u00b2 \u2460 \u2122", "x2 1 tm"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
        ("Σίσυφος", "σισυφοσ"),
        ("İstanbul", "istanbul"),
        ("ŁÓDŹ Đurić ðalur", "lodz duric dalur"),
        ("Ærø Œuvre Þór Ħal ŧ ıgdır", "aero oeuvre thor hal t igdir"),
        ("Ångström \u212b", "angstrom a"),
        ("한국", "한국"),
        ("\u1112\u1161\u11ab국", "한국"),
        ("  a\r\nb\u2028c\u2029d\x0be\x0cf\x85g\x1ch\u00a0i\u3000j  ", "a b c d e f g h i j"),
        ("one\ttwo   three", "one two three"),
        ("🐕‍🦺 Rex", "🐕‍🦺 rex"),
        ("100%_\\'\"*", "100%_\\'\"*"),
    ],
)
def test_folds(text: str, expected: str) -> None:
    assert fold(text) == expected


@pytest.mark.parametrize(("one", "other"), [("Zoë", "Zoé?"), ("a b", "ab"), ("-", "_")])
def test_keeps_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_a_folded_text_is_one_line_without_blanks_around_it(text: str) -> None:
    line = fold(text)
    assert line.split() == line.split(" ") if line else True
    assert len(line.splitlines()) <= 1


@given(st.text(), st.text())
def test_words_are_found_again(before: str, word: str) -> None:
    assert fold(word) in fold(f"{before} {word}")


@given(st.text("aAàÀßẞﬁéÉ \n", max_size=20))
def test_case_does_not_matter(text: str) -> None:
    assert fold(text.upper()) == fold(text) == fold(text.lower())
