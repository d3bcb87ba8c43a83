"""Averages and bands over the bars: the value of a bar from the bars and the values before it."""

from dataclasses import dataclass
from typing import ClassVar, Final, Protocol

import numpy as np

from ui.chart.bar_series import BarSeries
from ui.chart.local_clock import DAY, LocalClock
from ui.chart.pyramid import Floats

_BLOCK: Final = 256
_MOST: Final = 5000


class Formula(Protocol):
    """What an indicator computes.

    Each bar has a row of values: first those that are drawn, then what the next row needs.
    """

    shown: ClassVar[int]
    """How many values of a row are drawn."""

    @property
    def label(self) -> str:
        """Name and settings, as the legend shows them: ``SMA 20``."""

    def values(self, series: BarSeries, start: int, before: Floats | None) -> Floats:
        """Return the rows of the bars from ``start`` on; NaN where there are too few bars.

        The cost depends on the bars from ``start`` on and on the length, never on all bars.

        Parameters
        ----------
        series : BarSeries
            The bars.
        start : int
            Index of the first bar.
        before : ndarray, optional
            The row of the bar before it; None if ``start`` is 0.

        Returns
        -------
        ndarray of float64, shape (len(series) - start, values of a row)
        """


def _check_length(length: int) -> None:
    if not 1 <= length <= _MOST:
        raise ValueError(f"a length of {length} bars is none; give 1 to {_MOST:,}")


@dataclass(frozen=True)
class Sma:
    """The simple moving average: the mean of the last closes."""

    length: int = 20
    shown: ClassVar[int] = 1

    def __post_init__(self) -> None:
        _check_length(self.length)

    @property
    def label(self) -> str:
        """Name and length."""
        return f"SMA {self.length}"

    def values(self, series: BarSeries, start: int, before: Floats | None) -> Floats:
        """Return the means, shape ``(n, 1)``."""
        mean, _ = _mean_and_deviation(series.close, start, self.length)
        return mean[:, None]


@dataclass(frozen=True)
class Bollinger:
    """Bollinger bands: the mean of the last closes and some standard deviations around it."""

    length: int = 20
    deviations: float = 2.0
    shown: ClassVar[int] = 3

    def __post_init__(self) -> None:
        _check_length(self.length)
        if not 0 < self.deviations <= 10:
            raise ValueError(f"{self.deviations} deviations make no bands; give up to 10")

    @property
    def label(self) -> str:
        """Name, length and width."""
        return f"Bollinger {self.length} {self.deviations:g}"

    def values(self, series: BarSeries, start: int, before: Floats | None) -> Floats:
        """Return middle, upper and lower band, shape ``(n, 3)``."""
        mean, deviation = _mean_and_deviation(series.close, start, self.length)
        half = self.deviations * deviation
        return np.column_stack([mean, mean + half, mean - half])


@dataclass(frozen=True)
class Ema:
    """The exponential moving average; it begins with the first close."""

    length: int = 20
    shown: ClassVar[int] = 1

    def __post_init__(self) -> None:
        _check_length(self.length)

    @property
    def label(self) -> str:
        """Name and length."""
        return f"EMA {self.length}"

    def values(self, series: BarSeries, start: int, before: Floats | None) -> Floats:
        """Return the averages, shape ``(n, 1)``."""
        closes = series.close[start:]
        if len(closes) == 0:
            return np.empty((0, 1))
        first = float(closes[0]) if before is None else float(before[0])
        return _smoothed(closes, 2.0 / (self.length + 1), first)[:, None]


@dataclass(frozen=True)
class Vwap:
    """The volume-weighted average price since the start of the day, in a time zone.

    Parameters
    ----------
    zone : str
        IANA name of the exchange's time zone.
    """

    zone: str = "UTC"
    shown: ClassVar[int] = 1

    @property
    def label(self) -> str:
        """The name."""
        return "VWAP"

    def values(self, series: BarSeries, start: int, before: Floats | None) -> Floats:
        """Return average, money and volume since the start of the day, shape ``(n, 3)``."""
        bars = slice(start, len(series))
        volume = np.nan_to_num(series.volumes.values[bars])
        typical = (series.highs.values[bars] + series.lows.values[bars] + series.close[bars]) / 3
        sums = np.cumsum(np.column_stack([typical * volume, volume]), axis=0)
        day = LocalClock(self.zone).local(series.time[max(start - 1, 0) :]) // DAY
        begins = np.diff(day, prepend=day[:1]) != 0
        begins = begins[1:] if start else begins
        sums += np.zeros(2) if before is None else before[1:]
        places = np.where(begins, np.arange(len(begins)), 0)
        begin = np.maximum.accumulate(places)
        before_day = np.where((begin > 0)[:, None], sums[begin - 1], 0.0)
        if len(begins) and begins[0] and before is not None:
            before_day[begin == 0] = before[1:]
        sums -= before_day
        with np.errstate(invalid="ignore", divide="ignore"):
            average = sums[:, 0] / sums[:, 1]
        return np.column_stack([average, sums])


def _mean_and_deviation(closes: Floats, start: int, length: int) -> tuple[Floats, Floats]:
    """Return mean and deviation of the last closes, for the bars from ``start`` on."""
    first = max(start - length + 1, 0)
    part = closes[first:]
    level = part[-1] if len(part) else 0.0
    part = part - level  # sums of small numbers keep their digits
    sums, squares = (np.concatenate([[0.0], np.cumsum(p)]) for p in (part, part * part))
    mean = np.full(len(closes) - start, np.nan)
    deviation = mean.copy()
    whole = len(part) - length + 1
    if whole > 0:
        means = (sums[length:] - sums[:-length]) / length
        variance = (squares[length:] - squares[:-length]) / length - means * means
        mean[-whole:] = means + level
        deviation[-whole:] = np.sqrt(np.maximum(variance, 0.0))
    return mean, deviation


def _smoothed(values: Floats, weight: float, first: float) -> Floats:
    """Return ``y`` with ``y[i] = y[i - 1] + weight * (values[i] - y[i - 1])``, from ``first`` on.

    Blocks are one matrix product each, so that a million bars need no loop over bars.
    """
    keep = 1.0 - weight
    count = len(values)
    if count == 1:
        return np.array([first + weight * (values[0] - first)])
    padded = np.zeros(-(-count // _BLOCK) * _BLOCK)
    padded[:count] = values
    place = np.arange(_BLOCK)
    lag = place[:, None] - place
    matrix = np.where(lag >= 0, weight * keep ** np.maximum(lag, 0), 0.0)
    blocks = padded.reshape(-1, _BLOCK) @ matrix.T
    fading = keep ** (place + 1)
    before = first
    for block in blocks:
        block += fading * before
        before = block[-1]
    smoothed: Floats = blocks.reshape(-1)[:count]
    return smoothed
