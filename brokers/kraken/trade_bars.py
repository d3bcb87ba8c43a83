"""Bars that are older than Kraken's ``OHLC`` goes, made of its public trades.

``Trades`` tells a thousand trades from a moment on, going forward, and takes about a call a second.
So a piece of history is asked for that few calls hold, by how dense trades are next to it; where
that piece is but a few bars, it is not worth the wait, and is said to be none.

Source: https://docs.kraken.com/api/docs/rest-api/get-recent-trades
"""

import asyncio
from typing import Final

import numpy as np
import numpy.typing as npt

from brokers.kraken import rest_wire
from brokers.kraken.pairs import Pair
from brokers.kraken.public_trades import TRADES_A_CALL, PricesAndSizes, read_trades
from brokers.kraken.rest import Rest
from ems.errors import BadHistory
from ems.ticks import BAR_DTYPE, Bars, no_bars

CALLS_A_PIECE: Final = 8
LEAST_BARS: Final = 12
"""A piece of fewer bars than this is not worth the wait for it."""
_EMPTY_PIECES: Final = 3
"""So many pieces without a trade may follow each other."""
_SECOND_NS: Final = 1_000_000_000


class TradeBars:
    """The older bars of one pair and period.

    Parameters
    ----------
    rest : Rest
        Who is asked.
    pair : Pair
        The market.
    period_ns : int
        Length of a bar.
    end_ns : int
        Where the bars begin that are known otherwise.
    trades_a_second : float
        How dense trades are there.
    pause_s : float
        Between one call and the next.
    """

    def __init__(
        self,
        rest: Rest,
        pair: Pair,
        period_ns: int,
        end_ns: int,
        trades_a_second: float,
        pause_s: float,
    ) -> None:
        self._rest = rest
        self._pair = pair
        self._period_ns = period_ns
        self._end_ns = end_ns
        self.known = no_bars()
        """Those that are here."""
        self._density = max(trades_a_second, 1e-9)
        self._pause_s = pause_s
        self._listed_ns: int | None = None
        self._walk: _Walk | None = None
        self._said = False

    async def before(self, end_ns: int, count: int) -> Bars:
        """Return up to ``count`` bars before ``end_ns``, or fewer if more would take long.

        A call that was cancelled, or that failed, is gone on with by the next one.

        Raises
        ------
        KrakenError
            If Kraken cannot be asked.
        BadHistory
            The first time that older bars are not worth the wait; the text says why.
        """
        for _ in range(_EMPTY_PIECES):
            older = self.known[self.known["time"] < end_ns]
            if len(older) or not await self._ask_for_a_piece():
                break
        else:
            older = self.known[self.known["time"] < end_ns]
        return older[-count:]

    # ---- inside

    async def _ask_for_a_piece(self) -> bool:
        """Put an older piece in front; False if there is none."""
        if self._walk is None:
            if self._listed_ns is None:
                self._listed_ns = await self._first_trade_ns()
            start_ns = self._start_ns()
            if start_ns >= self._end_ns:
                return False
            self._walk = _Walk(start_ns, self._end_ns)
        walk = self._walk
        while not walk.done:
            walk.take(*await self._trades(walk.since_ns))
        self._walk = None
        self.known = np.concatenate([walk.bars(self._period_ns), self.known])
        self._end_ns = walk.start_ns
        seconds = (walk.end_ns - walk.start_ns) / _SECOND_NS
        self._density = max(walk.count / seconds, self._density / 4)
        return True

    def _start_ns(self) -> int:
        """Return where the next piece begins: on the grid of bars, or where the pair does."""
        seconds = CALLS_A_PIECE * TRADES_A_CALL / self._density
        bars = int(seconds * _SECOND_NS) // self._period_ns
        assert self._listed_ns is not None
        first_ns = self._listed_ns - self._listed_ns % self._period_ns
        if self._end_ns <= first_ns:
            return self._end_ns
        if bars < LEAST_BARS:
            if self._said:
                return self._end_ns
            self._said = True
            raise BadHistory(self._not_worth_it())
        return max(self._end_ns - bars * self._period_ns, first_ns)

    def _not_worth_it(self) -> str:
        bars = self._density * self._period_ns / _SECOND_NS
        return (
            f"Kraken tells the last 720 bars only. Older ones are made of single trades, about "
            f"{bars:,.0f} of {self._pair.symbol} to a bar of this length, which would take too "
            "long. A shorter period goes further back."
        )

    async def _first_trade_ns(self) -> int:
        times, _ = await self._trades(0)
        return int(times[0]) if len(times) else self._end_ns

    async def _trades(self, since_ns: int) -> tuple[npt.NDArray[np.int64], PricesAndSizes]:
        """Return the trades after a moment: their times, and their prices and sizes."""
        params = {"pair": self._pair.altname, "since": str(since_ns), "count": str(TRADES_A_CALL)}
        await asyncio.sleep(self._pause_s)
        return read_trades(await self._rest.public("Trades", rest_wire.Trades, params))


class _Walk:
    """The way through the trades of one piece, from its start to its end."""

    def __init__(self, start_ns: int, end_ns: int) -> None:
        self.start_ns = start_ns
        self.end_ns = end_ns
        self.since_ns = start_ns - 1
        self.done = False
        self.count = 0
        self._times: list[npt.NDArray[np.int64]] = []
        self._trades: list[PricesAndSizes] = []

    def take(self, times: npt.NDArray[np.int64], trades: PricesAndSizes) -> None:
        """Take the next trades, oldest first."""
        inside = (times > self.since_ns) & (times < self.end_ns)
        self.count += int(inside.sum())
        self._times.append(times[inside])
        self._trades.append(trades[inside])
        over = not len(times) or int(times[-1]) >= self.end_ns or int(times[-1]) <= self.since_ns
        self.done = over
        if not over:
            self.since_ns = int(times[-1])

    def bars(self, period_ns: int) -> Bars:
        """Return the bars of all trades; a time without any has none."""
        times, trades = np.concatenate(self._times), np.concatenate(self._trades)
        if not len(times):
            return no_bars()
        order = np.argsort(times, kind="stable")
        times, prices, sizes = times[order], trades[order, 0], trades[order, 1]
        starts = times - times % period_ns
        first = np.flatnonzero(np.diff(starts, prepend=starts[0] - period_ns))
        bars = np.empty(len(first), dtype=BAR_DTYPE)
        bars["time"], bars["open"] = starts[first], prices[first]
        bars["high"] = np.maximum.reduceat(prices, first)
        bars["low"] = np.minimum.reduceat(prices, first)
        bars["close"] = prices[np.append(first[1:], len(prices)) - 1]
        bars["volume"] = np.add.reduceat(sizes, first)
        return bars
