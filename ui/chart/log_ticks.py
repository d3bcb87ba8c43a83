"""Round prices for a logarithmic price axis."""

import math
from typing import Final

from ui.chart.price_ticks import price_step, prices_between

_NARROW: Final = 1.6
"""Up to this ratio of the highest price to the lowest, evenly spaced prices look even enough."""
_PARTS: Final = (
    (1.0, 2.0, (1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01)),
    (2.0, 5.0, (3.0, 1.0, 0.5, 0.2, 0.1, 0.05, 0.02)),
    (5.0, 10.0, (5.0, 2.5, 1.0, 0.5, 0.2, 0.1, 0.05)),
)
"""A decade in three parts, each with the steps that divide it; the coarsest is the whole part."""
_LEAST_PART: Final = math.log10(2.0)
_HALF: Final = math.log10(3.0)


def log_ticks(low: float, high: float, count: float, tick_size: float) -> list[float]:
    """Return round prices in ``[low, high]``, about evenly far apart on a logarithmic axis.

    Which they are depends on the zoom alone, so that a pan moves them and changes none.

    Parameters
    ----------
    low, high : float
        The prices in view, above zero.
    count : float
        At most about so many.
    tick_size : float
        Of the market; each price is a whole number of ticks.
    """
    if high <= low * _NARROW:
        return prices_between(low, high, price_step(high - low, count, tick_size))
    apart = math.log10(high / low) / count
    every = max(math.ceil(apart), 1)
    first = math.floor(math.log10(low)) // every * every
    mantissas = _mantissas(apart) if apart <= 1.0 else [1.0]
    prices = [
        mantissa * 10.0**power
        for power in range(first, math.ceil(math.log10(high)) + 1, every)
        for mantissa in mantissas
    ]
    return [price for price in prices if low <= price <= high and _is_whole(price / tick_size)]


def _mantissas(apart: float) -> list[float]:
    """Return the prices of the decade from 1 on that are so far apart, in decades."""
    if apart > _LEAST_PART:
        return [1.0, 3.0] if apart <= _HALF else [1.0]
    chosen: list[float] = []
    for start, stop, steps in _PARTS:
        # at its upper end the prices of a part lie closest
        fitting = [step for step in steps if math.log10(stop / (stop - step)) >= apart]
        step = min(fitting)
        chosen += [start + step * number for number in range(round((stop - start) / step))]
    return chosen


def _is_whole(ticks: float) -> bool:
    return ticks > 0.5 and abs(ticks - round(ticks)) < 1e-6 * max(1.0, ticks * 1e-6)
