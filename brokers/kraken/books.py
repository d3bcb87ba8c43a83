"""The order books of all pairs that are watched: begun anew where one is not what Kraken has."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final

import msgspec

from brokers.kraken import wire
from brokers.kraken.book import Book
from brokers.kraken.timing import Pauses, Timing
from ems.ticks import Depth, Quote

log = logging.getLogger(__name__)

STOPPED_S: Final = 3.0
"""A book that is silent for longer, while the ticker has other prices, has stopped."""


class _Kept:
    """The book of one pair; None while its snapshot is not here."""

    def __init__(self, timing: Timing) -> None:
        self.book: Book | None = None
        self.begun_s = 0.0
        self.heard_s = 0.0
        self.pauses = Pauses(timing)
        self.timer: asyncio.TimerHandle | None = None
        self.told: object = None


class Books:
    """Keeps the books.

    Parameters
    ----------
    begin_anew
        Subscribes to the book of a pair once more.
    timing : Timing
        How long to pause before that, longer each time.
    clock
        Now, UTC ns.
    """

    def __init__(
        self, begin_anew: Callable[[str], None], timing: Timing, clock: Callable[[], int]
    ) -> None:
        self._begin_anew = begin_anew
        self._clock = clock
        self._timing = timing
        self._kept: dict[str, _Kept] = {}

    def watch(self, symbol: str) -> None:
        """Keep the book of a pair from its next snapshot on."""
        self._kept.setdefault(symbol, _Kept(self._timing))

    def forget(self, symbol: str) -> None:
        """Keep it no more."""
        kept = self._kept.pop(symbol, None)
        if kept is not None and kept.timer is not None:
            kept.timer.cancel()

    def line_lost(self) -> None:
        """What is here is old; the new connection brings snapshots."""
        for kept in self._kept.values():
            self._drop(kept)

    def stop(self) -> None:
        """Keep nothing any more."""
        for symbol in list(self._kept):
            self.forget(symbol)

    def agrees(self, ticker: wire.Ticker) -> bool:
        """Tell whether the book of a pair is here, and nothing speaks against it.

        A book that nothing was heard of for a while, when the ticker has other prices, has stopped:
        it begins anew.
        """
        kept = self._kept.get(ticker.symbol)
        if kept is None or kept.book is None:
            return False
        best = kept.book.best
        same = best is not None and (best[0][0], best[1][0]) == (ticker.bid, ticker.ask)
        if same or time.monotonic() - kept.heard_s < STOPPED_S:
            return True
        log.warning("the book of %s has stopped: it begins anew", ticker.symbol)
        self._give_up(kept, ticker.symbol)
        return False

    def depth(self, symbol: str) -> Depth | None:
        """Return the levels of a pair; None while they are not known for sure."""
        kept = self._kept.get(symbol)
        return None if kept is None or kept.book is None else kept.book.depth

    def take(self, envelope: wire.Envelope) -> list[tuple[str, Quote]]:
        """Take a message of the channel; returns each pair whose best prices or sizes changed.

        Raises
        ------
        msgspec.DecodeError
            If it is in a shape that is not known.
        """
        first = envelope.type == "snapshot"
        quotes = []
        for data in wire.read_as(list[wire.BookData], envelope.data):
            kept = self._kept.get(data.symbol)
            if kept is not None and (quote := self._taken(kept, data, first=first)) is not None:
                quotes.append((data.symbol, quote))
        return quotes

    # ---- inside

    def _taken(self, kept: _Kept, data: wire.BookData, *, first: bool) -> Quote | None:
        if first:
            self._drop(kept)
            kept.book, kept.begun_s = Book(), time.monotonic()
        if kept.book is None:
            return None  # the rest of a book that was given up
        try:
            fits = kept.book.take(data)
        except msgspec.DecodeError:
            self._give_up(kept, data.symbol)
            raise
        if not fits:
            log.warning("the book of %s is not what Kraken has: it begins anew", data.symbol)
            self._give_up(kept, data.symbol)
            return None
        kept.heard_s = time.monotonic()
        best = kept.book.best
        if best is None or best == kept.told:
            return None
        kept.told = best
        (bid, bid_size), (ask, ask_size) = best
        return Quote(self._clock(), bid, ask, bid_size, ask_size)

    def _give_up(self, kept: _Kept, symbol: str) -> None:
        """Until the next snapshot the ticker has the best prices."""
        self._drop(kept)
        pause_s = kept.pauses.next(time.monotonic() - kept.begun_s)
        loop = asyncio.get_running_loop()
        kept.timer = loop.call_later(pause_s, self._begin_anew, symbol)

    @staticmethod
    def _drop(kept: _Kept) -> None:
        kept.book = kept.told = None
        if kept.timer is not None:
            kept.timer.cancel()
            kept.timer = None
