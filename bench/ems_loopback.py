"""From a tick that comes in on a socket to the order that it sends out, beside a bare echo."""

import asyncio
import json
import statistics
import struct
import sys
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from bench.ems_rig import Row, an_ems, an_order, drained
from ems.embedded_client import EmbeddedClient
from ems.messages import BrokerdOrder
from ems.ticks import Trade
from tests.sims.scripted_venue import PushFeed, ScriptedVenue

TIMES = 600
_PRICE = struct.Struct("<cd")

_EXCHANGE = """
import json, socket, struct, sys, time
line = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
message = struct.Struct("<cd").pack
def asked(kind, price):
    begin = time.perf_counter_ns()
    line.sendall(message(kind, price))
    line.recv(4096)
    return (time.perf_counter_ns() - begin) / 1000
echo, order = [], []
for number in range(int(sys.argv[2])):
    echo.append(asked(b"e", 0.0))
    asked(b"a", 101.0)
    order.append(asked(b"t", 99.0))
print(json.dumps([echo, order]))
"""
"""Sends in turn something to be echoed, and a tick that triggers a dark order."""


class _Server(asyncio.Protocol):
    """Echoes, arms, or takes a tick; the venue answers a tick with the order that it sends."""

    def __init__(self, client: EmbeddedClient, feed: PushFeed, venue: "_Wire") -> None:
        self._client = client
        self._feed = feed
        self._venue = venue
        self._transport: asyncio.Transport

    def connection_made(self, transport: Any) -> None:
        self._transport = self._venue.transport = transport

    def data_received(self, data: bytes) -> None:
        kind, price = _PRICE.unpack(data)
        if kind == b"t":
            self._feed.push(Trade(2, price, 1.0))
            return
        if kind == b"a":
            self._feed.push(Trade(1, price, 1.0))
            self._client.submit(replace(an_order("100", mode="dark"), price=Decimal(100)))
            drained(self._client)
        self._transport.write(data)


class _Wire(ScriptedVenue):
    """Writes each order to the socket, as an adapter does."""

    transport: asyncio.Transport

    def send(self, request: Any) -> None:
        assert type(request) is BrokerdOrder
        text = f"{request.oid} {request.action} {request.size} {request.price}"
        self.transport.write(text.encode())


async def tick_to_order() -> list[Row]:
    """The round trip of a tick that fires a dark order, journal included, and of an echo."""
    feed, venue = PushFeed(), _Wire()
    async with an_ems(venue, feed) as ems:
        client = ems.connect()
        assert isinstance(client, EmbeddedClient)
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Server(client, feed, venue), "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            exchange = await asyncio.create_subprocess_exec(
                sys.executable, "-c", _EXCHANGE, str(port), str(TIMES),
                stdout=asyncio.subprocess.PIPE,
            )  # fmt: skip
            said, _ = await exchange.communicate()
    echo, order = (statistics.median(times) for times in json.loads(said))
    return [
        Row("echo on a loopback socket, by the clock", echo, "us", kept=False),
        Row("tick in to dark order out, by the clock", order, "us", kept=False),
        Row("tick in to dark order out / echo", order / echo, "x", 1.6),
    ]
