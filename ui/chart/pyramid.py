"""Block extremes over a growing array: what makes a window cost the same at any zoom."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

FACTOR: Final = 4
"""Values of one level under one value of the next."""

_AT_ONCE: Final = 2048
"""Values that one call goes through faster than it takes to choose among levels."""

Floats = npt.NDArray[np.float64]


class Pyramid:
    """A growing array with the extremes of its blocks of 4, 16, 64... values.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        The values to begin with; they are copied.
    extreme : numpy ufunc
        ``np.maximum``, ``np.minimum`` or ``np.fmax`` (which passes over NaN).
    """

    def __init__(self, values: Floats, extreme: np.ufunc) -> None:
        self._extreme: Any = extreme
        self._size = 0
        self._levels: list[Floats] = [np.empty(0)]
        self._rebuild(values)

    @property
    def values(self) -> Floats:
        """The values themselves, a view of shape ``(n,)``."""
        return self._levels[0][: self._size]

    def at(self, index: int) -> float:
        """Return one value; faster than through ``values``."""
        if not 0 <= index < self._size:
            raise IndexError(f"no value {index} among {self._size}")
        return self._levels[0].item(index)

    @property
    def nbytes(self) -> int:
        """Memory of all levels with their room to grow, bytes."""
        return sum(level.nbytes for level in self._levels)

    def append(self, value: float) -> None:
        """Add a value at the end, in O(levels)."""
        if self._size == len(self._levels[0]):
            self._rebuild(self.values)
        self._levels[0][self._size] = value
        width = 1
        for level in self._levels[1:]:
            width *= FACTOR
            block, inside = divmod(self._size, width)
            level[block] = self._extreme(level[block], value) if inside else value
        self._size += 1

    def prepend(self, values: Floats) -> None:
        """Put values in front, in O(n)."""
        self._rebuild(np.concatenate([values, self.values]))

    def widen(self, index: int, value: float) -> None:
        """Let a value be the more extreme of itself and ``value``, in O(levels)."""
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
        if not 0 <= start < stop <= self._size:
            raise ValueError(f"[{start}, {stop}) is no range of {self._size} values")
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

    def level(self, bars_a_column: float) -> tuple[Floats, int]:
        """Return the coarsest level that has at least four blocks in a column.

        Returns
        -------
        blocks : ndarray of float64
            Extremes, one a block; the last one may be of an unfinished block.
        width : int
            Values in a block; 1 for the values themselves.
        """
        depth, width = 0, 1
        while width * FACTOR * 4 <= bars_a_column and depth + 1 < len(self._levels):
            depth, width = depth + 1, width * FACTOR
        return self._levels[depth][: -(-self._size // width)], width

    def _rebuild(self, values: Floats) -> None:
        """Lay out all levels anew, with an eighth of room to grow."""
        self._size = len(values)
        room = self._size + self._size // 8 + 64
        level = np.empty(room)
        level[: self._size] = values
        self._levels = [level]
        size = self._size
        while len(level) > FACTOR:
            upper = np.empty(-(-len(level) // FACTOR))
            upper[: -(-size // FACTOR)] = self._blocks_of(level[:size])
            size, level = -(-size // FACTOR), upper
            self._levels.append(level)

    def _blocks_of(self, values: Floats) -> Floats:
        whole = len(values) // FACTOR * FACTOR
        body = values[:whole]
        blocks: Floats = self._extreme(body[0::FACTOR], body[1::FACTOR])
        self._extreme(blocks, body[2::FACTOR], out=blocks)
        self._extreme(blocks, body[3::FACTOR], out=blocks)
        if whole < len(values):
            blocks = np.append(blocks, self._extreme.reduce(values[whole:]))
        return blocks
