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
_BLOCK = 10
_WARM_UP = 6
_AFTER_FLOOR = 3
"""Frames that do not count after floors were painted, which push all else out of the caches."""


class Figure(NamedTuple):
    """The time of a frame, and how it stands to the floor that was painted beside it."""

    ms: float
    """Median."""
    ratio: float
    """To the floor: the median over blocks of 10 frames, each with floors painted after it."""
    worst: float
    """The worst of 40 frames to their median; the median of the rounds."""


def painted() -> None:
    """Deliver every event that is posted, the paint events among them."""
    QCoreApplication.sendPostedEvents()


def measure(
    floor: Floor, step: Callable[[int], None], frames: int = FRAMES, rounds: int = ROUNDS
) -> Figure:
    """Return how long a step and its painting take.

    What counts is the processor time of this thread: a frame waits for nothing, so alone on a
    machine that is the time on the clock, and beside others it leaves out what they take. Clocks
    of shared machines change their pace within a second, so each few frames have a floor of
    their own; a few frames that do not count come between the floor and those that do.

    Parameters
    ----------
    floor : Floor
        What the time is a ratio of.
    step : callable
        Gets the number of the frame; changes what is on the screen.
    """
    for number in range(min(_WARM_UP, frames)):
        step(number)
        painted()
    times: list[float] = []
    ratios: list[float] = []
    worsts: list[float] = []
    for _ in range(rounds):
        gc.collect()
        in_round: list[float] = []
        for start in range(0, frames, _BLOCK):
            for number in range(start, start + min(_AFTER_FLOOR, frames)):
                step(number)
                painted()
            block = [_timed(step, number) for number in range(start, min(start + _BLOCK, frames))]
            ratios.append(float(np.median(block)) / floor.time_ms(_BLOCK))
            in_round += block
        worsts.append(max(in_round) / float(np.median(in_round)))
        times += in_round
    return Figure(float(np.median(times)), float(np.median(ratios)), float(np.median(worsts)))


def _timed(step: Callable[[int], None], number: int) -> float:
    start = time.thread_time()
    step(number)
    painted()
    return (time.thread_time() - start) * 1000
