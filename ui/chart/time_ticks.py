"""Which bars get a label on the time axis, from years down to milliseconds."""

import math
from bisect import bisect_left, bisect_right
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from ui.chart.bar_series import BarSeries
from ui.chart.local_clock import DAY, SECOND, LocalClock, Times
from ui.chart.period import HOUR, MINUTE, TickPeriod
from ui.chart.time_labels import MONTHS, WEEKDAYS, date_of, label, time_of_day
from ui.chart.time_rank import LEAST_DAY_PX, Rank, finest, ranks_of

_MS: Final = SECOND // 1000

_STEPS: Final = tuple(
    unit * count
    for unit, counts in (
        (_MS, (1, 2, 5, 10, 20, 50, 100, 200, 500)),
        (SECOND, (1, 2, 5, 10, 15, 30)),
        (MINUTE, (1, 2, 5, 10, 15, 30)),
        (HOUR, (1, 2, 3, 4, 6, 12)),
    )
    for count in counts
)
_TIME_RANKS: Final = range(1 - len(_STEPS), 1)
"""Ranks of the steps below a day, up to 0, which is `Rank.TIME`."""
_LEAST_PX: Final = 76
_ZOOM_STEP: Final = 1.2
"""Ticks are chosen for a zoom rounded down to a power of this, so that most zooms reuse them."""
_TOUCH: Final = 0.75
"""Ticks nearer to each other than this part of the usual distance would touch."""


class TimeTick(NamedTuple):
    """A label of the time axis at the middle of bar ``x``."""

    x: int
    text: str
    rank: Rank


class TimeTicks:
    """Chooses the ticks of a window; panning at one zoom asks for the same ones again.

    Parameters
    ----------
    series : BarSeries
        Whose bars are labelled.
    clock : LocalClock
        In whose time.
    """

    def __init__(self, series: BarSeries, clock: LocalClock) -> None:
        self._series = series
        self.clock = _date_clock(series, clock)
        self._layout = -1
        self._days: Times = np.empty(0, np.int64)
        self._ranks: npt.NDArray[np.int64] = np.empty(0, np.int64)
        self._shown: tuple[object, ...] = ()
        self._ticks: list[TimeTick] = []
        self._places: list[int] = []
        self.zone = ""
        """How the zone calls itself in view: ``EST``, ``EDT``; empty if bars are mere dates."""
        self._grain = 1
        """What times are rounded down to: bars of ticks begin at no round time."""

    def in_view(self, start_x: float, stop_x: float, px_a_bar: float) -> list[TimeTick]:
        """Return the ticks of the window, from left to right."""
        if len(self._series) == 0:
            return []
        zoom = math.floor(math.log(px_a_bar, _ZOOM_STEP))
        least_px = _ZOOM_STEP**zoom
        span = (stop_x - start_x) * px_a_bar / least_px
        page = math.floor(start_x / span)
        key = (page, zoom, round(span), self._series.layout)
        if key != self._shown:
            self._shown = key
            self._find_days()
            self._ticks = self._choose((page - 1) * span, (page + 3) * span, least_px)
            self._places = [tick.x for tick in self._ticks]
            self.zone = self._zone_at(stop_x)
        first = bisect_left(self._places, start_x)
        return self._ticks[first : bisect_right(self._places, stop_x)]

    def _zone_at(self, x: float) -> str:
        series = self._series
        if series.period_ns >= DAY:
            return ""
        return self.clock.abbreviation(series.time_of_x(min(x, series.last_x)))

    def _find_days(self) -> None:
        """Find the first bar of each day, and what else begins with it."""
        series = self._series
        if self._layout == series.layout:
            return
        self._layout = series.layout
        span = self.clock.local(series.time[[0, -1]])
        if series.period_ns >= DAY:
            self._days = np.arange(len(series))
        else:
            midnights = np.arange(span[0] // DAY + 1, span[1] // DAY + 1) * DAY
            starts = np.searchsorted(series.time, self.clock.utc(midnights))
            self._days = _distinct(np.concatenate([[0], starts]))
        self._ranks = ranks_of(self.clock.local(series.time[self._days]) // DAY)

    def _choose(self, start_x: float, stop_x: float, px_a_bar: float) -> list[TimeTick]:
        first_x = self._series.first_x
        low, high = np.searchsorted(self._days, (start_x - first_x, stop_x - first_x))
        days, ranks = self._days[low:high], self._ranks[low:high]
        width_px = (min(stop_x, self._series.last_x) - max(start_x, first_x)) * px_a_bar
        rank = finest(ranks, width_px)
        chosen = ranks >= rank
        ticks = list(zip(days[chosen].tolist(), ranks[chosen].tolist(), strict=True))
        room: dict[int, float] = dict.fromkeys(list(Rank)[1:], LEAST_DAY_PX * _TOUCH)
        if rank is Rank.DAY:
            ns_a_px = self._ns_a_bar(start_x, stop_x) / px_a_bar
            step = _time_step(ns_a_px)
            if step is not None:
                ticks += self._times(step, start_x, stop_x)
                room |= _room_for_times(step, _STEPS[step] / ns_a_px)
                is_even = not isinstance(self._series.period, TickPeriod)
                self._grain = 1 if is_even else _grain(_STEPS[step])
        return self._labelled(_apart(ticks, {kind: px / px_a_bar for kind, px in room.items()}))

    def _ns_a_bar(self, start_x: float, stop_x: float) -> float:
        """Return how long a bar is; those of ticks are as long as they are there on average."""
        series = self._series
        if not isinstance(series.period, TickPeriod):
            return series.period_ns
        start = max(int(start_x) - series.first_x, 0)
        lengths = np.diff(series.time[start : max(int(stop_x) - series.first_x, start)])
        return float(np.minimum(lengths, HOUR).mean()) if len(lengths) else series.period_ns

    def _times(self, number: int, start_x: float, stop_x: float) -> list[tuple[int, int]]:
        """Return the bars at round times of day, each with a rank: the rounder the higher.

        Finer ones are among them, for where a minute without a trade left out a bar.
        """
        series = self._series
        start = max(int(start_x) - series.first_x, 0)
        stop = min(int(stop_x) - series.first_x, len(series))
        if start >= stop:
            return []
        usual = self._first_after(_STEPS[number], start, stop)
        finer_step = _finer(_STEPS[number])
        finer = self._first_after(finer_step, start, stop)
        local = self.clock.local(series.time[finer])
        exact = local % finer_step == 0
        if np.count_nonzero(exact) * 4 < len(usual):
            return [(index, int(Rank.TIME)) for index in usual.tolist()]
        ranks = _roundness(local[exact])
        return list(zip(finer[exact].tolist(), ranks.tolist(), strict=True))

    def _first_after(self, step: int, start: int, stop: int) -> Times:
        """Return the first bar at or after each multiple of ``step`` in the time of day."""
        series = self._series
        cuts = _distinct(np.clip(np.append(self._days, len(series)), start, stop))
        marks: list[Times] = []
        for day_start, day_stop in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
            low, high = self.clock.local(series.time[[day_start, day_stop - 1]]).tolist()
            marks.append(np.arange(-(-low // step), high // step + 1) * step)
        found = _distinct(np.searchsorted(series.time, self.clock.utc(np.concatenate(marks))))
        return found[(found >= start) & (found < stop)]

    def _labelled(self, ticks: list[tuple[int, int]]) -> list[TimeTick]:
        places = [place for place, _ in ticks]
        ranks = [Rank(max(rank, Rank.TIME)) for _, rank in ticks]
        local = self.clock.local(self._series.time[np.array(places, np.int64)]).tolist()
        first_x = self._series.first_x
        return [
            TimeTick(place + first_x, label(time_ns // self._grain * self._grain, rank), rank)
            for place, rank, time_ns in zip(places, ranks, local, strict=True)
        ]

    def moment(self, time_ns: int) -> str:
        """Return a time in full for the crosshair: ``Tue 14 Mar 2017 10:30 EDT``."""
        local = self.clock.local_one(time_ns)
        year, month, day = date_of(local // DAY)
        weekday = WEEKDAYS[(local // DAY + 3) % 7]
        text = f"{weekday} {day} {MONTHS[month - 1]} {year}"
        if self._series.period_ns >= DAY:
            return text
        return f"{text}  {time_of_day(local)} {self.clock.abbreviation(time_ns)}"


def _distinct(places: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return what is in an array, ascending and once; `np.unique` would import masked arrays."""
    places = np.sort(places)
    return places[np.flatnonzero(np.diff(places, prepend=places[0] - 1))] if len(places) else places


def _roundness(local_ns: Times) -> npt.NDArray[np.int64]:
    """Return the rank of times of day: that of the greatest step they are a multiple of."""
    ranks = np.full(len(local_ns), _TIME_RANKS[0] - 1)
    for rank, step in zip(_TIME_RANKS, _STEPS, strict=True):
        ranks[local_ns % step == 0] = rank
    return ranks


def _date_clock(series: BarSeries, clock: LocalClock) -> LocalClock:
    """Bars of a day or more that all begin at 00:00 UTC are dates, the same in every zone."""
    dates = series.period_ns >= DAY and not np.any(series.time % DAY)
    return LocalClock("UTC") if dates else clock


def _apart(ticks: list[tuple[int, int]], room: dict[int, float]) -> list[tuple[int, int]]:
    """Drop ticks that would touch one of a higher rank; ``room`` is in bars, by rank."""
    kept: list[tuple[int, int]] = []
    for index, rank in sorted(ticks, key=lambda tick: (-tick[1], tick[0])):
        place = bisect_left(kept, (index, rank))
        near = kept[max(place - 1, 0) : place + 1]
        if all(abs(index - other) >= room[rank] for other, _ in near):
            kept.insert(place, (index, rank))
    return kept


def _room_for_times(step: int, step_px: float) -> dict[int, float]:
    """Return the room in pixels that each rank of a time of day wants.

    Finer ones than the step want so much that they only come up where others are missing.
    """
    usual, finer = _LEAST_PX * _TOUCH, max(step_px, _LEAST_PX)
    return {rank: usual if number >= step else finer for number, rank in enumerate(_TIME_RANKS)}


def _time_step(ns_a_px: float) -> int | None:
    """Return the number of the finest step of the time of day that there is room for."""
    least_ns = _LEAST_PX * ns_a_px
    return next((number for number, step in enumerate(_STEPS) if step >= least_ns), None)


def _grain(step: int) -> int:
    """Return the greatest unit of time that a step is made of."""
    return next(unit for unit in (MINUTE, SECOND, _MS) if step >= unit)


def _finer(step: int) -> int:
    """Return the next finer step that divides a step, or the step itself if it is the finest."""
    return max((other for other in _STEPS if other < step and step % other == 0), default=step)
