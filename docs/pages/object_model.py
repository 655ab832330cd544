"""The page of the object model: nouns, keys, identifiers, standard objects, scopes and limits."""

from __future__ import annotations

from groundlevel.access.rules import TOKEN_PREFIX
from groundlevel.kernel.fields import TYPES
from groundlevel.kernel.ids import Clock, Ids
from groundlevel.kernel.model import CUSTOM_PREFIX, MAX_SAFE_INTEGER
from groundlevel.kernel.scopes import declared_scopes
from groundlevel.records.rules import MAX_FOLLOWERS, MAX_OWNERS
from groundlevel.schema.field_rules import MAX_UNIQUE
from groundlevel.schema.object_rules import MAX_SEARCHABLE, MAX_SEARCHABLE_STANDARD, PRIMARY_TYPES
from groundlevel.standard.objects import STANDARD_OBJECTS
from pages.markdown import code, table
from pages.markdown import page as whole

NOUNS = (
    ("company", "the agency: the owner of locations"),
    ("location", "the tenant, a sub-account; nothing reaches from one into another"),
    ("object", "a schema: what records of one kind look like; custom or standard"),
    ("field", "the definition of one property of an object; its data type and key never change"),
    ("folder", "a group of fields of one object"),
    ("record", "an instance of an object: properties, up to one owner, up to ten followers"),
    ("token", "who calls: it reaches one location, or all locations of one company, with some scopes"),
)


class _Moment(Clock):
    """A fixed timestamp, so that the page is the same every day."""

    def now(self) -> int:
        return 1_720_690_200_000


def page() -> str:
    """The page."""
    ids = Ids(seed=1, clock=_Moment())
    return whole(
        "Object model",
        table(("noun", "is"), NOUNS),
        "The [glossary](../glossary.md) has all words.",
        "## Keys",
        f"The key of a custom object is `{CUSTOM_PREFIX}<key>`, that of its field in full "
        f"`{CUSTOM_PREFIX}<key>.<field>`; `properties` and filters use the short key, `<field>`. Keys hold "
        "lower-case letters, digits and underscores, begin with a letter and never change. An object is addressed "
        "by its key or its id.",
        "## Identifiers",
        table(
            ("of", "form", "example"),
            (
                ("record, object", "24 hex digits", code(ids.record_id())),
                ("location, company, user, field, folder", "20 letters and digits", code(ids.short_id())),
                ("token", f"{code(TOKEN_PREFIX)} and a UUID; the secret is stored only as a hash", "shown once"),
                ("trace", "UUID", code(ids.uuid())),
            ),
        ),
        "The first eight digits of a record's id are its second of creation, and ids grow with time: the order of "
        "ids is the order of creation.",
        "## Records",
        "A record is shown under both of the platform's spellings: `createdAt` and `dateAdded`, `updatedAt` and "
        "`dateUpdated`, `owners` and `owner`. On update, properties that are left out stay as they are and `null` "
        'clears one. Lists take `{"add": […], "remove": […]}`; profile `spec` also takes a whole list, which '
        "replaces the stored one.",
        "A field that is deleted takes its values out of sight at once. A new field of the same name does not get them "
        "back.",
        "## Standard objects",
        "Every location has them. Records can be kept for `business` and for custom objects; contacts and "
        "opportunities have APIs of their own.",
        *(_standard()),
        "## Scopes",
        "A token holds all scopes unless told otherwise. A write scope does not include the readonly one.",
        "\n".join(f"- {code(scope)}" for scope in declared_scopes()),
        "## Limits",
        table(("most", "number"), _limits()),
    )


def _standard() -> list[str]:
    parts = []
    for row in STANDARD_OBJECTS:
        fields = table(
            ("property", "name", "dataType", "required"),
            ((code(key), name, code(kind), "yes" if key in row.required else "no") for key, name, kind in row.fields),
        )
        searchable = ", ".join(code(key) for key in row.searchable)
        parts += [f"### {row.key}", f"Primary property {code(row.primary)}; searchable: {searchable}.", fields]
    return parts


def _limits() -> list[tuple[str, str]]:
    unique = ", ".join(code(name) for name, kind in TYPES.items() if kind.may_be_unique)
    return [
        ("searchable properties of a custom object", str(MAX_SEARCHABLE)),
        ("searchable properties of a standard object", str(MAX_SEARCHABLE_STANDARD)),
        (f"unique fields of an object (of type {unique})", str(MAX_UNIQUE)),
        ("owners of a record", str(MAX_OWNERS)),
        ("followers of a record", str(MAX_FOLLOWERS)),
        ("magnitude of a number", f"{MAX_SAFE_INTEGER:,}"),
        (
            f"data types of a primary property: {', '.join(code(kind) for kind in PRIMARY_TYPES)}",
            str(len(PRIMARY_TYPES)),
        ),
    ]
