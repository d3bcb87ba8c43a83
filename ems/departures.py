"""The order as it leaves: what of it the venue can do itself, and what is done here instead."""

from collections.abc import Callable, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from types import MappingProxyType
from typing import Final

from msgspec.structs import replace

from ems.expiry import ENDS_HERE, ends_ns
from ems.market import Market, broker_of
from ems.messages import ZERO, Order, OrderType
from ems.ports import Abilities, Broker, StatesAbilities
from ems.slippage import SLIPPAGE
from ems.ticks import Quote, Trade
from ems.trading_hours import TradingHours
from ems.type_families import BECOME_MARKET, TWO_PRICES

_PLAIN: Final = Abilities()


class Departures:
    """Says as what an order goes to its venue.

    Parameters
    ----------
    brokers
        By name.
    markets
        Those that are watched, by fqsn; read at each call.
    last
        Returns the last quote and trade of a market.
    position
        Returns the signed size of the position of an account in a market.
    slippage
        How far through the market a limit goes that stands for a market order.
    hours
        Returns when a market trades; None if that is not known.
    known_markets
        Those that were watched in earlier runs too.
    """

    def __init__(
        self,
        brokers: Mapping[str, Broker],
        markets: Mapping[str, Market],
        last: Callable[[str], tuple[Quote | None, Trade | None]],
        position: Callable[[str, str], Decimal],
        slippage: Decimal = SLIPPAGE,
        hours: Callable[[str], TradingHours | None] = lambda _: None,
        known_markets: Mapping[str, Market] = MappingProxyType({}),
    ) -> None:
        self._states = {
            name: broker for name, broker in brokers.items() if isinstance(broker, StatesAbilities)
        }
        self._markets = markets
        self._last = last
        self._position = position
        self._slippage = slippage
        self._hours = hours
        self._known_markets = known_markets

    def abilities(self, account: str, fqsn: str) -> Abilities:
        """Return what the account's broker can do in the market."""
        broker = self._states.get(broker_of(account))
        market = self._markets.get(fqsn) or self._known_markets.get(fqsn)
        return _PLAIN if broker is None or market is None else broker.abilities(market)

    def must_hold(self, order: Order) -> bool:
        """Tell whether a live order has to be held here, as its venue cannot do what it asks."""
        if order.exec_mode == "dark" or order.type == "market" or _is_plain(order):
            return False
        can = self.abilities(order.account, order.symbol)
        return order.type not in can.types or (order.tif in ENDS_HERE and order.tif not in can.tifs)

    def ends_here(self, order: Order) -> bool:
        """Tell whether the EMS has to end the order when its time is over."""
        if order.tif not in ENDS_HERE:
            return False
        can = self.abilities(order.account, order.symbol)
        return order.exec_mode == "dark" or order.tif not in can.tifs

    def ends_ns(self, order: Order, since_ns: int) -> int | None:
        """Return when the time of an order that was made at ``since_ns`` is over, UTC."""
        market, hours = self._markets[order.symbol], self._hours(order.symbol)
        return ends_ns(order, market, since_ns, hours)

    def lacks(self, order: Order) -> str | None:
        """Say what of the order neither its venue nor the EMS can do; None if all can be done."""
        if not order.post_only and order.tif != "ioc":
            return None
        can, broker = self.abilities(order.account, order.symbol), broker_of(order.account)
        if order.post_only and not can.post_only:
            return f"{broker} has no post-only orders in {order.symbol}."
        if order.tif == "ioc" and "ioc" not in can.tifs:
            return f"{broker} has no immediate-or-cancel orders in {order.symbol}."
        return None

    def leaving(self, order: Order) -> Order | str:
        """Return a live order, or a held one whose price was touched, as it goes to the venue.

        A text says why it cannot go.
        """
        if _is_plain(order):
            return order if order.exec_mode == "live" else replace(order, exec_mode="live")
        can = self.abilities(order.account, order.symbol)
        if order.exec_mode == "dark":
            order = _touched(order)
        if order.tif not in can.tifs:
            order = replace(order, tif="gtc", expires_ns=None)
        if order.reduce_only and not can.reduce_only:
            size = min(order.size, self._to_reduce(order))
            if size <= 0:
                return f"There is no position in {order.symbol} that it could reduce."
            order = replace(order, size=size, reduce_only=False)
        if order.type == "market" and "market" not in can.types:
            return self._marketable(order)
        return order if order.exec_mode == "live" else replace(order, exec_mode="live")

    def words(self, order: Order, leaving: Order) -> str:
        """Say so if an order goes out as something that its owner would not expect."""
        if leaving.type == "limit" and order.type in {"market", *BECOME_MARKET}:
            venue = broker_of(order.account)
            price = self._markets[order.symbol].format_price(leaving.price)
            return f"{venue} has no market orders: it went out as a limit order at {price}."
        return ""

    def _to_reduce(self, order: Order) -> Decimal:
        size = self._position(order.account, order.symbol)
        return max(ZERO, size if order.action == "sell" else -size)

    def _marketable(self, order: Order) -> Order | str:
        """Return a limit order that is filled like a market order, down to its limit."""
        quote, trade = self._last(order.symbol)
        market = self._markets[order.symbol]
        buys = order.action == "buy"
        if quote is not None:
            price = quote.ask if buys else quote.bid
        elif trade is not None:
            price = trade.price
        else:
            return f"No price of {order.symbol} is known, and {order.account} has no market orders."
        worst = market.round_price(price) * (1 + self._slippage * (1 if buys else -1))
        rounding = ROUND_CEILING if buys else ROUND_FLOOR
        tick = market.tick_at(worst)
        ticks = (worst / tick).quantize(Decimal(1), rounding=rounding)
        limit = market.round_price(max(ticks, Decimal(1)) * tick)
        return replace(order, type="limit", price=limit, exec_mode="live")


def _is_plain(order: Order) -> bool:
    """Tell whether any venue can do it, as it is."""
    return (
        order.type == "limit" and order.tif == "gtc" and not (order.post_only or order.reduce_only)
    )


def _becomes(kind: OrderType) -> OrderType:
    """Return what a held order goes out as once its price was touched."""
    if kind in BECOME_MARKET:
        return "market"
    return "limit" if kind in TWO_PRICES else kind


def _touched(order: Order) -> Order:
    kind = _becomes(order.type)
    price = order.price if order.limit_price is None else order.limit_price
    post_only = order.post_only and kind == "limit"
    return replace(
        order,
        exec_mode="live",
        type=kind,
        price=price,
        limit_price=None,
        trail=None,
        post_only=post_only,
    )
