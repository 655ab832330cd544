"""Refusals about files of records."""

from __future__ import annotations

from groundlevel.kernel.errors import Unimplemented


class ParquetMissing(Unimplemented):
    """This server cannot write Parquet: the extra groundlevel[parquet] is not installed"""

    code = "parquet_missing"
    hint = "Install it where the server runs, pip install 'groundlevel[parquet]', or ask for format=csv or ndjson."
    about = "Parquet is written by the libraries arro3-core and arro3-io, which most servers do without."
