"""Examples of e-mail addresses."""

from __future__ import annotations

from groundlevel.kernel.errors import InvalidValue
from groundlevel.kernel.model import DataType
from tests.kernel.fields.rows.base import NUL, Examples, RefusedChange, field_of

EMAIL = Examples(
    field=field_of(DataType.EMAIL),
    accepted=(
        ("ann@example.com", "ann@example.com"),
        ("Ann.Smith+tag@Mail.Example.COM", "ann.smith+tag@mail.example.com"),
        ("  ann@example.com\n", "ann@example.com"),
        ("o'brien_1%x@sub-domain.example.co.uk", "o'brien_1%x@sub-domain.example.co.uk"),
        ("用户@例子.广告", "用户@例子.广告"),
        ("ann@xn--fsq.xn--p1ai", "ann@xn--fsq.xn--p1ai"),
        ("a" * 64 + "@example.com", "a" * 64 + "@example.com"),
    ),
    refused=(
        ("ann", "expected an e-mail address"),
        ("ann@", "expected an e-mail address"),
        ("@example.com", "expected an e-mail address"),
        ("ann@example", "expected an e-mail address"),
        ("ann@example..com", "expected an e-mail address"),
        ("ann@-example.com", "expected an e-mail address"),
        ("ann@example-.com", "expected an e-mail address"),
        ("ann@example.com.", "expected an e-mail address"),
        ("ann@127.0.0.1", "expected an e-mail address"),
        ("ann@[127.0.0.1]", "expected an e-mail address"),
        ("a@b@example.com", "expected an e-mail address"),
        (".ann@example.com", "expected an e-mail address"),
        ("ann.@example.com", "expected an e-mail address"),
        ("an n@example.com", "expected an e-mail address"),
        ("an\u00a0n@example.com", "expected an e-mail address"),
        ('"an n"@example.com', "expected an e-mail address"),
        ("Ann <ann@example.com>", "expected an e-mail address"),
        ("ann@example.com, bob@example.com", "expected an e-mail address"),
        ("ann@example.com\nBcc: bob@example.com", "expected an e-mail address"),
        ("mailto:ann@example.com", "expected an e-mail address"),
        ("a" * 65 + "@example.com", "expected an e-mail address"),
        ("ann@" + "a" * 64 + ".com", "expected an e-mail address"),
        ("ann@" + "a." * 124 + "com", "expected an e-mail address"),
        ("a" * 20_000, "expected an e-mail address"),
        ("ann\x00@example.com", NUL),
        (5, "expected a string, got a number"),
        (["ann@example.com"], "expected a string, got an array"),
    ),
    refused_beyond_json=(("\ud800@example.com", NUL),),
    changed=((None, "a@example.com", "a@example.com"), ("a@example.com", "b@example.com", "b@example.com")),
    strictly_changed=(("a@example.com", "b@example.com", "b@example.com"),),
    refused_changes=(RefusedChange("a@example.com", "a@", False, InvalidValue, "expected an e-mail"),),
    cells=((" ann@example.com ", "ann@example.com"),),
    refused_cells=("n/a", "ann@example.com;bob@example.com"),
    search=(("Ann@example.com", "Ann@example.com"),),
    operands=(("ann@", "ann@"), ("Ann@Example.com", "ann@example.com")),
    refused_operands=(5, None),
    distinct=(("a@example.com", "A@Example.com", False), ("a@example.com", "b@example.com", True)),
)
