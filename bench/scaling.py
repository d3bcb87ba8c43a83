"""What the number of bars costs: the same window of few bars and of many, by turns."""

from collections.abc import Callable

import numpy as np

from bench.floor import Floor
from bench.frames import measure
from bench.ours import Ours

_ROUNDS = 5
_WINDOWS = (200, 2_000)


def scaling(floor: Floor, few: int, many: int) -> list[str]:
    """Return a line for each step and window: a frame with many bars to one with few.

    The two charts take turns, so that what else the machine does falls on both.
    """
    small, large = Ours(few, volume=False), Ours(many, volume=False)
    lines = []
    for window in _WINDOWS:
        for name in ("pan", "zoom", "tick"):
            for chart in (small, large):
                chart.show(window, newest=name == "tick")
            steps: tuple[Callable[[int], None], ...] = (getattr(small, name), getattr(large, name))
            turns = [
                [measure(floor, step, rounds=1).ratio for step in steps] for _ in range(_ROUNDS)
            ]
            ratio = float(np.median([after / before for before, after in turns]))
            text = f"{name} · {window:,} in view: {many:,} bars take {ratio:.2f}x of {few:,}"
            lines.append(text + ("  1.2 over" if ratio > 1.2 else ""))
    small.close()
    large.close()
    return lines
