"""Values that no careful client sends, as parameters of paths, queries and headers, and as members of bodies."""

from __future__ import annotations

NUMBERS = (
    "0", "-0", "-1", "+1", "1.5", "1e2", "1e400", "0x10", "0b1", "0o7", "1_000", " 1 ", "NaN", "Infinity", "-Infinity",
    str(2**31), str(2**63 - 1), str(2**63), str(-(2**63) - 1), str(2**64), str(10**30), str(-(10**30)),
    "0" * 4_000 + "1", "9" * 4_300, "9" * 5_000, "-" + "9" * 5_000, "0." + "0" * 5_000 + "1",
    "\u0663", "\u00b2", "\u2155", "\uff11", "\u0967" * 5_000,
)  # fmt: skip
"""Numbers of every length, sign, base and script, among them what only some readers take for one."""

TEXTS = (
    "", " ", "\t", "\n", "\0", "a\0b", "\x7f", "\x85", "\u2028", "\u202e", "\ufeff", "\ufffe", "e\u0301", "\U0001f600",
    "null", "true", "undefined", "[]", "{}", "[object Object]", "..", ",", ",,,,", "'", '"', "\\", "%", "_", "*", "$1",
    "a" * 300, "\U0001f600" * 2_000, "," * 3_000, "1970-01-01", "9999-12-31T23:59:59.999Z", "0000-00-00",
    "000000000000000000000000", "custom_objects.pet", "custom_objects.", "contact",
)  # fmt: skip
"""Texts: empty, of blanks and controls, of what has a meaning to some language, and long ones."""

ENCODED = (
    "%", "%2", "%zz", "%00", "%0", "%ff", "%c0%80", "%ed%a0%80", "%ed%b0%80", "%f4%90%80%80", "%2500", "%2e%2e%2f",
    "%2f", "%5c", "%0d%0a", "+", "%2b", "%u0041", "%E2%82", "%20",
)  # fmt: skip
"""Percent-encodings that are broken, of no UTF-8, of surrogates, or of what separates."""

JSON = (
    "null", "true", "false", "0", "-0", "-0.0", "-1", "1.5", "1e2", "1e308", "1e400", "-1e400", "1e-400",
    str(2**53 + 1), str(2**63 - 1), str(2**63), str(-(2**63) - 1), str(2**64), str(10**30), "9" * 5_000,
    "-" + "9" * 5_000, "0." + "0" * 5_000 + "1", '""', '" "', '"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"',
    '"\\ud83d\\ude00"', '"%00"', "[]", "{}", "[null]", "[[]]", "[{}]", "[true]", "[1e30]", '[""]', '["\\u0000"]',
    '{"": ""}', '{"a": null}', '{"id": {}}', '{"value": 1}', '{"$gt": 1}', '{"gte": "x", "lte": []}',
    "[" * 200 + "]" * 200, '{"a":' * 200 + "1" + "}" * 200, '["a","a"]', "[" + ",".join(["1"] * 3_000) + "]",
)  # fmt: skip
"""JSON texts of every type, of numbers that few readers hold, and of much in little."""
