"""Kraken's bytes on their way in: both WebSockets, and the answers of REST."""

import asyncio
import contextlib

from brokers.kraken import parsing, rest_wire, wire
from brokers.kraken.credentials import Credentials
from brokers.kraken.dialogue import KrakenDialogue
from brokers.kraken.errors import KrakenError
from brokers.kraken.feed import KrakenFeed, _Subscription
from brokers.kraken.first_use import FirstUse
from brokers.kraken.options import KrakenOptions
from brokers.kraken.pairs import Pair, PairSource
from brokers.kraken.rest import Rest
from brokers.kraken.timing import Timing
from brokers.kraken.trade_bars import TradeBars
from ems.errors import EmsError
from ems.messages import BrokerdQuery, encode
from tests.sims.kraken import PAIRS

NOW = 1_795_000_000_000_000_000
OID = "8738d003-946e-49af-92ba-2cefb17a7233"


class _Canned(Rest):
    """Gets the bytes for an answer to each question of a name; the simulator's pairs else."""

    def __init__(self, answers: dict[str, bytes]) -> None:
        super().__init__(
            "http://127.0.0.1:1", Credentials("key", "c2VjcmV0"), Timing(again_s=0.0), lambda: NOW
        )
        self._answers = {
            "AssetPairs": wire.write({"result": PAIRS}),
            "GetWebSocketsToken": b'{"result": {"token": "x"}}',
            **answers,
        }

    async def _call(self, method, url, body, headers, name) -> bytes:
        return self._answers.get(name, b'{"result": {}}')

    def pairs(self) -> PairSource:
        async def load() -> list[Pair]:
            return parsing.pairs_of(await self.public("AssetPairs", dict[str, rest_wire.AssetPair]))

        return PairSource(load)


class _LongAgo(FirstUse):
    """Everything that is told was traded since."""

    def __init__(self) -> None:
        """Nothing is kept."""

    def since_ns(self, now_ns: int) -> int:
        return 0


def _dialogue(rest: Rest, pairs: PairSource) -> KrakenDialogue:
    dialogue = KrakenDialogue(
        KrakenOptions(), rest, pairs, _LongAgo(), encode, Timing(), lambda: NOW
    )  # encode: what goes to the EMS can be told on
    dialogue._socket._outgoing = asyncio.Queue()
    return dialogue


async def private(data: bytes) -> None:
    rest = _Canned({})
    dialogue = _dialogue(rest, rest.pairs())
    await dialogue.before_connect()
    dialogue.on_open()
    try:
        for message in data.split(b"\n"):
            dialogue.on_data(message)
    finally:
        dialogue._stop()
        dialogue.entry.stop()
        await dialogue._lookup.close()


async def public(data: bytes) -> None:
    rest = _Canned({})
    feed = KrakenFeed(rest, rest.pairs(), "ws://127.0.0.1:1", Timing(), lambda: NOW)
    subscription = feed._subscriptions["BTC/USD"] = _Subscription()
    subscription.sinks[feed] = lambda ticks: None
    feed._books.watch("BTC/USD")
    try:
        for message in data.split(b"\n"):
            feed.on_data(message)
            feed._books.depth("BTC/USD")
    finally:
        feed._books.stop()


_REST = (
    "AssetPairs", "OHLC", "Time", "OpenOrders", "ClosedOrders", "QueryOrders", "QueryTrades",
    "GetWebSocketsToken", "Trades",
)  # fmt: skip


async def rest(data: bytes) -> None:
    """Take ``name answer`` lines: what is asked for next gets that answer."""
    answers = {}
    for line in data.split(b"\n"):
        name, _, answer = line.partition(b" ")
        if (text := name.decode(errors="replace")) in _REST:
            answers[text] = answer
    rest = _Canned(answers)
    pairs = rest.pairs()
    feed = KrakenFeed(rest, pairs, "ws://127.0.0.1:1", Timing(), lambda: NOW)
    with contextlib.suppress(KrakenError, EmsError):
        await feed.reach()
    with contextlib.suppress(KrakenError, EmsError):
        await feed.bars("xbtusd.kraken", 120 * 10**9)
    pair = (await _Canned({}).pairs().get()).of_fqsn("xbtusd.kraken")
    with contextlib.suppress(KrakenError, EmsError):
        await TradeBars(rest, pair, 60 * 10**9, NOW, 1.0, 0.0).before(NOW, 100)
    dialogue = _dialogue(rest, pairs)
    try:
        with contextlib.suppress(KrakenError):
            await dialogue.before_connect()
        for reqid in (None, "OSIM01-AAAAA-BBBBBB"):
            query = BrokerdQuery(
                oid=OID, account="kraken.spot", symbol="xbtusd.kraken", time_ns=NOW, reqid=reqid
            )
            dialogue._lookup.ask(query, dialogue._pairs)
            assert dialogue._lookup._worker is not None
            await dialogue._lookup._worker
    finally:
        dialogue.entry.stop()
        await dialogue._lookup.close()
