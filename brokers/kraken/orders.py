"""The orders that live at Kraken, as its execution reports tell of them."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from brokers.kraken import order_types, parsing, status, wire
from brokers.kraken.executions import Executions, Told
from brokers.kraken.live_order import LiveOrder
from brokers.kraken.pairs import Pairs
from brokers.kraken.parsing import ACCOUNT
from brokers.kraken.status import Takes
from ems.messages import (
    ZERO,
    BrokerdFill,
    BrokerdOrder,
    BrokerdOrderAck,
    BrokerdStatus,
    BrokerEvent,
    Status,
)

log = logging.getLogger(__name__)

Value = TypeVar("Value")

_REMEMBERED: Final = 20_000
"""So many orders that are over, and so many that were sent, are remembered."""


class Remembered(OrderedDict[str, Value]):
    """The last so many keys, and what is known of each."""

    def __setitem__(self, key: str, value: Value) -> None:
        super().__setitem__(key, value)
        if len(self) > _REMEMBERED:
            self.popitem(last=False)


class LiveOrders:
    """Takes execution reports, gives events.

    Parameters
    ----------
    pairs : Pairs
        To find an order's market.
    executions : Executions
        Those that were told before.
    clock
        Now, UTC ns.
    """

    def __init__(self, pairs: Pairs, executions: Executions, clock: Callable[[], int]) -> None:
        self.by_id: dict[str, LiveOrder] = {}
        self.pairs = pairs
        self._clock = clock
        self._sent: Remembered[BrokerdOrder] = Remembered()
        self._replacements: dict[str, BrokerdOrder] = {}
        """By the id of the new order, what it was made for."""
        self._executions = executions
        self._over: Remembered[None] = Remembered()

    def sent(self, request: BrokerdOrder) -> None:
        """Note that an order went out from here: it is acknowledged, not adopted."""
        self._sent[request.oid] = request

    def replaced(self, request: BrokerdOrder, new_id: str) -> LiveOrder | None:
        """An order lives on as another one; returns it as it was."""
        old = self.by_id.pop(str(request.reqid), None)
        self._over[str(request.reqid)] = None
        self._replacements[new_id] = request
        return old

    def snapshot(self, reports: Iterable[wire.Execution], since_ns: int) -> list[BrokerdFill]:
        """Begin anew with what a subscription says first.

        Returns
        -------
        list of BrokerdFill
            The executions from ``since_ns`` on that it names.
        """
        self.by_id.clear()
        return self._read_snapshot(reports, since_ns)

    def more(self, reports: Iterable[wire.Execution], since_ns: int) -> list[BrokerEvent]:
        """Take the next part of a snapshot; returns the orders and executions that it brings."""
        known = set(self.by_id)
        fills = self._read_snapshot(reports, since_ns)
        now = self._clock()
        fresh = [order for id_, order in self.by_id.items() if id_ not in known]
        return [*(order.adopted("open", now) for order in fresh), *fills]

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

    def _read_snapshot(self, reports: Iterable[wire.Execution], since_ns: int) -> list[BrokerdFill]:
        fills = []
        for report in reports:
            is_trade = report.exec_type == "trade" and report.exec_id
            if is_trade and (told := self._told(report)) and told.broker_time_ns >= since_ns:
                fills.append(self._executions.fill_of(Told(told, report.trade_id), "stream")[0])
            if is_trade and report.order_qty is None:
                continue  # an execution of late; it says nothing of how its order stands now
            if (row := parsing.state_of(report)) and row.status not in status.OVER:
                self._learn(report)
        return fills

    def _first_word(self, report: wire.Execution) -> list[BrokerEvent]:
        """Tell of an order that is heard of for the first time."""
        if report.order_id in self.by_id or report.order_id in self._over:
            return []  # a late word about an order that is over does not make it live again
        order = self._learn(report)
        if order is None:
            return []
        now = self._clock()
        if order.oid in self._sent or order.order_id in self._replacements:
            ack = BrokerdOrderAck(oid=order.oid, reqid=order.order_id, account=ACCOUNT, time_ns=now)
            return [ack]
        if report.exec_type == "trade":  # as it was before: the fill follows
            order.filled = max(ZERO, order.filled - (report.last_qty or ZERO))
        return [order.adopted("open", now)]

    def _learn(self, report: wire.Execution) -> LiveOrder | None:
        sent = self._replacements.get(report.order_id)
        oid = sent.oid if sent else parsing.oid_of(report.order_id, report.cl_ord_id)
        sent = sent or self._sent.get(oid)
        pair = self.pairs.named(report.symbol or (sent.symbol.partition(".")[0] if sent else ""))
        side = parsing.side_of(report.side) or (sent.action if sent else None)
        kind = report.order_type or (order_types.KRAKEN_TYPE[sent.type] if sent else "limit")
        prices = order_types.prices_of(report, kind)
        price = prices.price or (sent.price if sent else report.last_price)
        size = report.order_qty or report.last_qty or (sent.size if sent else None)
        if pair is None or side is None or not price or not size:
            log.info("a report about an order that is not known here: %s", report)
            return None
        order = LiveOrder(
            order_id=report.order_id,
            oid=oid,
            pair=pair,
            side=side,
            order_type=kind,
            price=price,
            limit_price=prices.limit_price or (sent.limit_price if sent else None),
            trail=order_types.trail_of(report, kind) or (sent.trail if sent else None),
            tif=sent.tif if sent else parsing.tif_of(report),
            expires_ns=sent.expires_ns if sent else parsing.expires_ns_of(report),
            post_only=sent.post_only if sent else report.post_only,
            triggered=order_types.is_triggered(report),
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
            self._over[report.order_id] = None
        return [
            BrokerdStatus(
                reqid=report.order_id,
                account=ACCOUNT,
                status=row.status,
                time_ns=self._clock(),
                price=order.price if order else None,
                size=order.size if order else None,
                limit_price=order.limit_price if order else None,
                trail=order.trail if order else None,
                triggered=order.triggered if order else False,
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
        prices = order_types.prices_of(report, order.order_type)
        if order.trail is not None and order.limit_price is not None and prices.price is not None:
            order.limit_price += prices.price - order.price  # it follows its trigger
        order.price = prices.price or order.price
        order.limit_price = prices.limit_price or order.limit_price
        order.trail = order_types.trail_of(report, order.order_type) or order.trail
        order.triggered = order.triggered or order_types.is_triggered(report)
        order.size = report.order_qty or order.size
        order.note_filled(report.cum_qty)
        order.avg_price = report.avg_price or order.avg_price

    def _on_fill(self, report: wire.Execution) -> list[BrokerEvent]:
        told = self._told(report)
        if told is None:
            return []
        fill, is_news = self._executions.fill_of(Told(told, report.trade_id), "stream")
        order = self.by_id.get(report.order_id)
        if order is not None:
            order.note_filled(report.cum_qty)
        if not is_news:
            return []
        if order is not None:
            self._update(order, report)
        return [fill]

    def _told(self, report: wire.Execution) -> BrokerdFill | None:
        order = self.by_id.get(report.order_id)
        pair = self.pairs.named(report.symbol) or (order.pair if order else None)
        side = parsing.side_of(report.side) or (order.side if order else None)
        fill = None
        if pair is not None and side is not None:
            fill = parsing.fill_of(report, pair, side, self._clock())
        if fill is None:
            log.error("an execution that cannot be read: %s", report)
        return fill
