"""A Python function as an indicator."""

import inspect
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from ems.ticks import BAR_DTYPE, Bars
from ui.chart.bar_series import BarSeries
from ui.chart.pane_look import Look, PaneLook
from ui.chart.pyramid import Floats

_LOG: Final = logging.getLogger(__name__)
_SAMPLE: Final = 200
LOOKBACK: Final = 1_000
"""So many bars before the first one that changes are handed to the function."""


@dataclass(frozen=True)
class FunctionFormula:
    """Values that a function works out of bars.

    When a tick comes the function gets the last `LOOKBACK` bars and not all, and when older
    history comes this and some bars after it, so that its cost does not grow with the history:
    it must not need more bars before one than these.

    Attributes
    ----------
    name : str
        As the user reads it.
    function : callable
        Called with bars, ndarray of BAR_DTYPE, ascending, and its settings by name. Returns one
        value a bar, shape ``(n,)``, or several, shape ``(n, k)``; NaN where there is none.
    settings : tuple of (str, number)
        Arguments of the function that the user may change.
    shown : int
        How many values a bar has.
    in_pane : bool
        Draw it below the bars; else over them.
    """

    name: str
    function: Callable[..., Any]
    settings: tuple[tuple[str, int | float], ...]
    shown: int
    in_pane: bool = False
    _faults: list[str] = field(default_factory=list, compare=False, repr=False)

    @property
    def label(self) -> str:
        """Name and settings; what went wrong, if something did."""
        words = [self.name, *(f"{value:g}" for _, value in self.settings), *self._faults]
        return " ".join(words)

    @property
    def pane(self) -> PaneLook | None:
        """Lines, if it has a pane."""
        return PaneLook((Look.LINE,) * self.shown) if self.in_pane else None

    def values(self, series: BarSeries, start: int, before: Floats | None) -> Floats:
        """Return what the function does; NaN if it fails, which the label and the log tell."""
        first = max(start - LOOKBACK, 0)
        bars = series.bars(first)
        try:
            return _checked(self.function(bars, **dict(self.settings)), bars, self.shown)[
                start - first :
            ]
        except Exception as error:  # noqa: BLE001 - the user's own code may raise anything
            if not self._faults:
                _LOG.exception("the indicator %s failed", self.name)
            self._faults[:] = [f"failed: {type(error).__name__}: {error}"]
            return np.full((len(series) - start, self.shown), np.nan)


def function_formula(
    function: Callable[..., Any], name: str = "", *, pane: bool = False
) -> FunctionFormula:
    """Return an indicator of a function; arguments with a number as default are its settings.

    It is called once with a few made-up bars, to see what it returns.

    Raises
    ------
    ValueError
        If it cannot be called like that, or returns something else than a value a bar.
    """
    name = name or getattr(function, "__name__", "function").replace("_", " ")
    bars = _made_up_bars()
    try:
        settings = _settings(function)
        found = np.asarray(function(bars.copy(), **dict(settings)), dtype=np.float64)
        shown = 1 if found.ndim == 1 else found.shape[-1]
        _checked(found, bars, shown)
    except Exception as error:
        raise ValueError(f"{name} is no indicator: {type(error).__name__}: {error}") from error
    return FunctionFormula(name, function, settings, shown, pane)


def _settings(function: Callable[..., Any]) -> tuple[tuple[str, int | float], ...]:
    parameters = list(inspect.signature(function).parameters.values())[1:]
    return tuple(
        (one.name, one.default)
        for one in parameters
        if isinstance(one.default, int | float) and not isinstance(one.default, bool)
    )


def _checked(found: Any, bars: Bars, shown: int) -> Floats:
    values = np.asarray(found, dtype=np.float64)
    values = values[:, None] if values.ndim == 1 else values
    if values.shape != (len(bars), shown) or shown == 0:
        raise ValueError(
            f"it returned values of shape {values.shape} for {len(bars)} bars; "
            f"one value a bar is ({len(bars)},), several are ({len(bars)}, count)"
        )
    return values


def _made_up_bars() -> Bars:
    bars = np.zeros(_SAMPLE, BAR_DTYPE)
    place = np.arange(_SAMPLE)
    bars["time"] = place * 60_000_000_000
    bars["open"], bars["close"] = 100 + np.sin(place - 1.0), 100 + np.sin(place)
    bars["high"] = np.maximum(bars["open"], bars["close"]) + 0.1
    bars["low"] = np.minimum(bars["open"], bars["close"]) - 0.1
    bars["volume"] = 100.0
    return bars
