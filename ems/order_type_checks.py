"""What the gate asks of an order because of its type: that it is whole, and on the right side."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from ems.dialog_changes import limit_behind
from ems.dialog_index import DialogIndex
from ems.group_checks import wrong_side_of_entry
from ems.group_index import GroupIndex
from ems.market import Market
from ems.messages import Order
from ems.order_dialog import OrderDialog
from ems.ports import Abilities
from ems.ticks import Quote, Trade
from ems.transitions import HERE, S
from ems.type_families import BECOME_MARKET, STOPS, TOUCHED_OFF, TRAILING, TWO_PRICES

NAMES: Final = {
    "limit": "limit order",
    "market": "market order",
    "stop": "stop",
    "stop_limit": "stop-limit order",
    "trailing_stop": "trailing stop",
    "limit_if_touched": "limit-if-touched order",
    "trailing_stop_limit": "trailing stop-limit order",
    "market_if_touched": "market-if-touched order",
}


class OrderTypeChecks:
    """Says why an order of its type may not go out, in one sentence.

    Parameters
    ----------
    index, groups
        The orders that are known.
    markets
        Those that are watched, by fqsn; read at each call.
    last
        Returns the last quote and trade of a market.
    abilities
        Returns what the broker of an account can do in a market.
    clock
        Now, UTC ns.
    """

    def __init__(
        self,
        index: DialogIndex,
        groups: GroupIndex,
        markets: Mapping[str, Market],
        last: Callable[[str], tuple[Quote | None, Trade | None]],
        abilities: Callable[[str, str], Abilities],
        clock: Callable[[], int],
    ) -> None:
        self._index = index
        self._groups = groups
        self._markets = markets
        self._last = last
        self._abilities = abilities
        self._clock = clock

    def refuses_new(self, order: Order) -> str | None:
        """Check a new order; a market that is not known is checked before."""
        if order.action == "alert":
            return None
        return self._flattening(order) or self._not_whole(order) or self._wrong_side(order, None)

    def refuses_change(self, dialog: OrderDialog, order: Order) -> str | None:
        """Check a modify, all that cannot change taken from the order as it is."""
        if order.action == "alert":
            return None
        now = dialog.order
        if order.type != now.type:
            return f"A {NAMES[now.type]} cannot become a {NAMES[order.type]}; cancel it."
        if now.type == "market" and order.price != now.price:
            return "A market order has no price that could be changed."
        if (
            now.trail is not None
            and dialog.state not in HERE
            and (why := self._bad_trail(dialog, order))
        ):
            return why
        if refusal := self._not_whole(order):
            return refusal
        same = (order.price, order.limit_price) == (now.price, now.limit_price)
        return None if same else self._wrong_side(order, dialog)

    # ---- inside

    def _bad_trail(self, dialog: OrderDialog, order: Order) -> str | None:
        """Check a change of a trailing stop at its venue."""
        now = dialog.wanted
        if order.trail == now.trail:
            asked = (order.size, limit_behind(order), order.link)
            if order.price == now.price or asked != (now.size, limit_behind(now), now.link):
                return None
            return "Where a trailing stop stands is up to the price; change how far it trails."
        if dialog.triggered:
            return "Its price was touched already: it does not trail any more."
        if self._abilities(order.account, order.symbol).retrail:
            return None
        return (
            f"{dialog.broker} cannot change how far a trailing stop trails; cancel it and place "
            "another."
        )

    def _flattening(self, order: Order) -> str | None:
        """While a position is being closed, nothing may open another one."""
        group = None if order.link is None else order.link.group
        for other in self._groups.closers((order.account, order.symbol)):
            if other.name != group and any(one.active for one in other.having("flatten")):
                return (
                    f"The position in {order.symbol} is being closed; "
                    "wait until that is done, or cancel it."
                )
        return None

    def _not_whole(self, order: Order) -> str | None:
        kind = NAMES[order.type]
        market = self._markets.get(order.symbol)
        if order.type == "market" and order.exec_mode == "dark":
            return "A market order goes out at once; it cannot be held here."
        if (order.limit_price is not None) != (order.type in TWO_PRICES):
            return f"A {kind} has {'a' if order.type in TWO_PRICES else 'no'} limit price."
        limit = order.limit_price
        if limit is not None and market is not None:
            if order.trail is not None and not market.is_price(order.price):
                limit = market.round_price(limit)  # its stop stands between two ticks, so may it
            if why := market.no_price(limit):
                return why
        if (order.trail is not None) != (order.type in TRAILING):
            return f"A {kind} has {'a' if order.type in TRAILING else 'no'} trail."
        if order.trail is not None and order.trail.amount <= 0:
            return f"A trail is above zero, not {order.trail.amount}."
        if order.trail is not None and order.trail.unit == "percent" and order.trail.amount >= 100:
            return f"A trail is less than 100 percent, not {order.trail.amount}."
        if order.post_only and (order.type not in {"limit", *TWO_PRICES} or order.tif == "ioc"):
            return f"A {order.tif.upper()} {kind} cannot be post-only."
        return self._bad_time(order)

    def _bad_time(self, order: Order) -> str | None:
        if order.tif != "gtd":
            return None
        if order.expires_ns is None:
            return "An order that is good till a time has to name it."
        return None if order.expires_ns > self._clock() else "Its time is over already."

    def _wrong_side(self, order: Order, dialog: OrderDialog | None) -> str | None:
        """Check a stop, or what waits for a touch, against the price that it looks at."""
        if order.link is None or order.link.role not in ("stop", "target"):
            return self.through(order)
        if dialog is None:
            return None  # whoever knows its entry checks it: `ems.group_checks`
        entry = self._index.by_oid(order.link.group) if dialog.state is S.WAITING else None
        if entry is not None and not entry.filled:
            return wrong_side_of_entry(order, entry.wanted)
        return self.through(order)

    def through(self, order: Order) -> str | None:
        """Say so if a stop, or what waits for a touch, would go out at once."""
        if order.type not in TOUCHED_OFF:
            return None
        market = self._markets.get(order.symbol)
        last = self._price(order)
        if market is None:
            return None
        if last is None:
            return f"No price of {order.symbol} is known yet."
        above = (order.action == "buy") == (order.type in STOPS)
        if (order.price > last) if above else (order.price < last):
            return None
        where = "below" if order.price < last else "above" if order.price > last else "at"
        how = "a market order" if order.type in BECOME_MARKET else "a limit order"
        what = f"A {order.action} {NAMES[order.type]} at {market.format_price(order.price)}"
        return (
            f"{what} is {where} the last price {market.format_price(last)}: "
            f"it would go out at once as {how}."
        )

    def _price(self, order: Order) -> Decimal | None:
        """The price that the order looks at: the last trade, else the side that it would meet."""
        quote, trade = self._last(order.symbol)
        market = self._markets.get(order.symbol)
        if market is None:
            return None
        if trade is not None and market.chart_price == "trade":
            return market.round_price(trade.price)
        if quote is None:
            return None
        return market.round_price(quote.ask if order.action == "buy" else quote.bid)
