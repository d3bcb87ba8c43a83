"""Round percents for the price axis."""

from ui.chart.log_ticks import log_ticks
from ui.chart.price_ticks import price_step, prices_between

_FINEST = 0.01


def percent_ticks(
    low: float, high: float, base: float, count: float, *, is_log: bool = False
) -> list[tuple[float, str]]:
    """Return prices at round percents from a base, with their labels; ascending.

    Parameters
    ----------
    low, high : float
        The prices in view.
    base : float
        The price that is 0 %; above zero.
    count : float
        About so many.
    is_log : bool
        Far apart as on a logarithmic axis.
    """
    if is_log:
        ratios = log_ticks(low / base, high / base, count, _FINEST / 100)
        percents = [(ratio - 1.0) * 100 for ratio in ratios]
        digits = max((_digits(percent) for percent in percents), default=0)
        return [
            (base * ratio, f"{percent + 0.0:+,.{digits}f}%")
            for ratio, percent in zip(ratios, percents, strict=True)
        ]
    a_price = 100.0 / base
    step = price_step((high - low) * a_price, count, _FINEST)
    digits = _digits(step)
    percents = prices_between((low - base) * a_price, (high - base) * a_price, step)
    return [(base + percent / a_price, f"{percent + 0.0:+.{digits}f}%") for percent in percents]


def _digits(percent: float) -> int:
    """Return how many decimal places a percent needs, two at most."""
    return next((d for d in (0, 1) if abs(percent * 10**d - round(percent * 10**d)) < 1e-9), 2)
