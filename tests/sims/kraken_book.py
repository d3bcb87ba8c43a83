"""The order book of the simulated Kraken, with its checksum."""

import zlib
from decimal import Decimal
from typing import Any, TypeAlias

Levels: TypeAlias = dict[str, str]
"""Size by price, as they stand on the wire: with every decimal."""


class SimBook:
    def __init__(self) -> None:
        self.bids: Levels = {}
        self.asks: Levels = {}

    def change(self, bids: Levels, asks: Levels) -> None:
        for side, changes in ((self.bids, bids), (self.asks, asks)):
            for price, size in changes.items():
                side[price] = size
                if not Decimal(size):
                    del side[price]

    @property
    def checksum(self) -> int:
        asks = sorted(self.asks, key=Decimal)[:10]
        bids = sorted(self.bids, key=Decimal, reverse=True)[:10]
        rows = [(price, self.asks[price]) for price in asks]
        rows += [(price, self.bids[price]) for price in bids]
        text = "".join(number.replace(".", "").lstrip("0") for row in rows for number in row)
        return zlib.crc32(text.encode())

    def message(self, kind: str, bids: Levels, asks: Levels) -> dict[str, Any]:
        data = {
            "symbol": "BTC/USD",
            "bids": [{"price": Decimal(p), "qty": Decimal(s)} for p, s in bids.items()],
            "asks": [{"price": Decimal(p), "qty": Decimal(s)} for p, s in asks.items()],
            "checksum": self.checksum,
        }
        return {"channel": "book", "type": kind, "data": [data]}
