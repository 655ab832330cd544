"""Refusals about objects, fields and folders."""

from __future__ import annotations

from groundlevel.kernel.errors import SHOWN, NotFound


class FieldNotFound(NotFound):
    """Custom field not found"""

    code = "field_not_found"
    hint = "GET /custom-fields/object-key/{objectKey} lists the fields and folders with their ids."
    about = "No field or folder with this id is in reach of the token."

    def __init__(self, field_id: str) -> None:
        super().__init__(f"Custom field ({field_id[:SHOWN]}) not found")

    @classmethod
    def example(cls) -> FieldNotFound:
        return cls("3sv6UEo51C9Bmpo1cKTq")


class FolderNotFound(NotFound):
    """Folder not found"""

    code = "folder_not_found"
    hint = "GET /custom-fields/object-key/{objectKey} lists the folders with their ids."
    about = "No folder with this id is in reach of the token."

    def __init__(self, folder_id: str) -> None:
        super().__init__(f"Folder ({folder_id[:SHOWN]}) not found")

    @classmethod
    def example(cls) -> FolderNotFound:
        return cls("3sv6UEo51C9Bmpo1cKTq")
