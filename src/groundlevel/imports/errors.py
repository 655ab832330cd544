"""Refusals about files of records."""

from __future__ import annotations

from groundlevel.kernel.errors import SHOWN, BadRequest, InputError, NotFound, Unimplemented


class ParquetMissing(Unimplemented):
    """This server cannot write Parquet: the extra groundlevel[parquet] is not installed"""

    code = "parquet_missing"
    hint = "Install it where the server runs, pip install 'groundlevel[parquet]', or ask for format=csv or ndjson."
    about = "Parquet is written by the libraries arro3-core and arro3-io, which most servers do without."


class ImportNotFound(NotFound):
    """There is no such import"""

    code = "import_not_found"
    hint = "GET /x/imports lists the imports of the location; those that nobody touches for 7 days are deleted."
    about = "No import of the location has this id."

    def __init__(self, import_id: str) -> None:
        super().__init__(f"There is no import {import_id[:SHOWN]}")

    @classmethod
    def example(cls) -> ImportNotFound:
        return cls("668fa61b0802420000000001")


class ImportNotReady(BadRequest):
    """The file is not ready for that"""

    code = "import_not_ready"
    hint = "Wait until the step before is done: GET /x/imports/{importId}. Upload the file again to write it again."
    about = "A file is checked and written once it was read, and its rows are written once."


class ImportBusy(BadRequest):
    """The import is at work"""

    code = "import_busy"
    hint = "Wait until it is done, or delete it, which stops it."
    about = "An import does one step at a time."


class ImportUnderWay(InputError):
    """Another process imports the same file in the same way."""

    advice = "Wait for it to end. What it has written is not written again."

    def __init__(self) -> None:
        super().__init__("another process is importing this file into this object")
