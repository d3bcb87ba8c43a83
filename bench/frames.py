"""How long frames take: a step is done, and all that it leads to is painted, before the next."""

import gc
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from PyQt6.QtCore import QCoreApplication

from bench.floor import Floor

FRAMES = 40
ROUNDS = 3
_WARM_UP = 6


class Figure(NamedTuple):
    """The time of a frame, and how it stands to the floor that was painted beside it."""

    ms: float
    """Median of the rounds' medians."""
    ratio: float
    """To the floor, likewise."""
    worst: float
    """The worst of 40 frames to their median; the median of the rounds."""


def painted() -> None:
    """Deliver every event that is posted, the paint events among them."""
    QCoreApplication.sendPostedEvents()


def measure(
    floor: Floor, step: Callable[[int], None], frames: int = FRAMES, rounds: int = ROUNDS
) -> Figure:
    """Return how long a step and its painting take.

    Parameters
    ----------
    floor : Floor
        Is painted before and after each round.
    step : callable
        Gets the number of the frame; changes what is on the screen.
    """
    for number in range(_WARM_UP):
        step(number)
        painted()
    medians, ratios, worsts = [], [], []
    for _ in range(rounds):
        gc.collect()
        before = floor.time_ms()
        times = []
        for number in range(frames):
            start = time.perf_counter()
            step(number)
            painted()
            times.append((time.perf_counter() - start) * 1000)
        ref = (before + floor.time_ms()) / 2
        median = float(np.median(times))
        medians.append(median)
        ratios.append(median / ref)
        worsts.append(max(times) / median)
    return Figure(*(float(np.median(all_)) for all_ in (medians, ratios, worsts)))
