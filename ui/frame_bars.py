"""Bars from what people have: a pandas or polars frame, a dict of arrays, or an array of bars."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ems.ticks import BAR_DTYPE, Bars

_TIMES: Final = ("time", "time_ns", "timestamp", "datetime", "date")
_PRICES: Final = ("open", "high", "low", "close")
_NS_A_UNIT: Final = ((10**11, 10**9), (10**14, 10**6), (10**17, 10**3))
"""Whole numbers below the first are in units of so many ns: seconds, then milli- and micro-."""


def frame_bars(data: Any) -> Bars:
    """Return the bars of a frame.

    Parameters
    ----------
    data : DataFrame, mapping or ndarray
        With columns open, high, low and close, in any case of letters; volume may be missing.
        Times are a column ``time``, ``timestamp``, ``datetime`` or ``date``, or the index of a
        pandas frame: datetimes (UTC if they have no zone), or whole numbers since 1970 in
        seconds, milli-, micro- or nanoseconds. An array of `ems.ticks.BAR_DTYPE` is taken as is.

    Raises
    ------
    ValueError
        If a column is missing or is not what it should be; says which.
    """
    if isinstance(data, np.ndarray) and data.dtype == BAR_DTYPE:
        return data
    columns = _columns(data)
    missing = [name for name in _PRICES if name not in columns]
    if missing:
        raise ValueError(
            f"there is no column {', '.join(missing)} among {', '.join(columns) or 'none'}: "
            "bars need open, high, low and close"
        )
    bars = np.empty(len(columns["open"]), BAR_DTYPE)
    bars["time"] = _times(data, columns)
    for name in _PRICES:
        bars[name] = _numbers(name, columns[name])
    bars["volume"] = _numbers("volume", columns["volume"]) if "volume" in columns else np.nan
    return bars


def period_of(bars: Bars) -> int:
    """Return the usual distance of bars, nanoseconds; a minute if there are fewer than two."""
    distances = np.diff(bars["time"])
    distances = distances[distances > 0]
    if len(distances) == 0:
        return 60_000_000_000
    values, counts = np.unique(distances, return_counts=True)
    return int(values[np.argmax(counts)])


def _columns(data: Any) -> dict[str, Any]:
    if isinstance(data, Mapping):
        names = list(data)
    elif isinstance(data, np.ndarray):
        names = list(data.dtype.names or ())
    else:
        names = list(getattr(data, "columns", ()))
    return {str(name).lower(): data[name] for name in names}


def _times(data: Any, columns: dict[str, Any]) -> npt.NDArray[np.int64]:
    found = next((columns[name] for name in _TIMES if name in columns), None)
    times = getattr(data, "index", None) if found is None else found
    if times is None:
        raise ValueError(f"there is no column with times: name it {', '.join(_TIMES)}")
    raw = np.asarray(times)
    if np.issubdtype(raw.dtype, np.integer):
        return _whole_ns(raw)
    try:
        return np.asarray(times, dtype="datetime64[ns]").astype(np.int64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"the times cannot be read as dates: {error}") from error


def _whole_ns(raw: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    greatest = int(np.abs(raw).max(initial=0))
    unit = next((unit for below, unit in _NS_A_UNIT if greatest < below), 1)
    return raw.astype(np.int64) * unit


def _numbers(name: str, column: Any) -> npt.NDArray[np.float64]:
    try:
        return np.asarray(column, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"column {name} has something that is no number: {error}") from error
