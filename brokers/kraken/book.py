"""The order book of one pair: price levels with what lies at each, verified with each message.

Source: https://docs.kraken.com/exchange/guides/websockets/book-checksum-v2
"""

import math
import zlib
from bisect import bisect_left
from collections.abc import Iterable
from typing import Final

import msgspec

from brokers.kraken import wire
from ems.ticks import Depth, Level

DEPTH: Final = 10
"""Levels a side that are subscribed; the checksum is over as many, however many there are."""


class _Side:
    """The bids, or the asks, best first.

    Parameters
    ----------
    sign : int
        1 for asks, the lowest of which is best; -1 for bids.
    """

    def __init__(self, sign: int) -> None:
        self._sign = sign
        self._keys: list[float] = []
        self.levels: list[Level] = []
        self.texts: list[bytes] = []
        """Of each level, what goes into the checksum."""

    def take(self, levels: Iterable[wire.BookLevel]) -> None:
        """Take changes in the order in which they came; what lies too deep is forgotten."""
        for level in levels:
            price_text, size_text = bytes(level.price), bytes(level.qty)
            price, size = _number(price_text), _number(size_text)
            key = self._sign * price
            place = bisect_left(self._keys, key)
            if place < len(self._keys) and self._keys[place] == key:
                del self._keys[place], self.levels[place], self.texts[place]
            if size:
                self._keys.insert(place, key)
                self.levels.insert(place, (price, size))
                self.texts.insert(place, _digits(price_text) + _digits(size_text))
        del self._keys[DEPTH:], self.levels[DEPTH:], self.texts[DEPTH:]


class Book:
    """The best levels of a pair. Made with its snapshot."""

    def __init__(self) -> None:
        self._bids, self._asks = _Side(-1), _Side(1)

    def take(self, data: wire.BookData) -> bool:
        """Take a snapshot or changes; False if what we have now is not what Kraken has.

        Raises
        ------
        msgspec.DecodeError
            If a price or size is no number.
        """
        self._bids.take(data.bids)
        self._asks.take(data.asks)
        return data.checksum is None or data.checksum == self.checksum

    @property
    def checksum(self) -> int:
        """CRC32 over the digits of the best asks and bids."""
        return zlib.crc32(b"".join(self._asks.texts + self._bids.texts))

    @property
    def best(self) -> tuple[Level, Level] | None:
        """The best bid and the best ask; None while a side is empty."""
        if self._bids.levels and self._asks.levels:
            return self._bids.levels[0], self._asks.levels[0]
        return None

    @property
    def depth(self) -> Depth:
        """A copy of all levels."""
        return Depth(tuple(self._bids.levels), tuple(self._asks.levels))


def _number(text: bytes) -> float:
    """Return the number in a text; `msgspec.DecodeError` if it is none that can be a price."""
    try:
        number = float(text.strip(b'"'))
    except ValueError as error:
        raise msgspec.DecodeError(f"{text[:40]!r} is no number") from error
    if not (math.isfinite(number) and number >= 0):
        raise msgspec.DecodeError(f"{text[:40]!r} is no price or size")
    return number


def _digits(text: bytes) -> bytes:
    return text.strip(b'"').replace(b".", b"").lstrip(b"0")
