"""IB's words as they come over the socket, with no verdict on them.

`ib_async.IB` keeps a picture of every order, and calls a live order cancelled on most error codes;
so this uses only the layers below it, `ib_async.Client` and its decoder, with a wrapper of its own.
Method names that are IB's own are those that the decoder calls.
"""

import asyncio
import logging
from collections.abc import Callable, Hashable
from datetime import UTC
from math import isfinite
from typing import Any

from ib_async import (
    BarData,
    CommissionReport,
    Contract,
    ContractDescription,
    ContractDetails,
    Execution,
    Order,
    OrderState,
    PriceIncrement,
)

from brokers.ib.codes import is_warning, text_of
from brokers.ib.listeners import Listeners
from brokers.ib.numbers import is_strange

log = logging.getLogger(__name__)


class Refused(Exception):
    """IB answered a request for data with an error code."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text_of(code, text))
        self.code = code
        self.text = text


class Wire:
    """The wrapper that `ib_async.Client` calls: answers to requests, and news to listeners.

    Parameters
    ----------
    listeners
        Who hears the news.
    on_code
        Told of each code that belongs to no request and no order: ``(code, text)``.
    """

    defaultTimezone = UTC  # noqa: N815  the decoder reads it
    TimezoneTWS = ""
    """The decoder asks ``wrapper.ib`` for it; empty = times without a zone are this computer's."""

    def __init__(self, listeners: Listeners, on_code: Callable[[int, str], None]) -> None:
        self.ib = self
        self.messages = 0
        """Packets so far: that it rises means that TWS is alive."""
        self.next_order_id = 0
        self._orders, self._fills, self._positions, self._codes, self._ticks = listeners
        self._on_code = on_code
        self._answers: dict[Hashable, asyncio.Future[list[Any]]] = {}
        self._parts: dict[Hashable, list[Any]] = {}

    # ---- requests

    async def ask(self, key: Hashable, send: Callable[[], None], timeout_s: float) -> list[Any]:
        """Send a request and return the parts of its answer.

        Parameters
        ----------
        key
            The request's id, or the name of what there can be only one of at a time.
        send
            Sends it.

        Raises
        ------
        Refused
            If IB answers with an error.
        TimeoutError
            If the answer does not end in time.
        ConnectionError
            If the connection is lost.
        """
        if key in self._answers:
            raise RuntimeError(f"two requests at once for {key!r}")
        answer: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        self._answers[key] = answer
        self._parts[key] = []
        try:
            send()
            # not `wait_for`: up to Python 3.11 that can lose a cancellation
            async with asyncio.timeout(timeout_s):
                return await answer
        finally:
            del self._answers[key], self._parts[key]

    def give_up(self, reason: str) -> None:
        """End every request that waits: the connection is gone."""
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(ConnectionError(reason))

    def _part(self, key: Hashable, part: Any) -> None:
        if (parts := self._parts.get(key)) is not None:
            parts.append(part)

    def _end(self, key: Hashable) -> None:
        answer = self._answers.get(key)
        if answer is not None and not answer.done():
            answer.set_result(self._parts[key])

    def _tell(self, listener: Callable[..., object], *what: object) -> None:
        """Hand something on; a fault there is shown, where the decoder would only log it."""
        if any(is_strange(part) for part in what):
            log.error("IB says what cannot be, which is not taken: %s", what)
            return
        try:
            listener(*what)
        except Exception as error:
            log.exception("a message of IB met a fault here: %s", what)
            fault = {"message": "a message of IB met a fault", "exception": error}
            asyncio.get_running_loop().call_exception_handler(fault)

    # ---- what the client calls, named as it names them

    def connectAck(self) -> None:
        pass

    def setEventsDone(self) -> None:
        pass

    def connectionClosed(self) -> None:
        self.give_up("the connection to TWS is closed")

    def tcpDataArrived(self) -> None:
        self.messages += 1

    def tcpDataProcessed(self) -> None:
        self._tell(self._ticks.on_packet)

    def nextValidId(self, order_id: int) -> None:
        self.next_order_id = max(self.next_order_id, order_id)

    def error(self, req_id: int, code: int, text: str, advanced: str = "") -> None:
        text = f"{text} {advanced}".strip()
        answer = self._answers.get(req_id)
        if answer is not None and is_warning(code):
            log.info("IB, of a request that goes on: %s", text_of(code, text))
        elif answer is not None:
            if not answer.done():
                answer.set_exception(Refused(code, text))
        else:
            self._tell(self._on_news, req_id, code, text)

    def _on_news(self, req_id: int, code: int, text: str) -> None:
        if self._ticks.on_data_error(req_id, code, text):
            return
        if req_id == -1 or not self._codes.on_order_error(req_id, code, text):
            self._on_code(code, text)

    # ---- orders

    def openOrder(self, order_id: int, contract: Contract, order: Order, state: OrderState) -> None:
        if order.whatIf:
            return
        self._part("open orders", (order_id, contract, order, state))
        self._tell(self._orders.on_open_order, order_id, contract, order, state)

    def openOrderEnd(self) -> None:
        self._end("open orders")

    def orderStatus(
        self, order_id: int, status: str, filled: float, remaining: float, avg_price: float,
        perm_id: int, parent_id: int, last_price: float, client_id: int, why_held: str,
        cap_price: float = 0.0,
    ) -> None:  # fmt: skip
        said = (order_id, status, filled, remaining, perm_id, client_id, why_held)
        self._tell(self._orders.on_order_status, *said)

    def completedOrder(self, contract: Contract, order: Order, state: OrderState) -> None:
        self._part("completed orders", (contract, order, state))

    def completedOrdersEnd(self) -> None:
        self._end("completed orders")

    def execDetails(self, req_id: int, contract: Contract, execution: Execution) -> None:
        self._part(req_id, execution)
        self._tell(self._fills.on_execution, contract, execution)

    def execDetailsEnd(self, req_id: int) -> None:
        self._end(req_id)

    def commissionReport(self, report: CommissionReport) -> None:
        self._tell(self._fills.on_commission, report)

    def position(self, account: str, contract: Contract, size: float, avg_cost: float) -> None:
        self._tell(self._positions.on_position, account, contract, size, avg_cost)

    def positionEnd(self) -> None:
        self._end("positions")

    # ---- facts and history

    def contractDetails(self, req_id: int, details: ContractDetails) -> None:
        self._part(req_id, details)

    def bondContractDetails(self, req_id: int, details: ContractDetails) -> None:
        self._part(req_id, details)

    def contractDetailsEnd(self, req_id: int) -> None:
        self._end(req_id)

    def symbolSamples(self, req_id: int, samples: list[ContractDescription]) -> None:
        for sample in samples:
            self._part(req_id, sample)
        self._end(req_id)

    def marketRule(self, rule_id: int, increments: list[PriceIncrement]) -> None:
        key = ("market rule", rule_id)
        for increment in increments:
            if not is_strange(increment):
                self._part(key, increment)
        self._end(key)

    def historicalData(self, req_id: int, bar: BarData) -> None:
        self._part(req_id, bar)

    def historicalDataEnd(self, req_id: int, start: str, end: str) -> None:
        self._end(req_id)

    def currentTime(self, seconds: int) -> None:
        self._end("time")

    # ---- ticks

    def priceSizeTick(self, req_id: int, kind: int, price: float, size: float) -> None:
        if isfinite(price) and isfinite(size):
            self._ticks.on_price(req_id, kind, price, size)

    def tickSize(self, req_id: int, kind: int, size: float) -> None:
        if isfinite(size):
            self._ticks.on_size(req_id, kind, size)

    def tickString(self, req_id: int, kind: int, text: str) -> None:
        self._ticks.on_text(req_id, kind, text)
