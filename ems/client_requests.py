"""What a program asks of the EMS: orders, groups of orders, changes, cancels."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Unpack

from msgspec.structs import replace

from ems.embedded import Ems
from ems.known_orders import KnownOrders
from ems.market import Market
from ems.messages import Action, Cancel, Order
from ems.new_group import Bracket, new_bracket, new_flatten, new_oco
from ems.new_order import Number, Terms, as_price, as_size, new_order
from ems.on_loop import OnLoop


class ClientRequests:
    """The requests of a `ems.trading_client.TradingClient`: plain calls that never wait."""

    def __init__(self, ems: Ems, known: KnownOrders) -> None:
        self._ems = ems
        self._on_loop = OnLoop()
        self._client = ems.connect()
        self.orders = known.orders
        self.positions = known.positions

    def buy(self, market: Market, price: Number, size: Number, **terms: Unpack[Terms]) -> Order:
        """Send an order: a limit order, unless its terms say otherwise.

        ``price`` is the limit of a limit order, the trigger of a stop, stop-limit or
        limit-if-touched order, where a trailing stop begins, and about what a market order gets.
        The terms are those of `ems.new_order.Terms`.
        """
        return self.submit(new_order("buy", market, price, size, **terms))

    def sell(self, market: Market, price: Number, size: Number, **terms: Unpack[Terms]) -> Order:
        """Send an order, as `buy`."""
        return self.submit(new_order("sell", market, price, size, **terms))

    def new_order(
        self, action: Action, market: Market, price: Number, size: Number, **terms: Unpack[Terms]
    ) -> Order:
        """Return an order as `buy` makes it, without sending it: for `bracket` and `oco`."""
        return new_order(action, market, price, size, **terms)

    def bracket(
        self,
        entry: Order,
        *,
        stop: Number | None = None,
        targets: Sequence[tuple[Number, Number]] = (),
    ) -> Bracket:
        """Send an entry and its exits, which are taken or refused together.

        Parameters
        ----------
        entry
            From `new_order`.
        stop
            Price of a stop-loss for all that the entry fills.
        targets
            Each a price, and its share of what the entry fills, above 0 up to 1.

        Raises
        ------
        ValueError
            If there is neither stop nor target.
        """
        made = new_bracket(self._ems.hub.markets[entry.symbol], entry, stop, targets)
        exits = (*(() if made.stop is None else (made.stop,)), *made.targets)
        self.submit_group([made.entry, *exits])
        return made

    def oco(self, *orders: Order) -> tuple[Order, ...]:
        """Send orders, from `new_order`, of which the first that is filled cancels the others.

        They may be of several markets. Raises `ValueError` if there are fewer than two.
        """
        tied = new_oco(orders)
        self.submit_group(tied)
        return tied

    def flatten(self, market: Market, account: str = "paper") -> Order:
        """End every order of an account in a market, then close what is there at the market.

        Where nothing is there by then, the order that is returned ends as ``canceled``.
        """
        size = self.position(market, account)
        order = new_flatten(market, account, size, self._seen(market, buys=size < 0))
        return self.submit(order)

    def submit_group(self, orders: Sequence[Order]) -> None:
        """Send several new orders with a `Link`; they are taken or refused together."""
        with self._on_loop.current():
            self._client.submit_group(orders)

    def alert(
        self, market: Market, price: Number, note: str = "", *, account: str = "paper"
    ) -> Order:
        """Ring when the price is touched."""
        order = new_order("alert", market, price, Decimal(0), account=account, dark=True)
        return self.submit(replace(order, note=note))

    def arm(self, account: str) -> None:
        """Let a live account trade for this session; until then its orders are refused.

        Something may end it: see docs/safety.md. Raises `UnknownAccount`.
        """
        with self._on_loop.current():
            self._ems.arm(account)

    def disarm(self, account: str) -> None:
        """Take no more orders of a live account; cancels still pass."""
        with self._on_loop.current():
            self._ems.disarm(account)

    def submit(self, order: Order) -> Order:
        """Send any order as it stands; with a known ``oid`` it modifies that one.

        A status with `Status.asks` says that nothing was sent yet: the same order with these kinds
        in its ``consent`` is taken.
        """
        with self._on_loop.current():
            self._client.submit(order)
        return order

    def modify(
        self,
        order: Order | str,
        *,
        price: Number | None = None,
        size: Number | None = None,
    ) -> Order:
        """Ask for another price or size of an order, its own or anybody's; return it as asked for.

        Raises
        ------
        KeyError
            If no order with this id is active here.
        """
        status = self.orders[oid_of(order)]
        now = status.change or status.req
        assert now is not None
        market = self._ems.hub.markets[now.symbol]
        asked = replace(
            now,
            price=now.price if price is None else as_price(market, price),
            size=now.size if size is None else as_size(market, size),
        )
        with self._on_loop.current():
            self._client.modify(asked)
        return asked

    def cancel(self, order: Order | str) -> None:
        """Ask for the end of an order, dark order or alert."""
        status = self.orders.get(oid_of(order))
        known = order if isinstance(order, Order) else status.req if status else None
        request = Cancel(oid=oid_of(order), symbol=known.symbol if known else "")
        with self._on_loop.current():
            self._client.cancel(request)

    def position(self, market: Market, account: str = "paper") -> Decimal:
        """Return the size of a position: above zero long, below zero short."""
        position = self.positions.get((account, market.fqsn))
        return Decimal(0) if position is None else position.size

    def _seen(self, market: Market, *, buys: bool) -> Decimal:
        """About what a market order gets; one tick while no price is known."""
        quote, trade = self._ems.hub.last(market.fqsn)
        price = None if trade is None else trade.price
        if quote is not None and (quote.ask if buys else quote.bid) > 0:
            price = quote.ask if buys else quote.bid
        return market.tick_size if price is None else market.round_price(price)


def oid_of(order: Order | str) -> str:
    """Return the id of an order that is given by its id or by itself."""
    return order.oid if isinstance(order, Order) else order
