"""Which orders and executions the tables cannot have: most that are looked for are new.

A look into the tables costs several times as much as a look here. A key is one byte at a place that
its hash says, and two keys may share one: "perhaps" is asked of the tables, "no" is for sure.
"""

from collections.abc import Hashable, Iterable
from typing import Final

LARGEST: Final = 1_000_000
"""Of more keys none is kept: the start must not wait for them."""
_PER_KEY: Final = 16
_LEAST: Final = 1 << 20


class Known:
    """Keys that were seen.

    Parameters
    ----------
    count : int
        How many there are about.
    keys
        Those that there are; not read if they are too many.
    """

    def __init__(self, count: int, keys: Iterable[Hashable]) -> None:
        self._places = bytearray()
        self._mask = 0
        if count <= LARGEST:
            self._places = bytearray(1 << max(_LEAST, count * _PER_KEY).bit_length())
            self._mask = len(self._places) - 1
            self.add(keys)

    def may_have(self, key: Hashable) -> bool:
        """Tell whether the key may be among them; False is for sure."""
        return not self._mask or self._places[hash(key) & self._mask] != 0

    def add(self, keys: Iterable[Hashable]) -> None:
        """Take in more keys."""
        places, mask = self._places, self._mask
        if mask:
            for key in keys:
                places[hash(key) & mask] = 1
