"""A Parquet or CSV file as a table of named columns."""

import csv
from pathlib import Path
from typing import Any, Final

from brokers.optional_library import require
from ems.errors import BadHistory

_PARQUET_MAGIC: Final = b"PAR1"
_DELIMITERS: Final = ",;\t|"
_HEADER_BYTES: Final = 64 * 1024
_WORDS_FOR_NOTHING: Final = ["", "NaN", "nan", "NULL", "null", "None", "N/A", "NA", "-"]


def read_table(path: Path) -> Any:
    """Return the file as a `pyarrow.Table`; a CSV file's columns are all strings.

    Which of the two it is shows in the file's first bytes, not in its name.

    Raises
    ------
    BadHistory
        If there is no such file, or it is neither of the two, or it is damaged or empty.
    MissingLibrary
        If the library that reads both is not installed.
    """
    head = _head(path)
    require("pyarrow", extra="parquet", needed_by="a recording (Parquet or CSV)")
    table = _read_parquet(path) if head.startswith(_PARQUET_MAGIC) else _read_csv(path, head)
    if not table.num_rows:
        raise BadHistory(f"{path} has no rows; choose a file with recorded prices")
    return table


def _head(path: Path) -> bytes:
    if path.is_dir():
        raise BadHistory(f"{path} is a folder; name one Parquet or CSV file in it")
    try:
        with path.open("rb") as file:
            head = file.read(_HEADER_BYTES)
    except FileNotFoundError:
        raise BadHistory(f"there is no file {path}; check the path") from None
    except OSError as error:
        raise BadHistory(f"{path} cannot be read: {error.strerror}") from error
    if not head:
        raise BadHistory(f"{path} is empty; choose a file with recorded prices")
    if path.suffix == ".parquet" and not head.startswith(_PARQUET_MAGIC):
        raise BadHistory(f"{path} is no Parquet file, whatever its name says; fetch it again")
    return head


def _read_parquet(path: Path) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            return file.read()
    except (pa.ArrowException, OSError) as error:
        raise BadHistory(
            f"{path} is a damaged Parquet file ({_first_line(error)}); fetch it again"
        ) from error


def _read_csv(path: Path, head: bytes) -> Any:
    delimiter, names = _csv_header(path, head)
    import pyarrow as pa
    import pyarrow.csv as pa_csv

    strings = pa_csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()),
        null_values=_WORDS_FOR_NOTHING,
        strings_can_be_null=True,
    )
    try:
        # One thread, because only then an error names its row.
        return pa_csv.read_csv(
            path,
            read_options=pa_csv.ReadOptions(use_threads=False, column_names=names, skip_rows=1),
            parse_options=pa_csv.ParseOptions(delimiter=delimiter),
            convert_options=strings,
        )
    except (pa.ArrowException, OSError) as error:
        raise BadHistory(
            f"{path} cannot be read as CSV: {_first_line(error)}; mend that row"
        ) from error


def _csv_header(path: Path, head: bytes) -> tuple[str, list[str]]:
    """The delimiter and the names in the first line."""
    line = head.partition(b"\n")[0].removesuffix(b"\r")
    if b"\0" in head or head.startswith(b"\x1f\x8b"):
        raise BadHistory(f"{path} is neither Parquet nor CSV; unpack or convert it first")
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadHistory(f"{path} is not UTF-8 text in its first line; convert it first") from None
    delimiter = max(_DELIMITERS, key=text.count)
    return delimiter, next(csv.reader([text], delimiter=delimiter), [])


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".")[:200]
