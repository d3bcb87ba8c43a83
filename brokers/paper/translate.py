"""The venue's facts as the messages that the EMS reads."""

from brokers.paper.events import Refused
from brokers.paper.order import OrderState, PaperFill, PaperOrder
from brokers.paper.positions import PaperPosition
from ems.messages import (
    BrokerdError,
    BrokerdFill,
    BrokerdOrderAck,
    BrokerdPosition,
    BrokerdQuery,
    BrokerdReport,
    BrokerdStatus,
    Order,
    Status,
)


def ack(order: PaperOrder, time_ns: int) -> BrokerdOrderAck:
    """Return the word that the order is in."""
    return BrokerdOrderAck(oid=order.oid, reqid=order.reqid, account=order.account, time_ns=time_ns)


def status(order: PaperOrder, state: OrderState, time_ns: int) -> BrokerdStatus:
    """Return the state of an order."""
    return BrokerdStatus(
        reqid=state.reqid,
        account=order.account,
        status=state.status,
        time_ns=time_ns,
        price=state.price,
        size=state.size,
        filled=state.filled,
        limit_price=state.limit_price,
        trail=state.trail,
        triggered=state.triggered,
        reason=state.reason,
    )


def fill(order: PaperOrder, fill: PaperFill) -> BrokerdFill:
    """Return one execution."""
    return BrokerdFill(
        reqid=order.reqid,
        account=order.account,
        symbol=order.symbol,
        exec_id=fill.exec_id,
        action=order.action,
        size=fill.size,
        price=fill.price,
        broker_time_ns=fill.broker_time_ns,
        time_ns=fill.time_ns,
        fee=fill.fee,
        fee_currency=fill.fee_currency,
        oid=order.oid,
    )


def position(position: PaperPosition, time_ns: int) -> BrokerdPosition:
    """Return a position."""
    return BrokerdPosition(
        account=position.account,
        symbol=position.symbol,
        size=position.size,
        time_ns=time_ns,
        avg_price=position.avg_price,
    )


def refusal(order: PaperOrder, event: Refused, time_ns: int) -> BrokerdError:
    """Return the refusal of a modify or cancel."""
    return BrokerdError(
        account=order.account,
        reason=event.reason,
        time_ns=time_ns,
        oid=order.oid,
        reqid=event.reqid,
        symbol=order.symbol,
        request=event.request,
    )


def report(
    query: BrokerdQuery, order: PaperOrder | None, fills: list[PaperFill], time_ns: int
) -> BrokerdReport:
    """Return the answer to a query: the order, or that there is none."""
    if order is None:
        return BrokerdReport(
            oid=query.oid,
            account=query.account,
            time_ns=time_ns,
            found=False,
            asked_ns=query.time_ns,
        )
    return BrokerdReport(
        asked_ns=query.time_ns,
        oid=order.oid,
        account=order.account,
        time_ns=time_ns,
        found=True,
        reqid=order.reqid,
        status=order.status,
        price=order.price,
        size=order.size,
        limit_price=order.limit_price,
        trail=order.trail,
        triggered=order.triggered,
        fills=tuple(fill(order, one) for one in fills),
    )


def live_order(order: PaperOrder, time_ns: int) -> Status:
    """Return an open order as it is told when the dialogue opens."""
    return Status(
        oid=order.oid,
        time_ns=time_ns,
        resp="open",
        reqid=order.reqid,
        req=Order(
            oid=order.oid,
            action=order.action,
            exec_mode="live",
            symbol=order.symbol,
            account=order.account,
            price=order.price,
            size=order.size,
            type=order.type,
            limit_price=order.limit_price,
            trail=order.trail,
            tif=order.tif,
            expires_ns=order.ends_ns if order.tif == "gtd" else None,
            post_only=order.post_only,
            reduce_only=order.reduce_only,
        ),
        triggered=order.triggered,
        src="paper",
        filled=order.filled,
        remaining=order.remaining,
        avg_price=order.avg_price,
    )
