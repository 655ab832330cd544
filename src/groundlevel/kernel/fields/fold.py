"""Folds text for search, so that case, accents and spacing do not matter."""

from __future__ import annotations

import re
import unicodedata

_BLANK = re.compile(r"\s+")
_LETTERS = str.maketrans(
    {"ł": "l", "đ": "d", "ð": "d", "ø": "o", "æ": "ae", "œ": "oe", "þ": "th", "ħ": "h", "ŧ": "t", "ı": "i"}
)
"""Letters that Unicode does not take apart, and that people look for by their plain likes."""


def fold(text: str) -> str:
    """`text` without case, accents, compatibility forms and line breaks: `"ZOË  Émile"` becomes `"zoe emile"`.

    Both engines store and compare this form, since neither folds beyond ASCII in the way of the other.
    """
    if text.isascii():
        plain = text.lower()
    else:
        decomposed = unicodedata.normalize("NFKD", text.casefold())
        plain = "".join(c for c in decomposed if not unicodedata.combining(c))
        plain = unicodedata.normalize("NFC", plain).casefold().translate(_LETTERS)
    return _BLANK.sub(" ", plain).strip()
