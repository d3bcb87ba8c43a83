"""Bars from what people have: a pandas or polars frame, a dict of arrays, an array, rows."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ems.ticks import BAR_DTYPE, Bars
from ui.chart.local_clock import DAY
from ui.chart.period import MINUTE, CalendarPeriod, FixedPeriod, Period, Unit

_TIMES: Final = ("time", "time_ns", "timestamp", "datetime", "date")
_PRICES: Final = ("open", "high", "low", "close")
_NS_A_UNIT: Final = ((10**11, 10**9), (10**14, 10**6), (10**17, 10**3))
"""Numbers below the first are in units of so many ns: seconds, then milli- and micro-."""
_ROW: Final = ("time", *_PRICES, "volume")
"""What the columns of plain rows are, the volume in the last place if it is there."""
_MOST: Final = 0.8
"""Months are as long as that but for some gaps."""
_NO_TIME: Final = np.iinfo(np.int64).min
"""What numpy makes of a missing date."""


def frame_bars(data: Any) -> Bars:
    """Return the bars of a frame.

    Parameters
    ----------
    data : DataFrame, mapping or ndarray
        With columns open, high, low and close, in any case of letters; volume may be missing.
        Times are a column ``time``, ``timestamp``, ``datetime`` or ``date``, or the index of a
        pandas frame: datetimes (UTC if they have no zone), or numbers since 1970 in seconds,
        milli-, micro- or nanoseconds. Or rows of time, open, high, low, close and perhaps volume,
        in a list or an array of two dimensions. The newest may come first. An array of
        `ems.ticks.BAR_DTYPE` is taken as is.

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
    bars["close"][bars["time"] == _NO_TIME] = np.nan  # a bar without a time is none
    newest_first = len(bars) > 1 and bool(np.all(np.diff(bars["time"]) < 0))
    return bars[::-1] if newest_first else bars


def period_of(bars: Bars) -> Period:
    """Return what the bars hold, by their usual distance; a minute if there are fewer than two."""
    distances = np.diff(bars["time"])
    distances = distances[distances > 0]
    if len(distances) == 0:
        return FixedPeriod(MINUTE)
    if np.mean((distances >= 28 * DAY) & (distances <= 31 * DAY)) > _MOST:
        return CalendarPeriod(Unit.MONTH)
    values, counts = np.unique(distances, return_counts=True)
    return FixedPeriod(int(values[np.argmax(counts)]))


def zone_of_frame(data: Any) -> str:
    """Return the IANA name of the zone that the times of a frame are in; UTC if it has none."""
    times = _found_times(data, {} if isinstance(data, list | tuple) else _columns(data))
    kind = getattr(times, "dtype", None)
    zone = getattr(times, "tz", None) or getattr(kind, "tz", None)
    name = getattr(kind, "time_zone", None) or getattr(zone, "key", None) or zone
    return "UTC" if name is None else str(name)


def _columns(data: Any) -> dict[str, Any]:
    if isinstance(data, Mapping):
        names = list(data)
    elif isinstance(data, np.ndarray | list | tuple):
        names = list(getattr(data, "dtype", np.dtype(float)).names or ())
        if not names:
            return _columns_of_rows(data)
    else:
        names = list(getattr(data, "columns", ()))
    found = {_name(name): data[name] for name in names}
    if len(found) < len(names):
        raise ValueError(
            f"{len(names)} columns have {len(found)} names between them: choose those of one market"
        )
    return found


def _name(name: object) -> str:
    """Return the name of a column; of one with several names, as yfinance has them, the first."""
    return str(name[0] if isinstance(name, tuple) and name else name).lower()


def _columns_of_rows(rows: Any) -> dict[str, Any]:
    try:
        table = np.asarray(rows, dtype=np.float64)
    except (TypeError, ValueError):
        return {}
    known = table.ndim == 2 and table.shape[1] in (len(_ROW) - 1, len(_ROW))
    return dict(zip(_ROW, table.T, strict=False)) if known else {}


def _times(data: Any, columns: dict[str, Any]) -> npt.NDArray[np.int64]:
    times = _found_times(data, columns)
    if times is None:
        raise ValueError(f"there is no column with times: name it {', '.join(_TIMES)}")
    raw = np.asarray(times)
    if np.issubdtype(raw.dtype, np.number):
        return _numbers_ns(raw)
    try:
        return np.asarray(times, dtype="datetime64[ns]").astype(np.int64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"the times cannot be read as dates: {error}") from error


def _found_times(data: Any, columns: Mapping[str, Any]) -> Any:
    found = next((columns[name] for name in _TIMES if name in columns), None)
    index = getattr(data, "index", None)  # of a list it is a method
    return found if found is not None or callable(index) else index


def _numbers_ns(raw: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    known = raw[np.isfinite(raw)]
    greatest = int(np.abs(known).max(initial=0))
    unit = next((unit for below, unit in _NS_A_UNIT if greatest < below), 1)
    if np.issubdtype(raw.dtype, np.integer):
        return raw.astype(np.int64) * unit
    times = np.full(len(raw), _NO_TIME)
    times[np.isfinite(raw)] = np.round(known * unit).astype(np.int64)
    return times


def _numbers(name: str, column: Any) -> npt.NDArray[np.float64]:
    try:
        return np.asarray(column, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"column {name} has something that is no number: {error}") from error
