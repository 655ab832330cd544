"""The bodies and replies of the operations on the fields of a location's contacts and opportunities."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from groundlevel.kernel.http.bodies import BOUNDED, MAX_OPTIONS, Body, Filled, Flag, Names, Text
from groundlevel.kernel.model import DataType
from groundlevel.schema.schemas import FileLimit

Model = Literal["contact", "opportunity"]
Labels = Annotated[list[Filled], Meta(max_length=MAX_OPTIONS)]
Position = Annotated[int, Meta(ge=0, le=100_000)] | None | UnsetType


class TextBox(Body, kw_only=True):
    """One box of a list of text boxes."""

    label: Filled
    prefill_value: Text = UNSET


class LiveLocationFieldUpdate(Body, kw_only=True):
    """A change of a field: members left out stay. Options replace the whole list and may not leave out a stored one."""

    name: Filled
    placeholder: Text = UNSET
    accepted_format: Names | None | UnsetType = UNSET
    is_multiple_file: Flag = UNSET
    max_number_of_files: FileLimit = UNSET
    text_box_list_options: Annotated[list[TextBox | str], BOUNDED] | None | UnsetType = UNSET
    options: Labels | None | UnsetType = UNSET
    picklist_options: Labels | None | UnsetType = UNSET
    """Another name of `options`, as replies spell it."""
    position: Position = UNSET
    model: Model | None | UnsetType = UNSET


class LiveLocationFieldCreation(LiveLocationFieldUpdate, kw_only=True):
    """A new field; of contacts if `model` is left out. Its key is made from its name unless it is sent."""

    data_type: DataType
    field_key: Text = UNSET
    parent_id: Text = UNSET
    """The folder; the default one if left out."""


class LocationFieldUpdate(LiveLocationFieldUpdate, kw_only=True):
    """A change of a field: members left out stay. `isSensitive` is an extension: the log of changes keeps no value of
    such a field."""

    is_sensitive: Flag = UNSET


class LocationFieldCreation(LiveLocationFieldCreation, kw_only=True):
    """A new field; of contacts if `model` is left out. `isSensitive` is an extension, as in a change."""

    is_sensitive: Flag = UNSET


class LocationFieldBody(Struct, rename="camel"):
    """A field of contacts or opportunities; members that do not apply to its data type are absent."""

    id: str
    name: str
    model: Model
    field_key: str
    data_type: str
    position: int
    location_id: str
    parent_id: str
    document_type: Literal["field"]
    placeholder: str = ""
    picklist_options: list[str] | UnsetType = UNSET
    """The labels of the options, which are also their values in contacts and opportunities."""
    picklist_image_options: list[str] | UnsetType = UNSET
    is_allowed_custom_option: bool | UnsetType = UNSET
    is_multi_file_allowed: bool | UnsetType = UNSET
    max_file_limit: int | UnsetType = UNSET
    accepted_format: list[str] | UnsetType = UNSET
    is_sensitive: bool | UnsetType = UNSET
    """true where the log of changes keeps no value of the field, else absent; an extension."""


class LocationFieldReply(Struct, rename="camel"):
    """One field."""

    custom_field: LocationFieldBody
    trace_id: str


class LocationFieldsReply(Struct, rename="camel"):
    """The fields of a location's contacts and opportunities."""

    custom_fields: list[LocationFieldBody]
    trace_id: str


class SucceededReply(Struct, rename="camel"):
    """Says that something was deleted. The misspelt member is the contract."""

    succeded: bool
    trace_id: str
