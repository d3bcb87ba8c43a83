"""What a trader's hand does with a whole position: flatten, reverse, break even, scale out."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from ems.messages import ZERO, Link, Order, Role, Side
from order_mode.bracket import closing
from order_mode.chart_port import UserQuestion
from order_mode.dialogs import Dialogs
from order_mode.exit_hand import ExitHand
from order_mode.labels import account_words
from order_mode.line import POSITION_KEY
from order_mode.order_types import moved, wrong_side
from order_mode.outlook import Holding, breakeven
from order_mode.replacements import Replacements
from order_mode.requests import Requests
from order_mode.sizing import next_size
from order_mode.stager import Stager

Deed: TypeAlias = Literal["flatten", "reverse", "half_out", "slot_out", "break_even"]
"""What can be done with a position."""
DEEDS: Final[tuple[Deed, ...]] = ("flatten", "reverse", "half_out", "slot_out", "break_even")


class PositionHand:
    """Does it for the position of the account that new orders are for.

    Parameters
    ----------
    orders, requests
        What there is, and where the orders go.
    stager
        Knows the account and the sizing.
    changes
        Move a stop, and ask where its venue cannot.
    exits
        Attach a stop where there is none to move.
    new_group
        Makes the name of a group.
    """

    def __init__(
        self,
        orders: Dialogs,
        requests: Requests,
        stager: Stager,
        changes: Replacements,
        exits: ExitHand,
        new_group: Callable[[], str],
    ) -> None:
        self._orders = orders
        self._market, self._chart = orders.market, orders.chart
        self._requests = requests
        self._stager = stager
        self._changes = changes
        self._exits = exits
        self._new_group = new_group

    def words(self, deed: Deed) -> str:
        """Return what would be done now, as ``Flatten: sell 50 at market (PAPER)``."""
        held = self._held
        what = _TITLES[deed]
        if not held.size:
            return f"{what}: there is no position"
        account = account_words(self._stager.account)
        if deed == "break_even":
            level = self._break_even(held)
            at = "its price is not known" if level is None else self._market.format_price(level)
            return f"{what}: stop-loss at {at} ({account})"
        size = self._size(deed)
        if not size:
            return f"{what}: that is less than one lot"
        side = closing(_side(held))
        amount = self._market.format_size(size)
        then = f", then {side} {amount} more" if deed == "reverse" else ""
        return f"{what}: {side} {amount} at market{then} ({account})"

    def can(self, deed: Deed) -> bool:
        """Tell whether there is anything to do."""
        held = self._held
        if deed == "break_even":
            return bool(held.size) and held.avg_price is not None
        return bool(self._size(deed))

    def ask(self, deed: Deed, keys: Sequence[str] = ()) -> None:
        """Do it once the user has said yes.

        A stop that only moves is not asked about, nor is anything of an account whose orders go out
        with one click.

        Parameters
        ----------
        keys
            That asked for it: pressed once more, they are a yes, unless each order of the account
            is to be confirmed.
        """
        account = self._stager.account
        if not self.can(deed):
            self._chart.notify(f"Nothing was done. {self.words(deed)}.", "warning")
        elif deed == "break_even" or self._orders.arming.is_one_click(account):
            self.do(deed)
        elif why := self._orders.arming.why_locked_account(account):
            self._chart.notify(f"Nothing was done: {why}.", "warning")
        else:
            again = () if self._orders.arming.is_confirmed(account) else keys
            title, text = self.words(deed), self._question(deed)
            self._chart.ask(UserQuestion(deed, title, text, self._answered(deed), again))

    def do(self, deed: Deed, consent: tuple[str, ...] = ()) -> None:
        """Do it now: the user has read what it is.

        Parameters
        ----------
        consent
            The kinds of questions that were said yes to.
        """
        if not self.can(deed):
            self._chart.notify(f"Nothing was done. {self.words(deed)}.", "warning")
            return
        match deed:
            case "flatten":
                self._requests.place_anew(self._market_order(self._size(deed), "flatten", consent))
            case "reverse":
                size = self._size(deed)
                orders = [self._market_order(size, one, consent) for one in _REVERSE]
                self._requests.place_group(self._requests.linked(orders, self._new_group()))
            case "half_out" | "slot_out":
                self._requests.place_anew(self._market_order(self._size(deed), None, consent))
            case "break_even":
                self._to_break_even()

    # ---- inside

    @property
    def _held(self) -> Holding:
        return self._orders.holdings.of(self._stager.account)

    def _answered(self, deed: Deed) -> Callable[[bool], None]:
        account = self._stager.account

        def answered(yes: bool) -> None:
            if yes and self._stager.account == account:
                self.do(deed, consent=("confirm",))

        return answered

    def _question(self, deed: Deed) -> str:
        price = self._orders.prices.entry(closing(_side(self._held)))
        about = "" if price is None else f"The market is at {self._market.format_price(price)}. "
        if deed in ("half_out", "slot_out"):
            return f"{about}Its exits follow what is left."
        account = self._stager.account
        others = [
            one
            for one in self._orders.by_oid.values()
            if one.resting_or_waits and one.order.account == account
        ]
        many = "1 order is" if len(others) == 1 else f"{len(others)} orders are"
        first = f"First {many} cancelled in this market, then" if others else "Then"
        return f"{about}{first} the whole position is closed, as large as it is by then."

    def _size(self, deed: Deed) -> Decimal:
        held = self._held
        there = abs(held.size)
        match deed:
            case "half_out":
                return self._market.floor_size(there / 2)
            case "slot_out":
                return self._slot(held)
        return there

    def _slot(self, held: Holding) -> Decimal:
        if not held.size:
            return ZERO
        side = closing(_side(held))
        price = self._orders.prices.entry(side)
        if price is None:
            return ZERO
        exposure = self._orders.exposure(self._stager.account)
        at = self._market.round_price(price)
        return next_size(self._stager.sizing, self._market, exposure, side, at).size

    def _market_order(
        self, size: Decimal, role: Role | None, consent: tuple[str, ...] = ()
    ) -> Order:
        side = closing(_side(self._held))
        price = self._orders.prices.entry(side)
        shown = self._held.avg_price if price is None else self._market.round_price(price)
        group = self._new_group()
        return Order(
            oid="",
            action=side,
            exec_mode="live",
            symbol=self._market.fqsn,
            account=self._stager.account,
            price=self._market.tick_size if shown is None else self._market.round_price(shown),
            size=size,
            type="market",
            reduce_only=role != "after",
            link=None if role is None else Link(group=group, role=role),
            consent=consent,
        )

    def _break_even(self, held: Holding) -> Decimal | None:
        """Return the first price that loses nothing, with fees where they are known."""
        exact = breakeven(self._market, held) or held.avg_price
        if exact is None:
            return None
        price = self._market.round_price(exact)
        long = held.size > 0
        if price != exact and (price < exact) == long:
            price = self._market.ticks_away(price, 1 if long else -1)
        return price

    def _to_break_even(self) -> None:
        level = self._break_even(self._held)
        if level is None:
            return
        stops = [
            one
            for one in self._orders.position_exits(self._stager.account)
            if one.order.link is not None and one.order.link.role == "stop"
        ]
        if not stops:
            self._exits.attach_stop(POSITION_KEY, level)
            return
        long = self._held.size > 0
        for stop in stops:
            at = stop.target.price
            if at >= level if long else at <= level:
                where = self._market.format_price(at)
                self._chart.notify(f"The stop-loss at {where} is at break even or better.", "info")
                continue
            changed = moved(stop.target, level, self._market)
            why = wrong_side(changed, self._market, self._orders.prices) or stop.why_fixed
            if why:
                self._chart.notify(f"Not moved to break even: {why}", "warning")
            else:
                self._changes.change(stop, changed)


_REVERSE: Final[tuple[Role, ...]] = ("flatten", "after")

_TITLES: Final[dict[Deed, str]] = {
    "flatten": "Flatten",
    "reverse": "Reverse",
    "half_out": "Close half",
    "slot_out": "Close a slot",
    "break_even": "Break even",
}


def _side(held: Holding) -> Side:
    return "buy" if held.size > 0 else "sell"
