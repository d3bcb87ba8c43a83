"""The hostile venue behind a real loopback socket: it lives on when the EMS at the other end dies.

One JSON message a line. The server half runs in the test; the broker half in the EMS's process.
"""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import msgspec

from ems.market import Market
from ems.messages import BrokerdOrder, BrokerEvent, BrokerRequest, Connection, decode, encode
from ems.ports import Abilities, EventSink, Opening
from tests.sims.hostile_venue import HostileVenue

HOST = "127.0.0.1"


class VenueServer:
    """Hands what it hears to a `HostileVenue`, which answers in its own time and order."""

    def __init__(self, seed: int) -> None:
        self.venue = HostileVenue()
        self.sent: Counter[str] = Counter()
        """How often a new order of each oid arrived."""
        self._dice = random.Random(seed)
        self._writer: asyncio.StreamWriter | None = None
        self._server: asyncio.Server
        self.port = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["VenueServer"]:
        self._server = await asyncio.start_server(self._talk, HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        work = asyncio.create_task(self._work())
        try:
            yield self
        finally:
            work.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await work
            self._server.close()
            if self._writer is not None:
                self._writer.close()
            await self._server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        while self.venue.limbo:  # what the last one sent is there before the next one asks
            self.venue.take_from_limbo()
        self.venue.mail.clear()
        self.venue._sink = self._say
        writer.write(msgspec.json.encode(self.venue.opening) + b"\n")
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                if not line.endswith(b"\n"):
                    break  # cut in the middle of a request: it never arrived
                request = decode(line)
                if isinstance(request, BrokerdOrder) and request.reqid is None:
                    self.sent[request.oid] += 1
                self.venue.inbox.append(request)  # type: ignore[arg-type]
        if self._writer is writer:
            self._writer = None
            self.venue.forget_client(requests_arrive=True)
        writer.close()

    def _say(self, event: BrokerEvent) -> None:
        if self._writer is not None:
            self._writer.write(encode(event) + b"\n")

    async def _work(self) -> None:
        """Do something now and then, in no order that anyone can rely on."""
        dice, venue = self._dice, self.venue
        while True:
            venue.take_from_limbo()
            for _ in range(dice.randrange(6)):
                venue.take(dice.randrange(8))
            if dice.random() < 0.3:
                venue.fill(dice.randrange(8), Decimal(dice.randint(1, 3)))
            if dice.random() < 0.05:
                venue.refuse_next = dice.choice(["oid", "reqid", "both"])
            if dice.random() < 0.02:
                venue.cancel_from_elsewhere(dice.randrange(8))
            while venue.mail and self._writer is not None and dice.random() < 0.9:
                venue.deliver(dice.randrange(8), again=dice.random() < 0.1)
            await asyncio.sleep(0.001)


class SocketBroker:
    """The broker ``scripted`` at the other end of the socket."""

    name = "scripted"
    accounts = HostileVenue.accounts

    def __init__(self, port: int, can: Abilities) -> None:
        self._port = port
        self._can = can
        self.opening: Opening | None = None
        self._writer: asyncio.StreamWriter

    @asynccontextmanager
    async def open_trades(self, sink: EventSink) -> AsyncIterator["SocketBroker"]:
        reader, self._writer = await asyncio.open_connection(HOST, self._port, limit=1 << 24)
        self.opening = msgspec.json.decode(await reader.readline(), type=Opening)
        listening = asyncio.create_task(self._listen(reader, sink))
        try:
            yield self
        finally:
            listening.cancel()
            self._writer.close()

    def abilities(self, market: Market) -> Abilities:
        return self._can

    def send(self, request: BrokerRequest) -> None:
        if self.opening is None:
            raise ConnectionError("the line is cut")
        self._writer.write(encode(request) + b"\n")

    async def _listen(self, reader: asyncio.StreamReader, sink: EventSink) -> None:
        while line := await reader.readline():
            sink(decode(line))  # type: ignore[arg-type]
        self.opening = None
        sink(Connection(broker=self.name, up=False, time_ns=1, reason="closed"))
