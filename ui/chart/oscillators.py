"""What is drawn below the bars: volume with its average, RSI, MACD, ATR."""

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from ui.chart.averages import check_length, mean_and_deviation, smoothed, wilder
from ui.chart.bar_series import BarSeries
from ui.chart.pane_look import Look, PaneLook, Unit
from ui.chart.pyramid import Floats

_LINE: Final = Look.LINE


@dataclass(frozen=True)
class Volume:
    """The volume of each bar, and the mean of the last ones."""

    length: int = 20
    shown: ClassVar[int] = 2
    pane: ClassVar[PaneLook] = PaneLook((Look.VOLUME, _LINE), Unit.VOLUME, low=0.0)

    def __post_init__(self) -> None:
        check_length(self.length)

    @property
    def label(self) -> str:
        """Name and length of the mean."""
        return f"Volume {self.length}"

    def values(self, series: BarSeries, start: int, before: Floats | None) -> Floats:
        """Return volumes and means, shape ``(n, 2)``; a bar without volume counts as none."""
        first = max(start - self.length + 1, 0)
        volumes = np.nan_to_num(series.volumes.values[first : len(series)])
        mean, _ = mean_and_deviation(volumes, start - first, self.length)
        return np.column_stack([volumes[start - first :], mean])


@dataclass(frozen=True)
class Rsi:
    """Wilder's relative strength index: the share of the gains in all changes, in percent."""

    length: int = 14
    shown: ClassVar[int] = 1
    pane: ClassVar[PaneLook] = PaneLook((_LINE,), levels=(30.0, 70.0), low=0.0, high=100.0)

    def __post_init__(self) -> None:
        check_length(self.length)

    @property
    def label(self) -> str:
        """Name and length."""
        return f"RSI {self.length}"

    def values(self, series: BarSeries, start: int, before: Floats | None) -> Floats:
        """Return index, average gain and average loss, shape ``(n, 3)``."""
        first = _first(start, self.length)
        changes = _with_bar_before(series.close, first)
        gains, losses = np.maximum(changes, 0.0), np.maximum(-changes, 0.0)
        gain = wilder(gains, self.length, before[1] if first and before is not None else None)
        loss = wilder(losses, self.length, before[2] if first and before is not None else None)
        with np.errstate(invalid="ignore", divide="ignore"):
            index = 100.0 * gain / (gain + loss)
        index[gain + loss == 0.0] = 50.0
        return np.column_stack([index, gain, loss])[start - first :]


@dataclass(frozen=True)
class Atr:
    """Wilder's average true range: how far the price usually goes in a bar."""

    length: int = 14
    shown: ClassVar[int] = 1
    pane: ClassVar[PaneLook] = PaneLook((_LINE,), Unit.PRICE)

    def __post_init__(self) -> None:
        check_length(self.length)

    @property
    def label(self) -> str:
        """Name and length."""
        return f"ATR {self.length}"

    def values(self, series: BarSeries, start: int, before: Floats | None) -> Floats:
        """Return the averages, shape ``(n, 1)``; the first bar has no range of its own."""
        first = _first(start, self.length)
        bars = slice(first, len(series))
        high, low = series.highs.values[bars], series.lows.values[bars]
        close_before = series.close[bars] - _with_bar_before(series.close, first)
        ranges = np.fmax(high, close_before) - np.fmin(low, close_before)
        average = wilder(ranges, self.length, before[0] if first and before is not None else None)
        return average[start - first :, None]


@dataclass(frozen=True)
class Macd:
    """Convergence of two exponential averages, its own average, and how far they are apart."""

    fast: int = 12
    slow: int = 26
    signal: int = 9
    shown: ClassVar[int] = 3
    pane: ClassVar[PaneLook] = PaneLook((_LINE, _LINE, Look.BARS), Unit.PRICE, levels=(0.0,))

    def __post_init__(self) -> None:
        for length in (self.fast, self.slow, self.signal):
            check_length(length)

    @property
    def label(self) -> str:
        """Name and lengths."""
        return f"MACD {self.fast} {self.slow} {self.signal}"

    def values(self, series: BarSeries, start: int, before: Floats | None) -> Floats:
        """Return MACD, signal, difference and the two averages, shape ``(n, 5)``.

        Each average begins with its first value, as `Ema` does.
        """
        closes = series.close[start:]
        if len(closes) == 0:
            return np.empty((0, 5))
        begin = np.array([0.0, 0.0, 0.0, closes[0], closes[0]]) if before is None else before
        fast = smoothed(closes, 2.0 / (self.fast + 1), float(begin[3]))
        slow = smoothed(closes, 2.0 / (self.slow + 1), float(begin[4]))
        macd = fast - slow
        signal = smoothed(macd, 2.0 / (self.signal + 1), float(begin[1]))
        return np.column_stack([macd, signal, macd - signal, fast, slow])


def _first(start: int, length: int) -> int:
    """Return the bar to compute from: the very first one while the averages are not known."""
    return 0 if start <= length else start


def _with_bar_before(closes: Floats, first: int) -> Floats:
    """Return the changes of the closes since the bar before, NaN for the very first bar."""
    return np.diff(closes[max(first - 1, 0) :], prepend=[] if first else [np.nan])
