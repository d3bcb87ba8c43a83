"""The Pier itself: an exchange for tea on your own machine, with walkers who trade there.

``python -m ordermode_pier.exchange`` runs it; the tests run it too, and make it do things.
"""

import argparse
import asyncio
import itertools
import json
import math
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

Words = dict[str, Any]
HOST = "127.0.0.1"
PORT = 7780
MARKET = {"name": "tea", "tick": "0.01", "lot": "1", "currency": "USD", "says": "A chest of tea"}
MINUTE_NS = 60_000_000_000


@dataclass
class PierOrder:
    """One order in the books."""

    id: int
    ref: str
    side: str
    price: str
    size: str
    market: str = "tea"
    filled: str = "0"
    state: str = "working"
    why: str = ""
    seq: int = 1

    @property
    def left(self) -> Decimal:
        """What is not filled yet."""
        return Decimal(self.size) - Decimal(self.filled)


@dataclass
class Exchange:
    """The books, and who is connected."""

    orders: dict[int, PierOrder] = field(default_factory=dict)
    fills: list[Words] = field(default_factory=list)
    refusals: dict[str, list[str]] = field(default_factory=dict)
    """What is refused next, by request: ``new``, ``change``, ``cancel``."""
    closed: bool = False
    """Nobody is let in."""
    port: int = 0

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self._traders: set[asyncio.StreamWriter] = set()
        self._watchers: set[asyncio.StreamWriter] = set()
        self._all: set[asyncio.StreamWriter] = set()

    # ---- what its people do

    def fill(self, order: PierOrder, size: Decimal) -> None:
        """Execute a part of an order, at its limit."""
        order.filled = str(Decimal(order.filled) + size)
        numbers = {"size": str(size), "price": order.price, "time": time.time_ns()}
        names = {"id": order.id, "ref": order.ref, "side": order.side, "market": order.market}
        fill = {"is": "fill", "exec": f"X{next(self._numbers)}", **names, **numbers}
        self.fills.append(fill)
        self._tell(self._traders, fill)
        self.update(order, state="working" if order.left else "done")

    def update(self, order: PierOrder, **changes: str) -> None:
        """Change an order, and tell of it."""
        for name, value in changes.items():
            setattr(order, name, value)
        order.seq += 1
        self._tell(self._traders, {"is": "order", **asdict(order)})

    def place(self, side: str, price: str, size: str, ref: str = "") -> PierOrder:
        """Take an order into the books, and tell of it."""
        order = PierOrder(next(self._numbers), ref, side, price, size)
        self.orders[order.id] = order
        self.update(order)
        return order

    def trade(self, price: float, size: float = 1.0) -> None:
        """Let others trade, with a bid and an ask beside it."""
        now = time.time_ns()
        sides = {"bid": price - 0.01, "ask": price + 0.01}
        self._tell(self._watchers, {"is": "quote", "market": "tea", "time": now, **sides})
        trade = {"price": price, "size": size, "taker": 0, "time": now}
        self._tell(self._watchers, {"is": "trade", "market": "tea", **trade})

    def cross(self, price: float) -> None:
        """Fill whoever is in the way of a trade at this price."""
        for order in [one for one in self.orders.values() if one.state == "working"]:
            limit = float(order.price)
            if price <= limit if order.side == "buy" else price >= limit:
                self.fill(order, order.left)

    @property
    def watched(self) -> bool:
        """True while somebody wants ticks."""
        return bool(self._watchers)

    def cut(self) -> None:
        """Break every line."""
        for writer in tuple(self._all):
            writer.transport.abort()

    # ---- requests

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client until it leaves."""
        self._all.add(writer)
        try:
            while not self.closed and (line := await reader.readline()).endswith(b"\n"):
                self._do(json.loads(line), writer)
        except ConnectionError:
            pass  # it was cut
        finally:
            for group in (self._all, self._traders, self._watchers):
                group.discard(writer)
            writer.close()

    def _do(self, asked: Words, writer: asyncio.StreamWriter) -> None:
        match asked["do"]:
            case "state":
                self._traders.add(writer)
                live = [asdict(o) for o in self.orders.values() if o.state == "working"]
                state = {"orders": live, "fills": self.fills, "positions": self._positions()}
                _send(writer, {"is": "state", **state})
            case "new" | "change" | "cancel" as what:
                refusal = self._objection(what, asked)
                if refusal:
                    ids = {"ref": asked["ref"], "id": asked.get("id")}
                    _send(writer, {"is": "refused", "what": what, "why": refusal, **ids})
                else:
                    self._carry_out(what, asked)
            case "find":
                self._find(asked, writer)
            case "markets":
                _send(writer, {"is": "answer", "tag": asked["tag"], "markets": [MARKET]})
            case "bars":
                _send(writer, {"is": "answer", "tag": asked["tag"], "bars": bars(asked)})
            case "ticks":
                self._watchers.add(writer)
                _send(writer, {"is": "answer", "tag": asked["tag"]})

    def _objection(self, what: str, asked: Words) -> str:
        if self.refusals.get(what):
            return self.refusals[what].pop(0)
        if what == "new":
            known = any(order.ref == asked["ref"] for order in self.orders.values())
            return f"the order {asked['ref']} is there already" if known else ""
        order = self.orders.get(asked["id"])
        return "" if order is not None and order.state == "working" else "no such order works"

    def _carry_out(self, what: str, asked: Words) -> None:
        if what == "new":
            self.place(asked["side"], asked["price"], asked["size"], asked["ref"])
        elif what == "change":
            order = self.orders[asked["id"]]
            self.update(order, price=asked["price"], size=asked["size"])
        else:
            self.update(self.orders[asked["id"]], state="gone", why="cancelled on request")

    def _find(self, asked: Words, writer: asyncio.StreamWriter) -> None:
        found = [
            order
            for order in self.orders.values()
            if order.ref == asked["oid"] or order.id == asked["id"]
        ]
        order = found[0] if found else None
        fills = [fill for fill in self.fills if order is not None and fill["id"] == order.id]
        answer = {"is": "found", "oid": asked["oid"], "asked": asked["asked"], "fills": fills}
        _send(writer, answer | {"order": None if order is None else asdict(order)})

    def _positions(self) -> dict[str, str]:
        signs = {"buy": 1, "sell": -1}
        size = sum((signs[f["side"]] * Decimal(f["size"]) for f in self.fills), Decimal(0))
        return {"tea": str(size)}

    def _tell(self, group: set[asyncio.StreamWriter], words: Words) -> None:
        for writer in tuple(group):
            _send(writer, words)


def _send(writer: asyncio.StreamWriter, words: Words) -> None:
    if not writer.is_closing():
        writer.write(json.dumps(words).encode() + b"\n")


def price_at(time_ns: int) -> float:
    """Return the price of tea at a time: long waves, the same for everybody who asks."""
    minutes = time_ns / MINUTE_NS
    return round(100 + 3 * math.sin(minutes / 97) + math.sin(minutes / 11), 2)


def bars(asked: Words) -> list[list[float]]:
    """Return the bars before a time, from the same waves."""
    period_ns = asked["minutes"] * MINUTE_NS
    end_ns = time.time_ns() if asked["end"] is None else asked["end"]
    last = -(-end_ns // period_ns)
    rows = []
    for number in range(last - asked["count"], last):
        start_ns = number * period_ns
        prices = [price_at(start_ns + part * period_ns // 4) for part in range(5)]
        rows.append([start_ns, prices[0], max(prices), min(prices), prices[-1], 100.0])
    return rows


@asynccontextmanager
async def open_exchange(port: int = 0) -> AsyncIterator[Exchange]:
    """Run an exchange on loopback."""
    exchange = Exchange()
    server = await asyncio.start_server(exchange.talk, HOST, port)
    exchange.port = server.sockets[0].getsockname()[1]
    try:
        yield exchange
    finally:
        server.close()
        exchange.cut()
        await asyncio.sleep(0)


async def run(port: int) -> None:
    """Trade until interrupted."""
    async with open_exchange(port) as exchange:
        while True:
            price = round(price_at(time.time_ns()) + random.choice((-0.01, 0.0, 0.01)), 2)
            exchange.trade(price)
            exchange.cross(price)
            await asyncio.sleep(0.25)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="The Pier, an exchange on this machine.")
    parser.add_argument("--port", type=int, default=PORT)
    with suppress(KeyboardInterrupt):
        asyncio.run(run(parser.parse_args().port))
