"""The line of the position: its average price, and what it is worth at the last one."""

from decimal import Decimal
from typing import Final

from ems.market import Market
from order_mode.dialogs import Dialogs
from order_mode.exit_lines import r_words
from order_mode.labels import account_words
from order_mode.line import POSITION_KEY, Button, Label, Line, LineStyle
from order_mode.outlook import Holding, breakeven
from order_mode.protection import protection_words

_BUTTONS: Final[tuple[Button, ...]] = ("exit", "half_out", "break_even", "reverse", "flatten")


class PositionLine:
    """Keeps the line of one account's position on a chart.

    Parameters
    ----------
    orders
        Know the positions, the last price, and the chart.
    """

    def __init__(self, orders: Dialogs) -> None:
        self._orders = orders
        self._market, self._chart = orders.market, orders.chart
        self._shown: Line | None = None

    def show(self, account: str) -> None:
        """Draw the position of an account as it is now; none if it is flat."""
        held = self._orders.holdings.of(account)
        if not held.size or held.avg_price is None:
            self._remove()
            return
        line = _line(self._market, account, held, held.avg_price, self._orders)
        if line != self._shown:
            self._shown = line
            self._chart.show_line(line)

    def _remove(self) -> None:
        if self._shown is not None:
            self._shown = None
            self._chart.remove_line(POSITION_KEY)


def _line(market: Market, account: str, held: Holding, avg_price: Decimal, orders: Dialogs) -> Line:
    at = breakeven(market, held)
    long = held.size > 0
    return Line(
        key=POSITION_KEY,
        price=avg_price,
        action="buy" if long else "sell",
        style=LineStyle.POSITION,
        label=Label(
            side="LONG" if long else "SHORT",
            size=market.format_size(abs(held.size)),
            price=market.format_price(avg_price),
            account=account_words(account),
            profit=_profit_words(
                market, held.size, avg_price, orders.last, orders.holdings.one_r(account)
            ),
            after="" if at is None else f"b/e {market.format_price(at)}",
            origin=protection_words(market, held, orders.position_exits(account)),
        ),
        buttons=() if orders.lost else _BUTTONS,
        stale=bool(orders.lost),
    )


def _profit_words(
    market: Market, size: Decimal, avg_price: Decimal, last: float | None, one_r: Decimal | None
) -> str:
    """Return ``+120.00 USD +1.20% +63 ticks +1.3R``, before fees; empty with no last price."""
    if last is None:
        return ""
    points = market.round_price(last) - avg_price
    gained = points if size > 0 else -points
    money = f"{market.money(points, size):+,.2f} {market.currency}".strip()
    ticks = f"{gained / market.tick_at(avg_price):+,.0f} ticks"
    percent = f"{gained / abs(avg_price):+.2%}" if avg_price else ""
    return " ".join(filter(None, (money, percent, ticks, r_words(gained, one_r))))
