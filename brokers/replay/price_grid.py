"""The grid that numbers lie on: found in the data, and used to put them exactly on it."""

from decimal import Decimal
from typing import Final

import numpy as np
import numpy.typing as npt

from brokers.replay.rows import Floats, Ints

DEFAULT_TICK_SIZE: Final = Decimal("0.01")
_MOST_DIGITS: Final = 8
_MOST_OFF_GRID: Final = 0.1
"""Share of the numbers that may lie off the grid: averaged prints, corrections, eighths."""
_FLOAT32_NOISE: Final = 6e-8
"""Prices that once were 32-bit floats are off by up to this share of their value."""
_FEWEST_TO_TRUST: Final = 20
"""With fewer different prices their common step may be chance, not the market's."""
_SAMPLE: Final = 200_000


class Grid:
    """Whole multiples of a step."""

    def __init__(self, step: Decimal) -> None:
        self.step = step
        self._digits = max(0, -int(step.normalize().as_tuple().exponent))
        self._units = int(step.scaleb(self._digits))

    def to_steps(self, numbers: Floats) -> Ints:
        """Return the nearest whole number of steps of each."""
        return np.rint(numbers * (10.0**self._digits / self._units)).astype(np.int64)

    def floor_steps(self, numbers: Floats) -> Ints:
        """Return the largest whole number of steps not above each, float noise forgiven."""
        return np.floor(numbers * (10.0**self._digits / self._units) + 1e-6).astype(np.int64)

    def to_numbers(self, steps: Ints) -> Floats:
        """Return the float nearest to each exact multiple: 3 steps of 0.1 are 0.3."""
        # A division of two whole numbers rounds once, so the float prints as the decimal.
        numbers: Floats = (steps * self._units) / 10.0**self._digits
        return numbers

    def is_off(self, numbers: Floats) -> npt.NDArray[np.bool_]:
        """Tell which numbers are no multiple of the step, float noise forgiven."""
        distance = np.abs(numbers - self.to_numbers(self.to_steps(numbers)))
        return distance > np.maximum(np.abs(numbers) * _FLOAT32_NOISE, 1e-9)


def infer_tick_size(prices: Floats) -> Decimal:
    """Return the tick size that the prices show, 0.01 if they show none.

    Parameters
    ----------
    prices : ndarray, shape (n,)
        Finite and positive; float noise and a few prices off the grid are forgiven.
    """
    sample = _sample(prices)
    digits = _digits(sample)
    if digits is None:
        return DEFAULT_TICK_SIZE
    units = np.unique(np.rint(_on_grid(sample, digits) * 10.0**digits).astype(np.int64))
    if len(units) < _FEWEST_TO_TRUST:
        return min(DEFAULT_TICK_SIZE, Decimal(1).scaleb(-digits))
    return Decimal(int(np.gcd.reduce(units))).scaleb(-digits)


def infer_lot_size(sizes: Floats) -> Decimal:
    """Return the lot size that the sizes show: a decimal fraction, or 1.

    Lots above 1 are not inferred: volumes in whole hundreds do not forbid an order for 7.
    """
    known = sizes[np.isfinite(sizes) & (sizes > 0)]
    digits = _digits(_sample(known)) if len(known) else None
    return Decimal(1) if digits is None else Decimal(1).scaleb(-digits)


def _sample(numbers: Floats) -> Floats:
    return numbers[:: max(1, len(numbers) // _SAMPLE)]


def _digits(numbers: Floats) -> int | None:
    """The fewest decimal places that do for nearly all of the numbers."""
    for digits in range(_MOST_DIGITS + 1):
        if len(_on_grid(numbers, digits)) >= len(numbers) * (1 - _MOST_OFF_GRID):
            return digits
    return None


def _on_grid(numbers: Floats, digits: int) -> Floats:
    scaled = numbers * 10.0**digits
    noise = np.clip(np.abs(scaled) * _FLOAT32_NOISE, 1e-6, 0.04)
    return numbers[np.abs(scaled - np.rint(scaled)) <= noise]
