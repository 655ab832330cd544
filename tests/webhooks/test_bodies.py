"""The body of a webhook is what JSON.stringify would make of it (docs/contract.md#webhook-signatures)."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some

from groundlevel.kernel.events import event_kinds
from groundlevel.kernel.model import Json
from groundlevel.webhooks.bodies import body_of
from groundlevel.webhooks.model import Delivery, Webhook
from groundlevel.webhooks.payloads import number_text, value_string
from tests.needs import missing

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
AWKWARD = [
    "",
    "\b\f\n\r\t\0\x1f",
    '"\\/',
    "\x7f\x80\u2028\u2029",
    "é ZOË 漢 \U0001f436",
    "\ufeff",
    "</script>",
    "a" * 300,
]

texts = some.text() | some.sampled_from(AWKWARD)
numbers = some.integers(-(2**53) + 1, 2**53 - 1) | some.floats(allow_nan=False, allow_infinity=False)
values = some.recursive(
    some.none() | some.booleans() | numbers | texts,
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(texts.map("k{}".format), inner, max_size=4),
    max_leaves=12,
)
payloads = some.dictionaries(texts.map("m{}".format), texts | some.booleans() | some.lists(texts), max_size=5)


def stringified(value: Json) -> str:
    """What JSON.stringify writes, by the letter of ECMA-262, 25.5.2."""
    if isinstance(value, str):
        return '"' + "".join(_escaped(character) for character in value) + '"'
    if isinstance(value, list):
        return "[" + ",".join(map(stringified, value)) + "]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{stringified(key)}:{stringified(item)}" for key, item in value.items()) + "}"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return numeral(value)


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    return f"\\u{ord(character):04x}" if character < " " else character


def numeral(value: float) -> str:
    """What Number::toString writes, by the letter of ECMA-262, 6.1.6.1.20."""
    if value == 0:
        return "0"
    if value < 0:
        return "-" + numeral(-value)
    mantissa, _, exponent = f"{float(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    n = int(exponent or 0) + (len(whole) if whole != "0" else -(len(fraction) - len(fraction.lstrip("0"))))
    digits = digits.rstrip("0")
    k = len(digits)
    if k <= n <= 21:
        return digits + "0" * (n - k)
    if 0 < n <= 21:
        return f"{digits[:n]}.{digits[n:]}"
    if -6 < n <= 0:
        return f"0.{'0' * -n}{digits}"
    sign = "+" if n > 0 else "-"
    return f"{digits[0]}{'.' if k > 1 else ''}{digits[1:]}e{sign}{abs(n - 1)}"


def body(payload: Json, *, event_type: str = "RecordCreate", app_id: str | None = None) -> str:
    """The body of a delivery with a payload."""
    text = msgspec.json.encode(payload).decode()
    delivery = Delivery("an-id", 1, 1, "w", event_type, "s", text, "pending", 0, 0, 0, None)
    return body_of(delivery, Webhook("w", app_id, None, None, "", (), None, 0), now=1_720_690_539_032).decode()


@given(payloads)
def test_a_body_is_what_stringify_writes(payload: dict[str, Json]) -> None:
    text = body(payload)
    assert text == stringified(json.loads(text))


@pytest.mark.parametrize("sample", [kind.sample for kind in event_kinds()], ids=[kind.type for kind in event_kinds()])
def test_so_is_every_sample(sample: dict[str, Json]) -> None:
    text = body(sample)
    assert text == stringified(json.loads(text))


@given(values)
def test_what_is_shown_of_a_property_is_what_javascript_shows(value: Json) -> None:
    shown = value_string(value) if value is not None else "null"
    assert shown == (value if isinstance(value, str) else stringified(value))


@given(numbers)
def test_numbers_are_written_as_javascript_writes_them(value: float) -> None:
    assert number_text(value) == numeral(value)


def test_the_envelope() -> None:
    assert body({}) == (
        '{"type":"RecordCreate","timestamp":"2024-07-11T09:35:39.032Z","webhookId":"an-id","appId":"w"}'
    )
    assert body({"id": "x"}, event_type="INSTALL", app_id="64b7c0ffee64b7c0ffee0001") == (
        '{"type":"INSTALL","id":"x","timestamp":"2024-07-11T09:35:39.032Z","webhookId":"an-id",'
        '"appId":"64b7c0ffee64b7c0ffee0001"}'
    )


NUMBERS = [
    0,
    -0.0,
    0.1,
    1.0,
    -1.5,
    1e21,
    1e20,
    123456789012345680000.0,
    1e-6,
    1e-7,
    1.5e-7,
    5e-324,
    1.7976931348623157e308,
]


def test_node_agrees() -> None:
    node = shutil.which("node")
    if node is None:
        missing("node is not installed")
    bodies = [body({"m": AWKWARD, "n": text}) for text in AWKWARD] + [
        body(sample) for sample in (kind.sample for kind in event_kinds())
    ]
    numerals = [number_text(number) for number in NUMBERS]
    program = (
        "const {bodies, numbers} = JSON.parse(require('fs').readFileSync(0, 'utf8'));"
        "const again = bodies.map(body => JSON.stringify(JSON.parse(body)));"
        "console.log(JSON.stringify({bodies: again, numbers: numbers.map(String)}))"
    )
    given = json.dumps({"bodies": bodies, "numbers": NUMBERS})
    printed = subprocess.run([node, "-e", program], input=given, capture_output=True, text=True, check=True).stdout
    assert json.loads(printed) == {"bodies": bodies, "numbers": numerals}


def test_the_model_is_not_python_s_own() -> None:
    assert stringified("\x7f\u2028") == '"\x7f\u2028"' != json.dumps("\x7f\u2028")
    assert re.fullmatch(r"1e\+21", stringified(1e21))
