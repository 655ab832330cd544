"""Lists of named text boxes."""

from __future__ import annotations

from groundlevel.kernel.fields.base import Comparison, FieldType
from groundlevel.kernel.fields.text import check_length
from groundlevel.kernel.model import DataType, Field, Json


class TextboxList(FieldType):
    """One box of the list: a text under `<field>.<option>`.

    Every method is given a single box; the compiled object flattens nested ones (docs/contract.md#decision-34).
    """

    name = DataType.TEXTBOX_LIST
    comparison = Comparison.TEXT
    may_be_indexed = False
    has_options = True

    def normalise(self, field: Field, value: Json) -> Json:
        return check_length(field, value)

    def search_text(self, field: Field, stored: Json) -> str:
        return str(stored)

    def from_cell(self, field: Field, cell: str) -> Json:
        return cell
