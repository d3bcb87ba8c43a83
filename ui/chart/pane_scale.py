"""The values of an indicator pane: which are in view, and round ones for its axis."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from ems.market import Market
from ui.chart.legend import volume_text
from ui.chart.pane_look import Look, PaneLook, Unit
from ui.chart.price_ticks import price_step, prices_between
from ui.chart.pyramid import Floats

_FOOT: Final = 0.08
_HEAD: Final = 0.2
"""Part of the span that is added above, so that the legend covers little."""
_PX_A_TICK: Final = 34.0
_DIGITS: Final = 5
"""Of the span; no step is finer."""

Range = tuple[float, float]


def value_range(shown: Sequence[Floats | list[list[float]]], look: PaneLook) -> Range:
    """Return the lowest and highest value in view, with some room.

    Parameters
    ----------
    shown : sequence of arrays, each of shape (n, values)
        What is in view; NaN counts for nothing.
    look : PaneLook
        Says what is fixed, and what stands on zero.
    """
    stands = any(one is not Look.LINE for one in look.looks)
    rows = np.concatenate(shown)
    known = rows[np.isfinite(rows)]
    low = float(known.min(initial=0.0 if stands else math.inf))
    high = float(known.max(initial=0.0 if stands else -math.inf))
    if not low < high:
        middle = low if math.isfinite(low) else 0.0
        low, high = middle - max(abs(middle), 1.0) / 2, middle + max(abs(middle), 1.0) / 2
    return (
        low - (high - low) * _FOOT if look.low is None else look.low,
        high + (high - low) * _HEAD if look.high is None else look.high,
    )


def round_values(span: Range, height: float, look: PaneLook) -> list[float]:
    """Return the values with a label: the levels if the range is fixed, else round ones."""
    low, high = span
    if look.low is not None and look.high is not None and look.levels:
        return list(look.levels)
    finest = 10.0 ** (math.floor(math.log10(high - low)) - _DIGITS)
    step = price_step(high - low, max(height / _PX_A_TICK, 1.0), finest)
    return prices_between(low, high, step)


def value_text(value: float, unit: Unit, market: Market | None) -> str:
    """Return a value as the axis and the legend show it, a dash for NaN."""
    if math.isnan(value):
        return "–"  # noqa: RUF001
    if unit is Unit.VOLUME:
        return volume_text(value)
    if unit is Unit.PRICE:
        return f"{value:,.{1 + (2 if market is None else market.price_digits)}f}"
    return f"{value:.2f}" if abs(value) < 1000 else f"{value:,.0f}"
