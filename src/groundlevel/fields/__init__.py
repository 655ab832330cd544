"""The table of field types; the only place where a data type meets its behaviour."""

from __future__ import annotations

from groundlevel.fields.base import FieldType
from groundlevel.fields.choice import Checkbox, MultipleOptions, Radio, SingleOptions
from groundlevel.fields.date import Date
from groundlevel.fields.email import Email
from groundlevel.fields.file_upload import FileUpload
from groundlevel.fields.money import Money
from groundlevel.fields.number import Number
from groundlevel.fields.phone import Phone
from groundlevel.fields.text import LargeText, Text
from groundlevel.fields.textbox_list import TextboxList
from groundlevel.model import DataType

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
