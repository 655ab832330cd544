"""Refusals about files of records."""

from __future__ import annotations

from groundlevel.kernel.errors import InputError, Unimplemented


class ParquetMissing(Unimplemented):
    """This server cannot write Parquet: the extra groundlevel[parquet] is not installed"""

    code = "parquet_missing"
    hint = "Install it where the server runs, pip install 'groundlevel[parquet]', or ask for format=csv or ndjson."
    about = "Parquet is written by the libraries arro3-core and arro3-io, which most servers do without."


class ImportUnderWay(InputError):
    """Another process imports the same file in the same way."""

    advice = "Wait for it to end. What it has written is not written again."

    def __init__(self) -> None:
        super().__init__("another process is importing this file into this object")
