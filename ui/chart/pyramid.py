"""Block extremes over a growing array: what makes a window cost the same at any zoom."""

from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

FACTOR: Final = 4
"""Values of one level under one value of the next."""

_AT_ONCE: Final = 2048
"""Values that one call goes through faster than it takes to choose among levels."""
_NEUTRAL: Final[dict[Any, float]] = {np.maximum: -np.inf, np.minimum: np.inf, np.fmax: np.nan}
"""What changes no extreme."""

Floats = npt.NDArray[np.float64]


class Blocks(NamedTuple):
    """One level of a pyramid."""

    extremes: Floats
    """One a block; the first and the last one may be of a block that is not full."""
    width: int
    """Values in a block; 1 for the values themselves."""
    lead: int
    """How many values the first block is short of at its beginning."""


class Pyramid:
    """An array that grows at both ends, with the extremes of its blocks of 4, 16, 64... values.

    Values in front of others move no block: there is room before the first value, and blocks are
    counted from the beginning of that room.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        The values to begin with; they are copied.
    extreme : numpy ufunc
        ``np.maximum``, ``np.minimum`` or ``np.fmax`` (which passes over NaN).
    before, after : int
        Room for values in front and behind. Where it is not enough all is copied.
    """

    def __init__(
        self, values: Floats, extreme: np.ufunc, *, before: int = 0, after: int = 64
    ) -> None:
        self._extreme: Any = extreme
        self._neutral = _NEUTRAL[extreme]
        self._levels: list[Floats] = []
        self._start = self._stop = before
        """Where the first value is, and where the next one will be."""
        self._lay_out(values, before, after)

    @property
    def values(self) -> Floats:
        """The values themselves, a view of shape ``(n,)``."""
        return self._levels[0][self._start : self._stop]

    def at(self, index: int) -> float:
        """Return one value; faster than through ``values``."""
        if not 0 <= index < self._stop - self._start:
            raise IndexError(f"no value {index} among {self._stop - self._start}")
        return self._levels[0].item(self._start + index)

    @property
    def nbytes(self) -> int:
        """Memory of all levels with their room to grow, bytes."""
        return sum(level.nbytes for level in self._levels)

    def append(self, value: float) -> None:
        """Add a value at the end, in O(levels)."""
        if self._stop == len(self._levels[0]):
            self._lay_out(self.values, self._start, len(self._levels[0]) // 8 + 64)
        self._levels[0][self._stop] = value
        width = 1
        for level in self._levels[1:]:
            width *= FACTOR
            block, inside = divmod(self._stop, width)
            known = inside and self._start < self._stop
            level[block] = self._extreme(level[block], value) if known else value
        self._stop += 1

    def extend(self, values: Floats) -> None:
        """Add values at the end, in O(their number) if there is room."""
        start, stop = self._stop, self._stop + len(values)
        if stop > len(self._levels[0]):
            self._lay_out(np.concatenate([self.values, values]), self._start, stop // 8 + 64)
            return
        self._levels[0][start:stop] = values
        self._stop = stop
        self._fold(start, stop)

    def prepend(self, values: Floats) -> None:
        """Put values in front, in O(their number) if there is room."""
        start = self._start - len(values)
        if start < 0:
            after = len(self._levels[0]) - self._stop
            self._lay_out(np.concatenate([values, self.values]), 0, after)
            return
        self._levels[0][start : self._start] = values
        self._start, stop = start, self._start
        self._fold(start, stop)

    def cut(self, size: int) -> None:
        """Forget all but the first values.

        The block of the last ones may go on to know of some that are gone, until others follow.
        """
        self._stop = self._start + size

    def widen(self, index: int, value: float) -> None:
        """Let a value be the more extreme of itself and ``value``, in O(levels)."""
        index += self._start
        for level in self._levels:
            before = level[index]
            after = level[index] = self._extreme(before, value)
            if after == before:
                return  # the blocks above have known it
            index //= FACTOR

    def between(self, start: int, stop: int) -> float:
        """Return the extreme of the values ``[start, stop)``, at a cost that their root bounds.

        Raises
        ------
        ValueError
            If the range is empty or leaves the array.
        """
        size = self._stop - self._start
        if not 0 <= start < stop <= size:
            raise ValueError(f"[{start}, {stop}) is no range of {size} values")
        start, stop = start + self._start, stop + self._start
        depth, width = 0, 1
        while stop - start > _AT_ONCE * width and depth + 1 < len(self._levels):
            depth, width = depth + 1, width * FACTOR
        inner_start, inner_stop = -(-start // width), stop // width
        reduce, values = self._extreme.reduce, self._levels[0]
        if width == 1 or inner_start >= inner_stop:
            return float(reduce(values[start:stop]))
        found = float(reduce(self._levels[depth][inner_start:inner_stop]))
        if start < inner_start * width:
            found = float(self._extreme(found, reduce(values[start : inner_start * width])))
        if inner_stop * width < stop:
            found = float(self._extreme(found, reduce(values[inner_stop * width : stop])))
        return found

    def level(self, bars_a_column: float) -> Blocks:
        """Return the coarsest level that has at least four blocks in a column."""
        depth, width = 0, 1
        while width * FACTOR * 4 <= bars_a_column and depth + 1 < len(self._levels):
            depth, width = depth + 1, width * FACTOR
        known = slice(self._start // width, -(-self._stop // width))
        return Blocks(self._levels[depth][known], width, self._start % width)

    def _lay_out(self, values: Floats, before: int, after: int) -> None:
        """Take these values and no others, with room before and after them."""
        size = before + len(values) + after
        self._levels = [np.empty(size)]
        while size > FACTOR:
            size = -(-size // FACTOR)
            self._levels.append(np.empty(size))
        self._start = self._stop = before
        self.extend(values)

    def _fold(self, start: int, stop: int) -> None:
        """Work out the blocks over some places of the array, on every level."""
        first, last = self._start, self._stop
        for lower, upper in pairwise(self._levels):
            start, stop = start // FACTOR, -(-stop // FACTOR)
            known = slice(max(start * FACTOR, first), min(stop * FACTOR, last))
            upper[start:stop] = self._blocks_of(lower[known], known.start - start * FACTOR)
            first, last = first // FACTOR, -(-last // FACTOR)

    def _blocks_of(self, values: Floats, lead: int) -> Floats:
        """Return the extremes of blocks; the first one is short of ``lead`` values."""
        if lead:
            values = np.concatenate([np.full(lead, self._neutral), values])
        whole = len(values) // FACTOR * FACTOR
        body = values[:whole]
        blocks: Floats = self._extreme(body[0::FACTOR], body[1::FACTOR])
        self._extreme(blocks, body[2::FACTOR], out=blocks)
        self._extreme(blocks, body[3::FACTOR], out=blocks)
        if whole < len(values):
            blocks = np.append(blocks, self._extreme.reduce(values[whole:]))
        return blocks
