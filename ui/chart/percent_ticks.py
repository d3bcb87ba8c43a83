"""Round percents for the price axis."""

from ui.chart.price_ticks import price_step, prices_between

_FINEST = 0.01


def percent_ticks(low: float, high: float, base: float, count: float) -> list[tuple[float, str]]:
    """Return prices at round percents from a base, with their labels; ascending.

    Parameters
    ----------
    low, high : float
        The prices in view.
    base : float
        The price that is 0 %; above zero.
    count : float
        About so many.
    """
    a_price = 100.0 / base
    step = price_step((high - low) * a_price, count, _FINEST)
    digits = next((d for d in (0, 1) if abs(step * 10**d - round(step * 10**d)) < 1e-9), 2)
    percents = prices_between((low - base) * a_price, (high - base) * a_price, step)
    return [(base + percent / a_price, f"{percent + 0.0:+.{digits}f}%") for percent in percents]
