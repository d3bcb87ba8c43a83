"""The simulated matching engine of Kraken: its orders, and the reports that it makes of them."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

Report = dict[str, Any]
ZERO = Decimal(0)


def stamp() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass
class SimOrder:
    order_id: str
    cl_ord_id: str | None
    symbol: str
    side: str
    price: Decimal
    size: Decimal
    order_type: str = "limit"
    terms: Report = field(default_factory=dict)
    """Of ``add_order``: limit_price, triggers, time_in_force, expire_time, post_only."""
    triggered: bool = False
    opened_s: Decimal = ZERO
    filled: Decimal = ZERO
    cost: Decimal = ZERO
    state: str = "open"
    """REST's word: open, closed, canceled, expired."""
    trades: list[str] = field(default_factory=list)
    oflags: str = "fciq"

    @property
    def lives(self) -> bool:
        return self.state == "open"

    @property
    def status(self) -> str:
        return "partially_filled" if self.filled else "new"

    def ids(self) -> Report:
        ids: Report = {"order_id": self.order_id, "timestamp": stamp()}
        if self.cl_ord_id:
            ids["cl_ord_id"] = self.cl_ord_id
        return ids

    def whole(self, exec_type: str, order_status: str) -> Report:
        return {
            **self.ids(),
            **self.prices(),
            "exec_type": exec_type,
            "order_status": order_status,
            "symbol": self.symbol,
            "side": self.side,
            "order_type": self.order_type,
            "order_qty": self.size,
            "cum_qty": self.filled,
            "cum_cost": self.cost,
            "time_in_force": self.terms.get("time_in_force", "gtc").upper(),
            **{key: self.terms[key] for key in ("expire_time", "post_only") if key in self.terms},
        }

    def prices(self) -> Report:
        """As a report names them: a trailing stop's ``price`` is its distance."""
        if self.order_type in ("limit", "iceberg"):
            return {"limit_price": self.price}
        if self.order_type == "market":
            return {}
        limit = self.limit()
        trigger = {"reference": "last", "price_type": "static", **self.terms.get("triggers", {})}
        if trigger["price_type"] == "static":
            trigger["price"] = self.price
        trigger["actual_price"] = self.price
        trigger["status"] = "triggered" if self.triggered else "untriggered"
        return {"triggers": trigger, **limit}

    def limit(self) -> Report:
        """Of a trailing stop a distance from its trigger, until it is touched off."""
        limit = self.terms.get("limit_price")
        if limit is None:
            return {}
        if self.order_type != "trailing-stop-limit":
            return {"limit_price": limit}
        return {"limit_price": limit} | ({} if self.triggered else {"limit_price_type": "quote"})

    def rest(self) -> Report:
        return {
            "refid": None,
            "userref": 0,
            **({"cl_ord_id": self.cl_ord_id} if self.cl_ord_id else {}),
            "status": self.state,
            "reason": "User requested" if self.state == "canceled" else None,
            "opentm": self.opened_s,
            "descr": {
                "pair": self.symbol.replace("/", "").replace("BTC", "XBT"),
                "type": self.side,
                "ordertype": self.order_type,
                "price": "+1.0000%" if "trailing" in self.order_type else str(self.price),
                "price2": str(self.terms.get("limit_price", 0)),
            },
            "vol": str(self.size),
            "vol_exec": str(self.filled),
            "cost": str(self.cost),
            "oflags": self.oflags,
            "trades": self.trades,
        }


class Engine:
    """Does what a test tells it to; ``tell`` gets each report that a client would get."""

    def __init__(self, tell: Callable[[list[Report]], None]) -> None:
        self.orders: dict[str, SimOrder] = {}
        self.trades: dict[str, Report] = {}
        self.trade_reports: list[Report] = []
        self.other_ids = False
        """REST calls executions by other ids than the stream does."""
        self.numbers_trades = True
        """REST tells the number of each trade."""
        self._tell = tell
        self._count = itertools.count(1)

    def order(self, id_: str) -> SimOrder:
        """By Kraken's id or by ours; the last one that was made."""
        return next(o for o in reversed(self.orders.values()) if id_ in (o.order_id, o.cl_ord_id))

    @property
    def live(self) -> list[SimOrder]:
        return [order for order in self.orders.values() if order.lives]

    def place(
        self,
        side: str,
        price: str,
        size: str,
        *,
        symbol: str = "BTC/USD",
        cl_ord_id: str | None = None,
        order_type: str = "limit",
        terms: Report | None = None,
        tell: bool = True,
    ) -> SimOrder:
        number = next(self._count)
        order = SimOrder(
            f"OSIM{number:02d}-AAAAA-BBBBBB",
            cl_ord_id,
            symbol,
            side,
            Decimal(price),
            Decimal(size),
            order_type,
            terms or {},
            opened_s=Decimal(str(datetime.now(UTC).timestamp())),
        )
        self.orders[order.order_id] = order
        if tell:
            self._tell([order.whole("pending_new", "pending_new")])
            self._tell([{**order.ids(), "exec_type": "new", "order_status": "new"}])
        return order

    def amend(self, order: SimOrder, price: str | None, size: str | None) -> None:
        order.price = Decimal(price) if price else order.price
        order.size = Decimal(size) if size else order.size
        changed = {"order_qty": order.size, "cum_qty": order.filled, **order.prices()}
        self._tell([self._ended(order, "amended", order.status, "User requested") | changed])

    def trigger(self, order: SimOrder) -> None:
        """Touch it off: from now on the reports say limit or market."""
        order.triggered = True
        if order.order_type == "trailing-stop-limit":
            order.terms["limit_price"] += order.price
        report = order.whole("restated", order.status)
        works_as = "limit" if "limit_price" in order.terms else "market"
        self._tell([report | {"order_type": works_as, "reason": "Triggered"}])

    def trail(self, order: SimOrder, price: str) -> None:
        """The best price has moved, and the stop behind it."""
        order.price = Decimal(price)
        self._tell([self._ended(order, "restated", order.status, "") | order.prices()])

    def restate(self, order: SimOrder, size: str) -> None:
        order.size = Decimal(size)
        changed = {"order_qty": order.size, "limit_price": order.price}
        self._tell([self._ended(order, "restated", order.status, "Self trade") | changed])

    def cancel(self, order: SimOrder, reason: str = "User requested") -> None:
        order.state = "canceled"
        self._tell([self._ended(order, "canceled", "canceled", reason)])

    def expire(self, order: SimOrder) -> None:
        order.state = "expired"
        self._tell([self._ended(order, "expired", "expired", "")])

    def report(self, order: SimOrder, exec_type: str, order_status: str, **more: object) -> None:
        """Any report, for the words that the engine never says by itself."""
        report = {**order.ids(), "exec_type": exec_type, "order_status": order_status, **more}
        self._tell([report])

    def fill(
        self, order: SimOrder, size: str | None = None, price: str | None = None, *, fee: str = "0"
    ) -> str:
        """Execute, and say so the way that Kraken does; return the execution's id."""
        amount = Decimal(size) if size else order.size - order.filled
        at = Decimal(price) if price else order.price
        order.filled += amount
        order.cost += amount * at
        exec_id = f"TSIM{next(self._count):02d}-CCCCC-DDDDDD"
        trade_id = next(self._count)
        rest_id = f"R{exec_id}" if self.other_ids else exec_id
        order.trades.append(rest_id)
        self.trades[rest_id] = {
            "ordertxid": order.order_id,
            "pair": "XXBTZUSD" if order.symbol == "BTC/USD" else order.symbol.replace("/", ""),
            "time": Decimal(str(datetime.now(UTC).timestamp())),
            "type": order.side,
            "price": str(at),
            "vol": str(amount),
            "fee": fee,
            **({"trade_id": trade_id} if self.numbers_trades else {}),
        }
        report = {
            **order.ids(),
            "exec_type": "trade",
            "order_status": "partially_filled",
            "exec_id": exec_id,
            "trade_id": trade_id,
            "symbol": order.symbol,
            "side": order.side,
            "order_type": order.order_type,
            "last_qty": amount,
            "last_price": at,
            "cost": amount * at,
            "liquidity_ind": "m",
            "fees": [{"asset": "USD", "qty": Decimal(fee)}],
        }
        # as recorded, a snapshot has them without the order's own numbers, and as "filled"
        self.trade_reports.append(report | {"order_status": "filled"})
        more = {"order_qty": order.size, "cum_qty": order.filled, **order.prices()}
        self._tell([report | more])
        if order.filled >= order.size:
            order.state = "closed"
            self._tell([self._ended(order, "filled", "filled", "")])
        return exec_id

    def snapshot(self, trades: bool) -> list[Report]:
        orders = [order.whole("new", order.status) for order in self.live]
        return orders + (self.trade_reports[-50:] if trades else [])

    def _ended(self, order: SimOrder, exec_type: str, order_status: str, reason: str) -> Report:
        why = {"reason": reason} if reason else {}
        return {
            **order.ids(),
            **why,
            "exec_type": exec_type,
            "order_status": order_status,
            "cum_qty": order.filled,
        }
