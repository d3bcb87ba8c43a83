"""A column of times, in whatever way a file writes them, as UTC nanoseconds."""

from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from brokers.replay.rows import Floats, Ints
from ems.errors import BadHistory

_NS_A_SECOND: Final = 1_000_000_000
_UNITS: Final = (
    # Present-day times are below the bound in this unit and far above it in the next finer one.
    (1e11, _NS_A_SECOND),  # seconds
    (1e14, 1_000_000),  # milliseconds
    (1e17, 1_000),  # microseconds
)
_DIGITS_OF_A_DAY: Final = 8
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def time_ns(column: Any, name: str, where: str) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Return the times in UTC nanoseconds, and which rows have one (the others hold 0).

    Parameters
    ----------
    column : pyarrow.ChunkedArray
        Timestamps or dates; numbers in s, ms, us or ns, told apart by their magnitude (the
        name ``time_ns`` settles it); or text: such numbers, ``YYYYMMDD``, or ISO times. What
        has no offset is UTC.
    name, where : str
        The column and the file, for the error.

    Raises
    ------
    BadHistory
        If a value is no time; the text names its row (the first row of data is 1).
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    has_time = pc.is_valid(column).combine_chunks().to_numpy(zero_copy_only=False)
    if not has_time.any():
        return np.zeros(len(column), dtype=np.int64), has_time
    if pa.types.is_integer(kind):
        whole = pc.fill_null(column.cast(pa.int64()), 0).to_numpy()
        return whole * (1 if name == "time_ns" else _unit_of_whole(whole)), has_time
    if pa.types.is_floating(kind):
        numbers = column.cast(pa.float64()).to_numpy()
        has_time &= np.isfinite(numbers)
        return _from_floats(np.where(has_time, numbers, 0.0)), has_time
    try:
        if pa.types.is_temporal(kind):
            return _from_temporal(column), has_time
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            return _from_text(column.cast(pa.string()), name, where), has_time
    except pa.ArrowException as error:
        raise BadHistory(f"column {name} of {where} holds no usable times: {error}") from error
    raise BadHistory(
        f"column {name} of {where} holds {kind}, no times; "
        "write ISO times or whole numbers since 1970"
    )


def parse_time(text: str) -> int:
    """Return the UTC nanoseconds of an ISO time (no offset = UTC) or of a whole number of ns.

    Eight digits are a day: ``20240131``.

    Raises
    ------
    ValueError
        If the text is neither.
    """
    if text.strip().isdecimal() and len(text.strip()) > _DIGITS_OF_A_DAY:
        return int(text)
    moment = datetime.fromisoformat(text.strip())
    since = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH
    return (since.days * 86_400 + since.seconds) * _NS_A_SECOND + since.microseconds * 1_000


def iso_time(time_ns: int) -> str:
    """Return the UTC time in ISO form, to the second."""
    return f"{np.datetime64(time_ns // _NS_A_SECOND, 's')}Z"


def _from_temporal(column: Any) -> Ints:
    import pyarrow as pa
    import pyarrow.compute as pc

    nanoseconds = column.cast(pa.timestamp("ns")).cast(pa.int64())
    return pc.fill_null(nanoseconds, 0).to_numpy()  # type: ignore[no-any-return]


def _from_text(column: Any, name: str, where: str) -> Ints:
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pc.utf8_trim_whitespace(column)
    present = text.drop_null()
    if pc.all(pc.match_substring_regex(present, r"^(19|20)\d{6}$")).as_py():
        days = pc.replace_substring_regex(text, r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3")
        return _from_iso(days, name, where)
    if pc.all(pc.match_substring_regex(present, r"^-?\d{1,19}$")).as_py():
        whole = pc.fill_null(text.cast(pa.int64()), 0).to_numpy()
        return whole * (1 if name == "time_ns" else _unit_of_whole(whole))  # type: ignore[no-any-return]
    if pc.all(pc.match_substring_regex(present, r"^-?\d+\.\d*$")).as_py():
        return _from_floats(pc.fill_null(text.cast(pa.float64()), 0.0).to_numpy())
    return _from_iso(text, name, where)


def _from_iso(text: Any, name: str, where: str) -> Ints:
    import pyarrow as pa

    for kind in (pa.timestamp("ns"), pa.timestamp("ns", tz="UTC")):
        try:
            return _from_temporal(text.cast(kind))
        except pa.ArrowInvalid:
            continue  # with and without offsets in one column, or some row is no time at all
    return np.array([_one_time(cell, row, name, where) for row, cell in _numbered(text)], np.int64)


def _numbered(text: Any) -> list[tuple[int, str | None]]:
    return list(enumerate(text.to_pylist(), start=1))


def _one_time(cell: str | None, row: int, name: str, where: str) -> int:
    if cell is None:
        return 0
    try:
        return parse_time(cell)
    except ValueError:
        raise BadHistory(
            f"{cell!r} in row {row}, column {name} of {where} is no time; "
            "write it as 2024-01-31T15:30:00Z"
        ) from None


def _unit_of_whole(whole: Ints) -> int:
    """How many nanoseconds one unit of these numbers is."""
    largest = float(np.abs(whole).max())
    return next((unit for bound, unit in _UNITS if largest < bound), 1)


def _from_floats(numbers: Floats) -> Ints:
    largest = float(np.abs(numbers).max())
    unit = next((unit for bound, unit in _UNITS if largest < bound), 1)
    # A float of today's seconds is good to a quarter of a microsecond, so round to whole ones.
    return np.rint(numbers * (unit / 1_000)).astype(np.int64) * 1_000
