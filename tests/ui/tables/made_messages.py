"""A market, orders, and what the EMS says of them."""

from decimal import Decimal

from ems.market import Market
from ems.messages import BrokerdFill, Order, Status

AAPL = "aapl.demo.replay"


MARKETS = {AAPL: Market(fqsn=AAPL, tick_size=Decimal("0.01"), lot_size=Decimal(1), currency="USD")}


def make_order(oid: str = "11111111-aaaa", **changes: object) -> Order:
    fields = {
        "oid": oid,
        "action": "buy",
        "exec_mode": "live",
        "symbol": AAPL,
        "account": "paper",
        "price": Decimal("187.5"),
        "size": Decimal(100),
    }
    return Order(**(fields | changes))  # type: ignore[arg-type]


def make_status(order: Order, resp: str = "open", time_ns: int = 10**18, **more: object) -> Status:
    return Status(oid=order.oid, time_ns=time_ns, resp=resp, req=order, **more)  # type: ignore[arg-type]


def make_fill(order: Order, size: int, exec_id: str = "e1", **more: object) -> Status:
    fill = BrokerdFill(
        reqid=1,
        account=order.account,
        symbol=order.symbol,
        exec_id=exec_id,
        action="buy",
        size=Decimal(size),
        price=Decimal("187.49"),
        broker_time_ns=more.pop("broker_time_ns", 10**18),  # type: ignore[arg-type]
        time_ns=10**18,
        fee=Decimal("0.35"),
        fee_currency="USD",
        oid=order.oid,
    )
    more.setdefault("filled", Decimal(size))
    more.setdefault("remaining", order.size - Decimal(size))
    return make_status(order, "fill", brokerd_msg=fill, **more)
