"""The orders that live at Kraken, as its execution reports tell of them."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Final

import msgspec

from brokers.kraken import parsing, status, wire
from brokers.kraken.pairs import BROKER, Pair, Pairs
from brokers.kraken.parsing import ACCOUNT
from brokers.kraken.status import Takes
from ems.messages import (
    ZERO,
    BrokerdFill,
    BrokerdOrder,
    BrokerdOrderAck,
    BrokerdStatus,
    BrokerEvent,
    Order,
    Side,
    Status,
)

log = logging.getLogger(__name__)

_REMEMBERED: Final = 20_000
"""So many execution ids, and so many orders sent, are remembered."""


class LiveOrder(msgspec.Struct, kw_only=True):
    """One order at the venue. Its later reports name only what changed."""

    order_id: str
    oid: str
    pair: Pair
    side: Side
    order_type: str
    price: Decimal
    size: Decimal
    filled: Decimal = ZERO
    avg_price: Decimal | None = None
    origin: str = ""
    since_ns: int
    """When it was made or last amended, as far as we know: its age is what a cancel costs by."""

    def adopted(self, resp: status.StatusKey, now_ns: int) -> Status:
        """Return the status that tells the EMS of an order that it may not know."""
        order = Order(
            oid=self.oid,
            action=self.side,
            exec_mode="live",
            symbol=self.pair.market.fqsn,
            account=ACCOUNT,
            price=self.price,
            size=self.size,
        )
        return Status(
            oid=self.oid,
            time_ns=now_ns,
            resp=resp,
            reqid=self.order_id,
            req=order,
            src=BROKER,
            filled=self.filled,
            remaining=self.size - self.filled,
            avg_price=self.avg_price,
            origin=self.origin,
        )


class Remembered(OrderedDict[str, object]):
    """The last so many keys."""

    def put(self, key: str, value: object = None) -> bool:
        """Remember a key; False if it was known."""
        if key in self:
            return False
        self[key] = value
        if len(self) > _REMEMBERED:
            self.popitem(last=False)
        return True


class LiveOrders:
    """Takes execution reports, gives events.

    Parameters
    ----------
    pairs : Pairs
        To find an order's market.
    clock
        Now, UTC ns.
    """

    def __init__(self, pairs: Pairs, clock: Callable[[], int]) -> None:
        self.by_id: dict[str, LiveOrder] = {}
        self._pairs = pairs
        self._clock = clock
        self._sent: dict[str, BrokerdOrder] = {}
        self._execs = Remembered()
        self._over = Remembered()

    def sent(self, request: BrokerdOrder) -> None:
        """Note that an order went out from here: it is acknowledged, not adopted."""
        self._sent[request.oid] = request
        if len(self._sent) > _REMEMBERED:
            del self._sent[next(iter(self._sent))]

    def snapshot(self, reports: Iterable[wire.Execution], since_ns: int) -> list[BrokerdFill]:
        """Begin anew with what a subscription says first.

        Returns
        -------
        list of BrokerdFill
            The executions from ``since_ns`` on that it names.
        """
        self.by_id.clear()
        fills = []
        for report in reports:
            if report.exec_type == "trade" and report.exec_id and report.order_qty is None:
                fill = self._fill(report)
                if fill is not None and fill.broker_time_ns >= since_ns:
                    self._execs.put(fill.exec_id)
                    fills.append(fill)
            elif (row := parsing.state_of(report)) and row.status not in status.OVER:
                self._learn(report)
        return fills

    def opening(self) -> tuple[Status, ...]:
        """Return every live order."""
        now = self._clock()
        return tuple(order.adopted("open", now) for order in self.by_id.values())

    def take(self, report: wire.Execution) -> list[BrokerEvent]:
        """Return what one report means."""
        row = status.EXEC_TYPES.get(report.exec_type)
        if row is None:
            log.warning("unknown exec_type %r: %s", report.exec_type, report)
            return []
        events = self._first_word(report)
        if row.takes is Takes.FILL:
            return events + self._on_fill(report)
        if row.takes is Takes.STANDING:
            standing = parsing.state_of(report)
            if standing is None:
                return events
            row = standing
        if any(isinstance(event, Status) for event in events) and row.status not in status.OVER:
            return events  # it has just been told whole
        return events + self._on_state(report, row)

    # ---- inside

    def _first_word(self, report: wire.Execution) -> list[BrokerEvent]:
        """Tell of an order that is heard of for the first time."""
        if report.order_id in self.by_id or report.order_id in self._over:
            return []  # a late word about an order that is over does not make it live again
        order = self._learn(report)
        if order is None:
            return []
        now = self._clock()
        if order.oid in self._sent:
            ack = BrokerdOrderAck(oid=order.oid, reqid=order.order_id, account=ACCOUNT, time_ns=now)
            return [ack]
        if report.exec_type == "trade":  # as it was before: the fill follows
            order.filled = max(ZERO, order.filled - (report.last_qty or ZERO))
        return [order.adopted("open", now)]

    def _learn(self, report: wire.Execution) -> LiveOrder | None:
        oid = parsing.oid_of(report.order_id, report.cl_ord_id)
        sent = self._sent.get(oid)
        pair = self._pairs.named(report.symbol or (sent.symbol.partition(".")[0] if sent else ""))
        side = parsing.side_of(report.side) or (sent.action if sent else None)
        price = parsing.price_of(report) or (sent.price if sent else None)
        size = report.order_qty or report.last_qty or (sent.size if sent else None)
        if pair is None or side is None or not price or not size:
            log.info("a report about an order that is not known here: %s", report)
            return None
        order = LiveOrder(
            order_id=report.order_id,
            oid=oid,
            pair=pair,
            side=side,
            order_type=report.order_type or "limit",
            price=price,
            size=size,
            filled=report.cum_qty or ZERO,
            avg_price=report.avg_price or None,
            origin=parsing.origin_of(report),
            since_ns=parsing.time_ns(report.timestamp) if report.timestamp else self._clock(),
        )
        self.by_id[order.order_id] = order
        return order

    def _on_state(self, report: wire.Execution, row: status.Row) -> list[BrokerEvent]:
        order = self.by_id.get(report.order_id)
        assert row.status is not None, row
        if order is not None:
            self._update(order, report)
        if row.status in status.OVER:
            self.by_id.pop(report.order_id, None)
            self._over.put(report.order_id)
        return [
            BrokerdStatus(
                reqid=report.order_id,
                account=ACCOUNT,
                status=row.status,
                time_ns=self._clock(),
                price=order.price if order else None,
                size=order.size if order else None,
                filled=report.cum_qty,
                reason=self._reason(report, row),
            )
        ]

    def _reason(self, report: wire.Execution, row: status.Row) -> str:
        """Why an order is over; an order that lives needs no reason."""
        if row.status != "canceled":
            return ""
        given = status.EXEC_TYPES[report.exec_type].reason or row.reason
        return parsing.reason_of(report) or given

    def _update(self, order: LiveOrder, report: wire.Execution) -> None:
        if report.exec_type in ("amended", "restated") and report.timestamp:
            order.since_ns = parsing.time_ns(report.timestamp)
        if report.limit_price and order.order_type == "limit":
            order.price = report.limit_price
        order.size = report.order_qty or order.size
        order.filled = order.filled if report.cum_qty is None else report.cum_qty
        order.avg_price = report.avg_price or order.avg_price

    def _on_fill(self, report: wire.Execution) -> list[BrokerEvent]:
        fill = self._fill(report)
        if fill is None or not self._execs.put(fill.exec_id):
            return []
        order = self.by_id.get(report.order_id)
        if order is not None:
            self._update(order, report)
        return [fill]

    def _fill(self, report: wire.Execution) -> BrokerdFill | None:
        order = self.by_id.get(report.order_id)
        pair = self._pairs.named(report.symbol) or (order.pair if order else None)
        side = parsing.side_of(report.side) or (order.side if order else None)
        fill = None
        if pair is not None and side is not None:
            fill = parsing.fill_of(report, pair, side, self._clock())
        if fill is None:
            log.error("an execution that cannot be read: %s", report)
        return fill
