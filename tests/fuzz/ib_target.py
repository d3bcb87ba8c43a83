"""IB's frames, through the library's client and decoder, our `Wire` and all that hears it."""

import asyncio
import contextlib
import struct
import sys
import traceback
from pathlib import Path

from ib_async import BarData, Client, ContractDetails

import brokers.ib
from brokers.ib.contracts import Contracts
from brokers.ib.dialogue import IbDialogue
from brokers.ib.feed import IbFeed, _Subscription
from brokers.ib.frame_guard import GuardedConnection
from brokers.ib.history import read_bars
from brokers.ib.known_contract import KnownContract, known_contract
from brokers.ib.link import Link
from brokers.ib.options import read_options
from brokers.ib.timing import Timing
from brokers.ib.wire import Wire
from ems.errors import EmsError
from ems.market import Market
from ems.messages import encode
from tests.sims.tws import ACCOUNT, QQQ

KNOWN = KnownContract(
    con_id=QQQ.con_id, symbol="QQQ", sec_type="STK", exchange="SMART", currency="USD",
    local_symbol="QQQ", multiplier="",
    market=Market(fqsn="qqq.nasdaq.ib", tick_size="0.01", lot_size="1", currency="USD"),
)  # fmt: skip
GREETING = f"176|20261122 12:00:00 UTC\n15|1|{ACCOUNT}\n9|1|1\n".encode()
TICKS, QUESTION = 1, 2
OURS = Path(brokers.ib.__file__).parent
RAW = b"raw "
"""Begins a line that is no frame: bytes as they are."""


class Caught:
    """Stands for the decoder's log, where each error that it catches ends unseen.

    That it cannot make sense of some bytes is well: it drops the message. What was raised in our
    code is not.
    """

    def __init__(self) -> None:
        self.ours: Exception | None = None

    def exception(self, text: str) -> None:
        error = sys.exc_info()[1]
        assert isinstance(error, Exception)
        frames = traceback.extract_tb(error.__traceback__)
        if any(OURS in Path(frame.filename).parents for frame in frames):
            self.ours = self.ours or error


def frame(line: bytes) -> bytes:
    """Return the bytes on the wire of a line with bars between its fields."""
    if line.startswith(RAW):
        return line.removeprefix(RAW)
    body = line.replace(b"|", b"\0") + b"\0"
    return struct.pack(">I", len(body)) + body


async def frames(data: bytes) -> None:
    """Take lines, each a frame."""
    options = read_options({"accounts": {"main": ACCOUNT}, "client_id": 7})
    link = Link(options, Timing())
    contracts = Contracts(link, Timing(), Path("/nonexistent/contracts.json"), "")
    contracts._keep(KNOWN)
    feed = IbFeed(link, contracts, options)
    dialogue = IbDialogue(options, Timing(), link, contracts, feed, {"main": ACCOUNT}, encode)
    said = Wire(link.listeners, link._on_code)
    client = Client(said)
    client.conn = GuardedConnection(client.conn)
    caught = client.decoder.logger = Caught()
    link._client, link._wire = client, said
    subscription = _Subscription(KNOWN, lambda ticks: None)
    feed._subscriptions.append(subscription)
    feed._by_request[TICKS] = subscription
    dialogue._book.live = True
    for key in (QUESTION, "open orders", "completed orders", ("market rule", 26)):
        said._answers[key] = asyncio.get_running_loop().create_future()
        said._parts[key] = []
    try:
        for line in (GREETING + data).split(b"\n"):
            client.conn.data_received(frame(line))
        await asyncio.sleep(0)
        _use(said._parts[QUESTION])
        if caught.ours is not None:
            raise caught.ours
    finally:
        dialogue.close()
        for answer in said._answers.values():
            answer.cancel()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def _use(parts: list[object]) -> None:
    """Make of the answers what the program makes of them."""
    with contextlib.suppress(EmsError):
        read_bars([part for part in parts if isinstance(part, BarData)], KNOWN.market)
    for part in parts:
        if isinstance(part, ContractDetails):
            with contextlib.suppress(EmsError):
                known_contract(part, (), "")
