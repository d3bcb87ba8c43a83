"""Bars of a random walk, the same ones each time, as many as are wanted."""

import numpy as np

from bench.market import MINUTE_NS
from ems.ticks import BAR_DTYPE, Bars


def made_bars(count: int, *, volume: bool = True) -> Bars:
    """Return minute bars of a walk around 1,000, with volumes or without."""
    dice = np.random.default_rng(7)
    close = 1000 + np.cumsum(dice.normal(0, 0.1, count))
    bars = np.empty(count, BAR_DTYPE)
    bars["time"] = 1_500_000_000_000_000_000 + np.arange(count) * MINUTE_NS
    bars["close"] = close
    bars["open"] = np.concatenate([[1000.0], close[:-1]])
    bars["high"] = np.maximum(bars["open"], close) + dice.uniform(0, 0.1, count)
    bars["low"] = np.minimum(bars["open"], close) - dice.uniform(0, 0.1, count)
    bars["volume"] = dice.integers(1, 1000, count) if volume else np.nan
    return bars
