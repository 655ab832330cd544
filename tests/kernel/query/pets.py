"""An object with a field of every data type, for examples of searches."""

from __future__ import annotations

from groundlevel.kernel.fields.base import Comparison
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import Association, Cardinality, DataType, Field, Json, Object, Option
from groundlevel.kernel.query.ast import Column, ColumnOperand, PropertyOperand
from groundlevel.kernel.query.parse import SearchRequest

_OPTIONS = (Option("red", "Red"), Option("blue", "Blue"))


def _field(number: int, key: str, data_type: DataType, *, options: tuple[Option, ...] = ()) -> Field:
    return Field(
        id=f"field{number:015d}",
        number=number,
        key=key,
        stored_key="nick~2" if key == "nick" else key,
        name=key.replace("_", " ").title(),
        data_type=data_type,
        folder_id="folder00000000000001",
        created_at=1_700_000_000_000,
        updated_at=1_700_000_000_000,
        options=options,
    )


FIELDS = (
    _field(1, "name", DataType.TEXT),
    _field(2, "story", DataType.LARGE_TEXT),
    _field(3, "age", DataType.NUMERICAL),
    _field(4, "phone", DataType.PHONE),
    _field(5, "price", DataType.MONETARY),
    _field(6, "tags", DataType.CHECKBOX, options=_OPTIONS),
    _field(7, "colour", DataType.SINGLE_OPTIONS, options=_OPTIONS),
    _field(8, "colours", DataType.MULTIPLE_OPTIONS, options=_OPTIONS),
    _field(9, "born_on", DataType.DATE),
    _field(10, "boxes", DataType.TEXTBOX_LIST, options=(Option("a", "A"), Option("b", "B"))),
    _field(11, "papers", DataType.FILE_UPLOAD),
    _field(12, "size", DataType.RADIO, options=_OPTIONS),
    _field(13, "email", DataType.EMAIL),
    _field(14, "nick", DataType.TEXT),
)

PET = CompiledObject(
    Object(
        number=1,
        id="65a0000000000001aaaaaa01",
        key="custom_objects.pet",
        singular="Pet",
        plural="Pets",
        description=None,
        primary="name",
        searchable=("name", "boxes", "email"),
        standard=False,
        created_at=1_700_000_000_000,
        updated_at=1_700_000_000_000,
        version=1,
        fields=FIELDS,
        retired_keys=frozenset(("nick",)),
    )
)


def _association(number: int, association_id: str, objects: tuple[int, int]) -> Association:
    first, second = objects
    return Association(
        number=number,
        id=association_id,
        key=f"association_{number}",
        first_object=first,
        first_key=f"custom_objects.object_{first}",
        first_label="One",
        second_object=second,
        second_key=f"custom_objects.object_{second}",
        second_label="Other",
        cardinality=Cardinality.MANY_TO_MANY,
        first_limit=None,
        second_limit=None,
        standard=False,
        created_at=1_700_000_000_000,
        updated_at=1_700_000_000_000,
    )


ASSOCIATIONS = (
    _association(51, "65a0000000000001bbbbbb51", (1, 2)),
    _association(52, "KEEPERS_PETS_ASSOCIATION", (3, 1)),
    _association(53, "65a0000000000001bbbbbb53", (1, 1)),
    _association(54, "65a0000000000001bbbbbb54", (2, 3)),
)
"""Of pets with others, of others with pets, of pets with pets, and of others among themselves."""

ID = ColumnOperand(Column.ID, Comparison.TEXT)
CREATED = ColumnOperand(Column.CREATED_AT, Comparison.NUMBER)
UPDATED = ColumnOperand(Column.UPDATED_AT, Comparison.NUMBER)
OWNERS = ColumnOperand(Column.OWNERS, Comparison.MEMBERS)
FOLLOWERS = ColumnOperand(Column.FOLLOWERS, Comparison.MEMBERS)
NAME = PropertyOperand("name", (), Comparison.TEXT, 1)
STORY = PropertyOperand("story", (), Comparison.TEXT, 2)
AGE = PropertyOperand("age", (), Comparison.NUMBER, 3)
PHONE = PropertyOperand("phone", (), Comparison.TEXT, 4)
PRICE = PropertyOperand("price", ("value",), Comparison.NUMBER, 5)
TAGS = PropertyOperand("tags", (), Comparison.MEMBERS, 6)
COLOUR = PropertyOperand("colour", (), Comparison.TEXT, 7)
COLOURS = PropertyOperand("colours", (), Comparison.MEMBERS, 8)
BORN = PropertyOperand("born_on", (), Comparison.DAY, 9)
BOX_A = PropertyOperand("boxes.a", (), Comparison.TEXT, 10)
PAPERS = PropertyOperand("papers", (), Comparison.FILES, 11)
SIZE = PropertyOperand("size", (), Comparison.TEXT, 12)
EMAIL = PropertyOperand("email", (), Comparison.TEXT, 13)
NICK = PropertyOperand("nick~2", (), Comparison.TEXT, 14)


def request_of(body: dict[str, Json]) -> SearchRequest:
    """The search members of a wire body; a page of 20 unless it says otherwise."""
    return SearchRequest(
        text=body.get("query"),
        filters=body.get("filters"),
        sort=body.get("sort"),
        page=body.get("page", 1),
        page_limit=body.get("pageLimit", 20),
        search_after=body.get("searchAfter"),
    )
