"""What goes to a broker about an order, made from its record."""

from ems.messages import BrokerdCancel, BrokerdOrder, BrokerdQuery, Order
from ems.order_dialog import OrderDialog


def order_request(dialog: OrderDialog, order: Order, time_ns: int) -> BrokerdOrder:
    """Return the request that the order be as given: new without a ``reqid``, else a modify."""
    if order.action == "alert":
        raise AssertionError(f"an alert never goes to a venue: {dialog}")
    return BrokerdOrder(
        oid=order.oid,
        account=order.account,
        symbol=order.symbol,
        action=order.action,
        price=order.price,
        size=order.size,
        reqid=dialog.reqid,
        time_ns=time_ns,
        type=order.type,
        limit_price=order.limit_price,
        trail=order.trail,
        tif=order.tif,
        expires_ns=order.expires_ns,
        post_only=order.post_only,
        reduce_only=order.reduce_only,
        tie=dialog.tie,
    )


def cancel_request(dialog: OrderDialog, time_ns: int) -> BrokerdCancel | None:
    """Return the request that the order end; None while the venue's id of it is unknown."""
    if dialog.reqid is None:
        return None
    return BrokerdCancel(
        oid=dialog.oid, reqid=dialog.reqid, account=dialog.order.account, time_ns=time_ns
    )


def query_request(dialog: OrderDialog, time_ns: int) -> BrokerdQuery:
    """Return the question what became of the order."""
    order = dialog.order
    return BrokerdQuery(
        oid=order.oid,
        account=order.account,
        symbol=order.symbol,
        reqid=dialog.reqid,
        time_ns=time_ns,
    )
