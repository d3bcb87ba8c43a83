"""Trading at the Pier: requests out, what it says in."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from ems.messages import (
    BrokerdCancel,
    BrokerdError,
    BrokerdOrder,
    BrokerdOrderAck,
    BrokerdQuery,
    BrokerRequest,
    Connection,
)
from ems.ports import EventSink, Opening
from ordermode_pier.line import Line, Words
from ordermode_pier.translate import (
    ACCOUNT,
    fill_of,
    live_order,
    position_of,
    report_of,
    status_of,
)

START_S = 3.0
"""The start of the program waits so long for the Pier; then it goes on without."""


class PierBroker:
    """The one account at the Pier; see `ems.ports.Broker`."""

    name = "pier"
    accounts = (ACCOUNT,)

    def __init__(self, host: str, port: int) -> None:
        self._place = (host, port)

    @asynccontextmanager
    async def open_trades(self, sink: EventSink) -> AsyncIterator["PierDialogue"]:
        """Connect, and stay connected until the context is left."""
        dialogue = PierDialogue(*self._place, sink)
        keeping = asyncio.create_task(dialogue.line.keep())
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(START_S):
                    await dialogue.first_word.wait()
            yield dialogue
        finally:
            keeping.cancel()
            await asyncio.wait({keeping})


class PierDialogue:
    """The conversation about orders; see `ems.ports.TradesDialogue`."""

    def __init__(self, host: str, port: int, sink: EventSink) -> None:
        self.line = Line(host, port, self._ask_for_all, self._on_words, self._on_down)
        self.opening: Opening | None = None
        self.first_word = asyncio.Event()
        """Set once the Pier was reached, or was not."""
        self._sink = sink
        self._sent: set[str] = set()
        self._known: set[int] = set()

    # ---- requests

    def send(self, request: BrokerRequest) -> None:
        """Send a request; raises `ConnectionError` if nothing was sent."""
        match request:
            case BrokerdOrder(reqid=None) if request.type != "limit" or request.tif != "gtc":
                self._refuse(request, "The Pier takes limit orders that are good till cancelled.")
            case BrokerdOrder(reqid=None):
                words: Words = {"do": "new", "ref": request.oid, "side": request.action}
                words["market"] = request.symbol.removesuffix(".pier")
                self.line.send(words | _numbers(request))
                self._sent.add(request.oid)
            case BrokerdOrder():
                words = {"do": "change", "id": request.reqid, "ref": request.oid}
                self.line.send(words | _numbers(request))
            case BrokerdCancel():
                self.line.send({"do": "cancel", "id": request.reqid, "ref": request.oid})
            case BrokerdQuery():
                words = {"do": "find", "oid": request.oid, "id": request.reqid}
                self.line.send(words | {"asked": request.time_ns})

    def _refuse(self, request: BrokerdOrder, why: str) -> None:
        """Refuse a new order here; the EMS asks for nothing that is not stated, others might."""
        self._sink(
            BrokerdError(
                account=ACCOUNT,
                reason=why,
                time_ns=time.time_ns(),
                oid=request.oid,
                symbol=request.symbol,
                request="new",
            )
        )

    # ---- the line

    def _ask_for_all(self) -> None:
        self.line.send({"do": "state"})

    def _on_down(self, reason: str) -> None:
        was_up, self.opening = self.opening is not None, None
        if was_up or not self.first_word.is_set():
            self._sink(Connection(broker="pier", up=False, time_ns=time.time_ns(), reason=reason))
        self.first_word.set()

    def _on_words(self, words: Words) -> None:
        match words["is"]:
            case "state":
                self._open(words)
            case "order":
                self._on_order(words)
            case "fill":
                self._sink(fill_of(words))
            case "refused":
                self._on_refusal(words)
            case "found":
                self._sink(report_of(words))

    def _open(self, state: Words) -> None:
        """Take all that lives there; what comes after it on the line is newer."""
        self._known = {order["id"] for order in state["orders"]}
        self.opening = Opening(
            accounts=(ACCOUNT,),
            orders=tuple(live_order(order) for order in state["orders"]),
            positions=tuple(position_of(*item) for item in state["positions"].items()),
            fills=tuple(fill_of(fill) for fill in state["fills"]),
        )
        self._sink(Connection(broker="pier", up=True, time_ns=time.time_ns()))
        self.first_word.set()

    # ---- what it says

    def _on_order(self, order: Words) -> None:
        if order["id"] not in self._known:
            self._known.add(order["id"])
            if order["ref"] not in self._sent:
                self._sink(live_order(order))
                return
            self._sink(
                BrokerdOrderAck(
                    oid=order["ref"], reqid=order["id"], account=ACCOUNT, time_ns=time.time_ns()
                )
            )
        self._sink(status_of(order))

    def _on_refusal(self, words: Words) -> None:
        self._sink(
            BrokerdError(
                account=ACCOUNT,
                reason=words["why"],
                time_ns=time.time_ns(),
                oid=words["ref"] or None,
                reqid=words["id"],
                request={"new": "new", "change": "modify", "cancel": "cancel"}[words["what"]],
            )
        )


def _numbers(request: BrokerdOrder) -> Words:
    """Return price and size as exact text: no float ever touches them."""
    return {"price": str(request.price), "size": str(request.size)}
