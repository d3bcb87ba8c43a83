"""Market data of the Pier: its markets, bars and ticks."""

import asyncio
import itertools
from decimal import Decimal

import numpy as np

from ems.errors import UnknownMarket
from ems.market import Market
from ems.ports import TickSink, Unsubscribe
from ems.ticks import BAR_DTYPE, Bars, Quote, Trade
from ordermode_pier.line import Line, Words

MINUTE_NS = 60_000_000_000
ANSWER_S = 5.0


class PierFeed:
    """See `ems.ports.Feed`. It has a line of its own, opened when something is asked."""

    name = "pier"

    def __init__(self, host: str, port: int) -> None:
        self._line = Line(host, port, self._on_up, self._on_words, self._on_down)
        self._keeping: asyncio.Task[None] | None = None
        self._up = asyncio.Event()
        self._sinks: dict[str, list[TickSink]] = {}
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Words]] = {}

    async def search(self, text: str) -> list[Market]:
        """Return the markets whose name or description contains the text."""
        answer = await self._ask({"do": "markets"})
        found = [market_of(words) for words in answer["markets"]]
        return [m for m in found if text.lower() in f"{m.fqsn} {m.description}".lower()]

    async def market(self, fqsn: str) -> Market:
        """Return the market."""
        for market in await self.search(""):
            if market.fqsn == fqsn:
                return market
        raise UnknownMarket(f"the Pier has no market {fqsn}")

    def period_ns(self, fqsn: str) -> int:
        """Return the shortest period of bars: a minute."""
        return MINUTE_NS

    async def bars(
        self, fqsn: str, period_ns: int, *, end_ns: int | None = None, count: int = 1000
    ) -> Bars:
        """Return up to ``count`` bars that start before ``end_ns``."""
        asked = {"market": fqsn.removesuffix(".pier"), "minutes": period_ns // MINUTE_NS}
        answer = await self._ask({"do": "bars", **asked, "end": end_ns, "count": count})
        rows = [tuple(row) for row in answer["bars"]]
        return np.array(rows, dtype=BAR_DTYPE)

    async def subscribe(self, fqsn: str, sink: TickSink) -> Unsubscribe:
        """Deliver each tick to ``sink`` from now on."""
        market = fqsn.removesuffix(".pier")
        sinks = self._sinks.setdefault(market, [])
        sinks.append(sink)
        await self._ask({"do": "ticks", "market": market})

        def stop() -> None:
            if sink in sinks:
                sinks.remove(sink)

        return stop

    async def aclose(self) -> None:
        """Hang up."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait({self._keeping})

    # ---- inside

    async def _ask(self, words: Words) -> Words:
        if self._keeping is None:
            self._keeping = asyncio.create_task(self._line.keep())
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._up.wait()
                number = next(self._numbers)
                answer = self._answers[number] = asyncio.get_running_loop().create_future()
                self._line.send(words | {"tag": number})
                return await answer
        except (TimeoutError, ConnectionError) as error:
            raise UnknownMarket("the Pier does not answer; is the exchange running?") from error

    def _on_up(self) -> None:
        self._up.set()
        for market in self._sinks:  # the Pier has forgotten who wanted ticks
            self._line.send({"do": "ticks", "market": market, "tag": 0})

    def _on_down(self, reason: str) -> None:
        self._up.clear()
        for answer in self._answers.values():
            answer.cancel()
        self._answers.clear()

    def _on_words(self, words: Words) -> None:
        if words["is"] == "answer":
            answer = self._answers.pop(words["tag"], None)
            if answer is not None and not answer.done():
                answer.set_result(words)
            return
        tick: Quote | Trade
        if words["is"] == "trade":
            tick = Trade(words["time"], words["price"], words["size"], words["taker"])
        else:
            tick = Quote(words["time"], words["bid"], words["ask"])
        for sink in tuple(self._sinks.get(words["market"], ())):
            sink([tick])


def market_of(words: Words) -> Market:
    """Return a market's facts."""
    return Market(
        fqsn=f"{words['name']}.pier",
        tick_size=Decimal(words["tick"]),
        lot_size=Decimal(words["lot"]),
        currency=words["currency"],
        description=words["says"],
        badge="EXAMPLE",
        source="the Pier, an exchange on this machine",
    )
