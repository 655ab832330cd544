"""Refusals about objects, fields and folders."""

from __future__ import annotations

from groundlevel.errors.base import SHOWN, BadRequest, NotFound


class DuplicateKey(BadRequest):
    """The key is already in use"""

    code = "duplicate_key"
    hint = "Keys are unique and cannot be changed; pick another one."
    about = "An object, field or option with this key exists already."


class InvalidKey(BadRequest):
    """The key is not valid"""

    code = "invalid_key"
    hint = "A key starts with a lower-case letter and has only lower-case letters, digits and underscores."
    about = "Keys match [a-z][a-z0-9_]* and never change."


class InUse(BadRequest):
    """It cannot be deleted while it is in use"""

    code = "in_use"
    hint = "Remove what depends on it first."
    about = "The primary field, searchable ones, and folders with fields cannot be deleted."


class NotSupported(BadRequest):
    """The operation is not supported for this object"""

    code = "not_supported"
    hint = "Records can be kept for custom objects and for business; contact and opportunity have APIs of their own."
    about = "The object exists but the operation does not apply to it."


class LimitExceeded(BadRequest):
    """A limit was exceeded"""

    code = "limit_exceeded"
    hint = "Send fewer entries."
    about = "More entries than the platform allows: one owner, ten followers, three searchable properties, and so on."


class ObjectNotFound(NotFound):
    """Custom Object not found"""

    code = "object_not_found"
    hint = "Custom objects are addressed as custom_objects.<key> or by id; GET /objects/?locationId= lists them."
    about = "The location has no object with this key or id."

    def __init__(self, key: str) -> None:
        super().__init__(f"Custom Object ({key[:SHOWN]}) not found")


class FieldNotFound(NotFound):
    """Custom field not found"""

    code = "field_not_found"
    hint = "GET /custom-fields/object-key/{objectKey} lists the fields and folders with their ids."
    about = "No field or folder with this id is in reach of the token."

    def __init__(self, field_id: str) -> None:
        super().__init__(f"Custom field ({field_id[:SHOWN]}) not found")


class FolderNotFound(NotFound):
    """Folder not found"""

    code = "folder_not_found"
    hint = "GET /custom-fields/object-key/{objectKey} lists the folders with their ids."
    about = "No folder with this id is in reach of the token."

    def __init__(self, folder_id: str) -> None:
        super().__init__(f"Folder ({folder_id[:SHOWN]}) not found")
