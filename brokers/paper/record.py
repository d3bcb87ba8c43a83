"""One change at the venue: what to keep of it and what to say about it."""

from collections.abc import Callable, Mapping

from brokers.paper import translate
from brokers.paper.events import Accepted, Execution, MatchEvent, Refused
from brokers.paper.order import OrderState, PaperFill, PaperOrder
from brokers.paper.positions import PaperPosition
from ems.messages import BrokerdMsg, ReqId

PositionKey = tuple[str, str]
"""Account and fqsn."""


class ChangeRecord:
    """Collects the events of one call to the matching engine.

    Parameters
    ----------
    orders : mapping of reqid to order
        At least every order that an event names.
    positions : mapping of account and fqsn to position
        As they were before the change.
    currency : str
        Of the market, for its fees.
    clock : callable
        Returns the program's time, UTC ns.
    """

    def __init__(
        self,
        orders: Mapping[ReqId, PaperOrder],
        positions: Mapping[PositionKey, PaperPosition],
        currency: str,
        clock: Callable[[], int],
    ) -> None:
        self.orders: dict[ReqId, PaperOrder] = {}
        """The orders that changed."""
        self.fills: list[PaperFill] = []
        self.positions: dict[PositionKey, PaperPosition] = {}
        """The positions that changed, as they are now."""
        self.messages: list[BrokerdMsg] = []
        self._known_orders = orders
        self._known_positions = positions
        self._currency = currency
        self._clock = clock

    def add(self, event: MatchEvent) -> None:
        """Take in the next event."""
        match event:
            case Accepted(reqid):
                self.messages.append(translate.ack(self._known_orders[reqid], self._clock()))
            case OrderState(reqid):
                order = self.orders[reqid] = self._known_orders[reqid]
                self.messages.append(translate.status(order, event, self._clock()))
            case Execution():
                self._add_execution(event)
            case Refused(reqid):
                order = self._known_orders[reqid]
                self.messages.append(translate.refusal(order, event, self._clock()))

    def _add_execution(self, event: Execution) -> None:
        order = self._known_orders[event.after.reqid]
        now_ns = self._clock()
        fill = PaperFill(
            exec_id=event.exec_id,
            number=order.number,
            size=event.size,
            price=event.price,
            fee=event.fee,
            fee_currency=self._currency,
            broker_time_ns=event.time_ns,
            time_ns=now_ns,
        )
        position = self._after(order, fill)
        self.orders[order.reqid] = order
        self.fills.append(fill)
        self.positions[order.account, order.symbol] = position
        self.messages += [
            translate.fill(order, fill),
            translate.status(order, event.after, now_ns),
            translate.position(position, now_ns),
        ]

    def _after(self, order: PaperOrder, fill: PaperFill) -> PaperPosition:
        key = (order.account, order.symbol)
        before = self.positions.get(key) or self._known_positions.get(key)
        if before is None:
            before = PaperPosition(account=order.account, symbol=order.symbol)
        return before.after_fill(fill.size if order.action == "buy" else -fill.size, fill.price)
