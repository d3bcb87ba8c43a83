"""What a bar takes in memory."""

import tracemalloc

from bench.made_bars import MINUTE_NS, made_bars
from ui.chart.bar_series import BarSeries


def bytes_a_bar(count: int) -> float:
    """Return the bytes that a series keeps for each of its bars, with room to grow."""
    bars = made_bars(count)
    tracemalloc.start()
    series = BarSeries(bars, MINUTE_NS)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return kept / len(series)
