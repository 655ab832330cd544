"""The text in which values are stored: JSON, written and read in one way.

Columns hold properties, origins, lists of texts and definitions as JSON text. Bodies of requests are decoded elsewhere,
into Structs.
"""

from __future__ import annotations

import msgspec

from groundlevel.kernel.model import Json

decode_object = msgspec.json.Decoder(dict[str, Json]).decode
"""An object, such as the stored properties of a record, from its text or bytes."""

decode_texts = msgspec.json.Decoder(tuple[str, ...]).decode
"""A list of texts from its text or bytes."""

encode_bytes = msgspec.json.Encoder().encode
"""The JSON of any value, Structs included, as UTF-8 bytes."""


def encode_text(value: Json) -> str:
    """The JSON of any value, Structs included, as text."""
    return encode_bytes(value).decode()
