"""Averages that the formulas of indicators are made of."""

from collections.abc import Callable
from itertools import accumulate
from typing import Final

import numpy as np

from ui.chart.pyramid import Floats

_BLOCK: Final = 256
_MOST: Final = 5000
_FEW: Final = 16
"""So many values are smoothed one by one."""


def check_length(length: int) -> None:
    """Raise a ValueError that says what a length can be, unless this one can."""
    if not 1 <= length <= _MOST:
        raise ValueError(f"a length of {length} bars is none; give 1 to {_MOST:,}")


def mean_and_deviation(closes: Floats, start: int, length: int) -> tuple[Floats, Floats]:
    """Return mean and deviation of the last closes, for the bars from ``start`` on."""
    first = max(start - length + 1, 0)
    part = closes[first:]
    level = part[-1] if len(part) else 0.0
    part = part - level  # sums of small numbers keep their digits
    sums, squares = (np.concatenate([[0.0], np.cumsum(p)]) for p in (part, part * part))
    mean = np.full(len(closes) - start, np.nan)
    deviation = mean.copy()
    whole = len(part) - length + 1
    if whole > 0:
        means = (sums[length:] - sums[:-length]) / length
        variance = (squares[length:] - squares[:-length]) / length - means * means
        mean[-whole:] = means + level
        deviation[-whole:] = np.sqrt(np.maximum(variance, 0.0))
    return mean, deviation


def wilder(values: Floats, length: int, before: float | None) -> Floats:
    """Return Wilder's averages: the mean of the first values, then smoothed by ``1 / length``.

    Parameters
    ----------
    values : ndarray
        One a bar; if ``before`` is None from the first bar of all, whose own value is left out.
    before : float, optional
        The average of the bar before them.
    """
    if before is not None:
        return smoothed(values, 1.0 / length, before)
    averages = np.full(len(values), np.nan)
    if len(values) > length:
        averages[length] = values[1 : length + 1].mean()
        averages[length + 1 :] = smoothed(values[length + 1 :], 1.0 / length, averages[length])
    return averages


def smoothed(values: Floats, weight: float, first: float) -> Floats:
    """Return ``y`` with ``y[i] = y[i - 1] + weight * (values[i] - y[i - 1])``, from ``first`` on.

    Blocks are one matrix product each, so that a million bars need no loop over bars.
    """
    keep = 1.0 - weight
    count = len(values)
    if count <= _FEW:
        return np.array(list(accumulate(values.tolist(), _step(weight), initial=first))[1:])
    padded = np.zeros(-(-count // _BLOCK) * _BLOCK)
    padded[:count] = values
    place = np.arange(_BLOCK)
    lag = place[:, None] - place
    matrix = np.where(lag >= 0, weight * keep ** np.maximum(lag, 0), 0.0)
    blocks = padded.reshape(-1, _BLOCK) @ matrix.T
    fading = keep ** (place + 1)
    before = first
    for block in blocks:
        block += fading * before
        before = block[-1]
    smoothed: Floats = blocks.reshape(-1)[:count]
    return smoothed


def _step(weight: float) -> Callable[[float, float], float]:
    return lambda before, value: before + weight * (value - before)
