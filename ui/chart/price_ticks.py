"""Round prices for the price axis."""

import math

_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)


def price_step(span: float, count: float, tick_size: float) -> float:
    """Return the round step that cuts ``span`` into at most ``count`` parts.

    It is a whole number of ticks of the market.

    Raises
    ------
    ValueError
        If one of them is not positive and finite.
    """
    if not (0 < span < math.inf and 0 < count < math.inf and 0 < tick_size < math.inf):
        raise ValueError(f"no step for a span of {span} in {count} parts, tick size {tick_size}")
    least = max(span / count, tick_size)
    unit = 10.0 ** math.floor(math.log10(least))
    for nice in _NICE:
        step = nice * unit
        ticks = step / tick_size
        if step >= least * (1 - 1e-9) and abs(ticks - round(ticks)) < 1e-6:
            return step
    return math.ceil(least / tick_size) * tick_size


def prices_between(low: float, high: float, step: float) -> list[float]:
    """Return the multiples of ``step`` in ``[low, high]``, ascending."""
    first, last = math.ceil(low / step), math.floor(high / step)
    return [number * step for number in range(first, last + 1)]
