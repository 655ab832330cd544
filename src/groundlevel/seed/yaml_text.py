"""Turns YAML into JSON, where PyYAML is installed; it is loaded at the first text that is YAML.

Scalars are what JSON would read them as: `true`, `null` and `8.5`; everything else is text, and so is every key. So a
postcode `01234`, a country `NO` and a date `2026-01-31` stay what they look like, which YAML 1.1 makes a number, false
and a date.
"""

from __future__ import annotations

import math
import re
from typing import Any

import msgspec

_TAG = "tag:yaml.org,2002:"
_NUMBER = r"-?(?:0|[1-9][0-9]*)"
_SCALARS = {
    "null": re.compile(r"(?:~|null|)\Z"),
    "bool": re.compile(r"(?:true|false)\Z"),
    "int": re.compile(rf"{_NUMBER}\Z"),
    "float": re.compile(rf"{_NUMBER}(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\Z"),
}


class YamlMissing(Exception):
    """PyYAML is not installed."""


def json_of_yaml(text: bytes) -> bytes:
    """The JSON that says the same as a document.

    Raises YamlMissing, and ValueError, which says where the text is none or has what JSON lacks.
    """
    try:
        import yaml
    except ImportError:
        raise YamlMissing from None
    try:
        return msgspec.json.encode(_loader()(text).get_single_data())
    except (yaml.YAMLError, RecursionError) as problem:
        raise ValueError(" ".join(str(problem).replace('"<byte string>", ', "").split())) from None


def _loader() -> Any:
    """The class of a loader. It is PyYAML's own in Python: that in C ends the process where lists nest too deep."""
    import yaml
    from yaml.constructor import ConstructorError, SafeConstructor

    class Loader(yaml.SafeLoader):
        yaml_implicit_resolvers = {}  # noqa: RUF012  the library's way
        yaml_constructors = {  # noqa: RUF012
            None: SafeConstructor.construct_undefined,
            _TAG + "null": SafeConstructor.construct_yaml_null,
            _TAG + "bool": SafeConstructor.construct_yaml_bool,
            _TAG + "int": lambda loader, node: int(loader.construct_scalar(node)),
            _TAG + "float": lambda loader, node: _finite(loader.construct_scalar(node)),
            _TAG + "str": SafeConstructor.construct_yaml_str,
            _TAG + "seq": SafeConstructor.construct_yaml_seq,
            _TAG + "map": SafeConstructor.construct_yaml_map,
        }

        def compose_node(self, parent: Any, index: Any) -> Any:
            event: Any = self.peek_event()  # type: ignore[no-untyped-call]
            mark = event.start_mark
            if isinstance(event, yaml.AliasEvent):
                # A few lines of them would stand for more values than any memory holds.
                raise ConstructorError(None, None, f"found an alias, *{event.anchor}", mark)
            if getattr(event, "tag", None) is not None:
                raise ConstructorError(None, None, f"found a tag, {event.tag}", mark)
            return super().compose_node(parent, index)

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            seen = set()
            for key, _ in node.value:
                if not isinstance(key, yaml.ScalarNode):
                    raise ConstructorError(None, None, "found a key that is no text", key.start_mark)
                if key.value in seen:
                    raise ConstructorError(None, None, f"found {key.value} a second time", key.start_mark)
                seen.add(key.value)
                key.tag = _TAG + "str"
            return super().construct_mapping(node, deep)

    for name, pattern in _SCALARS.items():
        Loader.add_implicit_resolver(_TAG + name, pattern, None)
    return Loader


def _finite(text: str) -> float:
    """Raises ValueError."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is too large a number")
    return number
