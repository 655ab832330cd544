"""What every field type accepts, refuses and changes, as one table; other suites read it too."""

from __future__ import annotations

from groundlevel.kernel.model import DataType
from tests.kernel.fields.rows import choice, date, email, file_upload, money, number, phone, text
from tests.kernel.fields.rows.base import Examples, RefusedChange, field_of

__all__ = ["ALL", "EXAMPLES", "VARIANTS", "Examples", "RefusedChange", "field_of"]

EXAMPLES: dict[DataType, Examples] = {
    DataType.TEXT: text.TEXT,
    DataType.LARGE_TEXT: text.LARGE_TEXT,
    DataType.NUMERICAL: number.NUMERICAL,
    DataType.PHONE: phone.PHONE,
    DataType.MONETARY: money.MONETARY,
    DataType.CHECKBOX: choice.CHECKBOX,
    DataType.SINGLE_OPTIONS: choice.SINGLE_OPTIONS,
    DataType.MULTIPLE_OPTIONS: choice.MULTIPLE_OPTIONS,
    DataType.DATE: date.DATE,
    DataType.TEXTBOX_LIST: text.TEXTBOX_LIST,
    DataType.FILE_UPLOAD: file_upload.FILE_UPLOAD,
    DataType.RADIO: choice.RADIO,
    DataType.EMAIL: email.EMAIL,
}
"""One definition for every data type."""

VARIANTS: tuple[Examples, ...] = (
    choice.CUSTOM_RADIO,
    choice.TAGS,
    choice.WITHOUT_OPTIONS,
    file_upload.TWO_PDFS,
    file_upload.ONE_PICTURE,
    file_upload.ANY_FORMAT,
)
"""Further definitions, whose settings change what their type does."""

ALL: tuple[Examples, ...] = (*EXAMPLES.values(), *VARIANTS)
