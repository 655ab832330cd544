"""The table of field types: each data type with its behaviour."""

from __future__ import annotations

from groundlevel.kernel.fields.base import FieldType
from groundlevel.kernel.fields.choice import Checkbox, MultipleOptions, Radio, SingleOptions
from groundlevel.kernel.fields.date import Date
from groundlevel.kernel.fields.email import Email
from groundlevel.kernel.fields.file_upload import FileUpload
from groundlevel.kernel.fields.money import Money
from groundlevel.kernel.fields.number import Number
from groundlevel.kernel.fields.phone import Phone
from groundlevel.kernel.fields.text import LargeText, Text
from groundlevel.kernel.fields.textbox_list import TextboxList
from groundlevel.kernel.model import DataType

TYPES: dict[DataType, FieldType] = {
    kind.name: kind
    for kind in (
        Text(), LargeText(), Number(), Phone(), Money(), Checkbox(), SingleOptions(), MultipleOptions(),
        Date(), TextboxList(), FileUpload(), Radio(), Email(),
    )
}  # fmt: skip
"""Every data type and what it does."""


def type_of(data_type: DataType) -> FieldType:
    """The behaviour of a data type."""
    return TYPES[data_type]
