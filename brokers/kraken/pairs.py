"""The pairs that Kraken trades: their names, old and new, and what an order must keep to."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from decimal import Decimal
from typing import Final

import msgspec

from brokers.kraken.errors import KrakenError
from ems.errors import UnknownMarket
from ems.market import Market, parse_fqsn

log = logging.getLogger(__name__)

BROKER: Final = "kraken"
FRESH_S: Final = 3_600.0
"""Pairs that are older are loaded anew."""
NEW_NAMES: Final = {"XBT": "BTC", "XDG": "DOGE"}
"""REST has the old names of these assets, WebSocket v2 the new ones."""
_DARK_POOL: Final = ".d"
_LIMIT_ORDERS: Final = frozenset({"online", "limit_only", "reduce_only", "post_only"})


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """One pair, in every spelling, with its minima."""

    market: Market
    symbol: str
    """WebSocket v2: ``BTC/USD``."""
    rest_name: str
    """REST: ``XXBTZUSD``."""
    altname: str
    """``XBTUSD``."""
    base: str
    """The asset in its new name: ``BTC``."""
    quote: str
    order_min: Decimal
    """The smallest size of an order, in units of the base."""
    cost_min: Decimal
    """The smallest price x size of an order, in the quote currency."""
    status: str = "online"

    def refuses(self, price: Decimal, size: Decimal) -> str | None:
        """Say why Kraken would refuse such a limit order; None if it would not."""
        market = self.market
        if self.status not in _LIMIT_ORDERS:
            return f"Kraken takes no orders in {self.symbol} now ({self.status})."
        if not (market.is_price(price) and price > 0):
            return f"{price} is no price of {self.symbol}: its tick size is {market.tick_size}."
        if not market.is_size(size):
            return f"{size} is no size in {self.symbol}: its lot size is {market.lot_size}."
        if size < self.order_min:
            return f"{size} {self.base} is too small: Kraken's minimum is {self.order_min}."
        if price * size < self.cost_min:
            return (
                f"{size} at {price} is worth {price * size:f} {self.quote}: "
                f"Kraken's minimum is {self.cost_min} {self.quote}."
            )
        return None


def new_name(asset: str) -> str:
    """Return the name that WebSocket v2 has for an asset: ``BTC`` for ``XBT``."""
    return NEW_NAMES.get(asset, asset)


def is_shown(altname: str) -> bool:
    """Tell whether the pair can be opened here; dark pools cannot be seen, so they are not."""
    if altname.endswith(_DARK_POOL):
        return False
    try:
        parse_fqsn(f"{altname.lower()}.{BROKER}")
    except UnknownMarket:
        return False
    return True


class Pairs:
    """All pairs, by any of their names."""

    def __init__(self, pairs: Iterable[Pair]) -> None:
        self._all = tuple(pairs)
        self._by_name: dict[str, Pair] = {}
        for pair in self._all:
            for name in (pair.altname, pair.symbol, pair.rest_name, pair.symbol.replace("/", "")):
                self._by_name.setdefault(name.lower(), pair)

    def __len__(self) -> int:
        return len(self._all)

    def named(self, name: str) -> Pair | None:
        """Return the pair of this name, in whatever spelling of Kraken's."""
        return self._by_name.get(name.lower())

    def of_fqsn(self, fqsn: str) -> Pair:
        """Return the pair of ``xbtusd.kraken`` or ``btcusd.kraken``; raises `UnknownMarket`."""
        parts = parse_fqsn(fqsn)
        pair = self.named(parts.symbol)
        if parts.broker != BROKER or parts.venue != BROKER or pair is None:
            raise UnknownMarket(
                f"Kraken has no market {fqsn}; write the pair and .kraken, as in xbtusd.kraken"
            )
        return pair

    def of_balance(self, asset: str, currency: str) -> Pair | None:
        """Return the pair that the balance of an asset is shown in."""
        return self.named(f"{asset}/{currency}")

    def search(self, text: str) -> list[Market]:
        """Return the markets that have the text in one of their names, the exact one first."""
        wanted = text.strip().lower().removesuffix(f".{BROKER}")
        found = [
            (pair.altname.lower(), pair)
            for pair in self._all
            if any(
                wanted in name.lower()
                for name in (pair.altname, pair.symbol, pair.symbol.replace("/", ""))
            )
        ]
        exact = self.named(wanted)
        found.sort(key=lambda entry: (entry[1] is not exact, entry[0]))
        return [pair.market for _, pair in found]


class PairSource:
    """Loads the pairs when somebody first needs them, and anew when they are old.

    New pairs are listed, and what Kraken takes in one changes.

    Parameters
    ----------
    load
        Asks the venue; raises `KrakenError` if it cannot be reached.
    clock
        Seconds; only differences count.
    """

    def __init__(
        self,
        load: Callable[[], Awaitable[list[Pair]]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._load = load
        self._clock = clock
        self._pairs: Pairs | None = None
        self._loaded_s = 0.0
        self._lock = asyncio.Lock()

    async def get(self, *, older_than_s: float = FRESH_S) -> Pairs:
        """Return the pairs; raises `KrakenError` if there are none and they cannot be had.

        Parameters
        ----------
        older_than_s
            Load them anew if they are older than this.
        """
        async with self._lock:
            if self._pairs is None:
                self._take(await self._load())
            elif self._clock() - self._loaded_s > older_than_s:
                self._loaded_s = self._clock()  # a venue that is away is not asked at each turn
                try:
                    self._take(await self._load())
                except KrakenError as error:
                    log.warning("the pairs are as they were, %s", error)
            assert self._pairs is not None
            return self._pairs

    def _take(self, pairs: list[Pair]) -> None:
        self._pairs, self._loaded_s = Pairs(pairs), self._clock()
