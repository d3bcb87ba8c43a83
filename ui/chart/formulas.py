"""Averages and bands over the bars: the value of a bar from the bars and the values before it."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ui.chart.averages import check_length, mean_and_deviation, smoothed
from ui.chart.bar_series import BarSeries
from ui.chart.local_clock import DAY, SECOND, LocalClock
from ui.chart.pane_look import PaneLook
from ui.chart.pyramid import Floats


@dataclass(frozen=True)
class Sma:
    """The simple moving average: the mean of the last closes."""

    length: int = 20
    shown: ClassVar[int] = 1
    pane: ClassVar[PaneLook | None] = None

    def __post_init__(self) -> None:
        check_length(self.length)

    @property
    def label(self) -> str:
        """Name and length."""
        return f"SMA {self.length}"

    def values(self, series: BarSeries, start: int, before: Floats | None) -> Floats:
        """Return the means, shape ``(n, 1)``."""
        mean, _ = mean_and_deviation(series.close, start, self.length)
        return mean[:, None]


@dataclass(frozen=True)
class Bollinger:
    """Bollinger bands: the mean of the last closes and some standard deviations around it."""

    length: int = 20
    deviations: float = 2.0
    shown: ClassVar[int] = 3
    pane: ClassVar[PaneLook | None] = None

    def __post_init__(self) -> None:
        check_length(self.length)
        if not 0 < self.deviations <= 10:
            raise ValueError(f"{self.deviations} deviations make no bands; give up to 10")

    @property
    def label(self) -> str:
        """Name, length and width."""
        return f"Bollinger {self.length} {self.deviations:g}"

    def values(self, series: BarSeries, start: int, before: Floats | None) -> Floats:
        """Return middle, upper and lower band, shape ``(n, 3)``."""
        mean, deviation = mean_and_deviation(series.close, start, self.length)
        half = self.deviations * deviation
        return np.column_stack([mean, mean + half, mean - half])


@dataclass(frozen=True)
class Ema:
    """The exponential moving average; it begins with the first close."""

    length: int = 20
    shown: ClassVar[int] = 1
    pane: ClassVar[PaneLook | None] = None

    def __post_init__(self) -> None:
        check_length(self.length)

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
        return smoothed(closes, 2.0 / (self.length + 1), first)[:, None]


@dataclass(frozen=True)
class Vwap:
    """The volume-weighted average price since the start of the day, in a time zone.

    Parameters
    ----------
    zone : str
        IANA name of the exchange's time zone.
    early_s : int
        So many seconds before midnight a day begins, where its session opens on the evening
        before.
    """

    zone: str = "UTC"
    early_s: int = 0
    fixed: ClassVar[tuple[str, ...]] = ("early_s",)
    """What is not for the user to set."""
    shown: ClassVar[int] = 1
    pane: ClassVar[PaneLook | None] = None

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
        local = LocalClock(self.zone).local(series.time[max(start - 1, 0) :])
        day = (local + self.early_s * SECOND) // DAY
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
