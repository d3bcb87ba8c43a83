"""Messages in, lines out: every order of one market, as the EMS tells of it."""

from collections.abc import Callable, Collection
from dataclasses import replace
from decimal import Decimal
from typing import Final

import msgspec

from ems.market import Market
from ems.messages import (
    ZERO,
    ArmState,
    BrokerdError,
    BrokerdFill,
    ClientMsg,
    Connection,
    Notice,
    Order,
    Position,
    Status,
)
from order_mode.armed_accounts import ArmedAccounts
from order_mode.chart_port import ChartPort
from order_mode.dialog import Dialog, is_over
from order_mode.dialog_line import Surroundings, line_of
from order_mode.groups import Groups
from order_mode.holdings import Holdings, put_right
from order_mode.labels import DEFAULT_FIELDS, Field
from order_mode.order_news import OrderNews
from order_mode.order_types import is_exit
from order_mode.prices import Prices
from order_mode.sizing import Exposure


class Dialogs:
    """The orders of a market, of every account, and the positions.

    Parameters
    ----------
    market
        Messages of other markets are left alone.
    chart
        Where the lines go.
    changed
        Called after a dialog has changed, with the dialog; its line is drawn already.
    fields
        What the labels of resting lines show.
    """

    def __init__(
        self,
        market: Market,
        chart: ChartPort,
        changed: Callable[[Dialog], None],
        fields: Collection[Field] = DEFAULT_FIELDS,
    ) -> None:
        self.market: Final = market
        """Of every order."""
        self.chart: Final = chart
        """Where the lines are; the user is told and asked there."""
        self.by_oid: dict[str, Dialog] = {}
        """Every order that has a line: the active ones, and refused ones until they are seen."""
        self.holdings: Final = Holdings(market)
        """What each account holds."""
        self.prices = Prices()
        """Of the market."""
        self.lost = ""
        """Why the EMS no longer speaks to this chart; empty while it does."""
        self.arming: Final = ArmedAccounts()
        """Which accounts take orders."""
        self.on_question: Callable[[Dialog, Status], None] = lambda dialog, status: None
        """Called when the EMS asks something about a request before it takes it."""
        self.on_offer: Callable[[Dialog, Order, str], None] = lambda dialog, change, text: None
        """Called with a change that its venue refused, and with what it would do if asked again."""
        self._changed = changed
        self._fields = fields
        self._news = OrderNews(market, chart)
        self.groups = Groups(market, self.holdings)
        """Which orders belong together."""
        self._exposures: dict[str, Exposure] = {}

    def on_msg(self, msg: ClientMsg) -> None:
        """Take one message of the EMS."""
        match msg:
            case Status():
                self._on_status(msg)
            case Position() if msg.symbol == self.market.fqsn:
                self._on_position(msg)
            case Connection():
                self._news.connection(msg)
            case ArmState():
                self.arming.on_state(msg)
            case Notice():
                self.chart.notify(msg.text, msg.level)

    def load_unknown(self, status: Status) -> Dialog:
        """Return a new dialog, with its line, for an order that this chart did not submit.

        Raises
        ------
        ValueError
            If the status has no ``req``, so that there is no order to draw.
        """
        if status.req is None:
            raise ValueError(f"no order to draw: {status!r} has no req")
        dialog = Dialog(status.req, self.market)
        dialog.apply(status)
        self.add(dialog)
        return dialog

    def add(self, dialog: Dialog) -> None:
        """Keep the dialog and draw its line."""
        self.by_oid[dialog.oid] = dialog
        self.groups.add(dialog)
        self.show(dialog)

    def show(self, dialog: Dialog) -> None:
        """Draw the line of the dialog as it is now; call it after any change of the dialog."""
        self._exposures.clear()
        if is_exit(dialog.order):
            self._note_risk(dialog.order.account)
        self._draw(dialog)
        for other in self.groups.related(dialog):
            self._draw(other)

    def _draw(self, dialog: Dialog) -> None:
        around = Surroundings(
            last=self.last,
            lost=bool(self.lost),
            held=self.holdings.of(dialog.order.account),
            group=self.groups.words(dialog),
            fields=self._fields,
            atr=None if dialog.drag_price is None else self.chart.atr(),
        )
        self.chart.show_line(line_of(dialog, around))

    @property
    def last(self) -> float | None:
        """Last price of the market."""
        return self.prices.last

    def set_quote(self, bid: float, ask: float) -> None:
        """Take the best bid and ask of the market."""
        self.prices = replace(self.prices, bid=bid, ask=ask)

    def set_last(self, price: float) -> None:
        """Take the last price of the market."""
        self.prices = replace(self.prices, last=price)
        if "distance" in self._fields:
            for dialog in self.by_oid.values():
                self._draw(dialog)

    def remove(self, dialog: Dialog) -> None:
        """Forget the dialog and its line."""
        self._exposures.clear()
        self.by_oid.pop(dialog.oid, None)
        self.groups.remove(dialog)
        self.chart.remove_line(dialog.oid)
        for other in self.groups.related(dialog):
            self._draw(other)

    def show_fill(self, fill: BrokerdFill) -> None:
        """Draw an execution once, however often it is told of."""
        if fill.symbol != self.market.fqsn:
            return
        dialog = self.by_oid.get(fill.oid or "")
        match self.holdings.take_fill(fill):
            case None:
                return
            case "correction" if dialog is not None:
                put_right(dialog.fills, fill)
            case "new" if dialog is not None:
                dialog.fills.append(fill)
        self.chart.show_fill(fill)

    def lose(self, reason: str) -> None:
        """Mark every line as one that is known no better: the EMS stopped speaking."""
        self.lost = reason
        for dialog in self.by_oid.values():
            self.show(dialog)

    def exposure(self, account: str, *, without: Dialog | None = None) -> Exposure:
        """Return what an account has here: position, and orders that may still fill."""
        if without is not None:
            return self._count_exposure(account, without)
        if account not in self._exposures:  # asked for at each move of the pointer
            self._exposures[account] = self._count_exposure(account, None)
        return self._exposures[account]

    def _count_exposure(self, account: str, without: Dialog | None) -> Exposure:
        position = self.holdings.positions.get(account)
        resting = (
            dialog.resting
            for dialog in self.by_oid.values()
            if dialog.order.account == account and dialog is not without
        )
        return Exposure(
            position=ZERO if position is None else position.size,
            avg_price=None if position is None else position.avg_price,
            orders=tuple(order for order in resting if order is not None),
        )

    def entry_size(self, exit_: Order) -> Decimal | None:
        """Return what the entry of an exit has filled, or is to fill before its first fill.

        None if it is an exit of a position, which has no entry.
        """
        group = "" if exit_.link is None else exit_.link.group
        filled = sum((fill.size for fill in self.holdings.fills if fill.oid == group), ZERO)
        entry = self.by_oid.get(group)
        if entry is not None:
            return max(filled, entry.filled) or entry.target.size
        return filled or None

    def position_exits(self, account: str) -> list[Dialog]:
        """Return the stops and targets that close the position of an account, oldest first."""
        held = self.holdings.of(account)
        closing = "sell" if held.size > 0 else "buy"
        return [
            dialog
            for dialog in self.groups.linked()
            if dialog.order.account == account
            and dialog.order.action == closing
            and not dialog.waits
            and dialog.order.link is not None
            and dialog.order.link.role in ("stop", "target")
        ]

    def _note_risk(self, account: str) -> None:
        exits = self.position_exits(account) if self.holdings.of(account).size else []
        self.holdings.note_risk(account, map(_as_placed, exits))

    # ---- messages

    def _on_position(self, position: Position) -> None:
        self._exposures.clear()
        before = self.holdings.positions.get(position.account)
        self.holdings.positions[position.account] = position
        self._note_risk(position.account)
        no_exits = (
            "after" not in self._fields and before is not None and _cost_alike(before, position)
        )
        for dialog in self.by_oid.values():
            if dialog.order.account != position.account or (no_exits and is_exit(dialog.order)):
                continue
            self._draw(dialog)  # what it would make of the position is another

    def _on_status(self, status: Status) -> None:
        dialog = self.by_oid.get(status.oid)
        if status.asks:
            if dialog is not None:
                self.on_question(dialog, status)
        elif dialog is None:
            self._on_unknown(status)
        else:
            self._on_known(dialog, status)

    def _on_unknown(self, status: Status) -> None:
        self._take_fill(status)
        order = status.req
        if order is None or order.symbol != self.market.fqsn:
            return
        if status.resp == "error":
            self._news.ended(order, status)
        elif status.resp != "fill" and not is_over(status.resp, order.action):
            self._changed(self.load_unknown(status))  # a late fill or end brings nothing to life

    def _on_known(self, dialog: Dialog, status: Status) -> None:
        refused, put_anew = dialog.newly_refused(status), dialog.put_anew
        before, wished = dialog.order, dialog.change
        dialog.apply(status)
        if before.link != dialog.order.link:
            for one in self._relinked(dialog, before):
                self._draw(one)
        self._take_fill(status)
        self._news.refused(dialog.order, refused, status.reason)
        if dialog.done and not (put_anew and status.resp == "canceled"):
            self._news.ended(dialog.order, status)
        if dialog.done and not dialog.refusal:
            self.remove(dialog)
        else:
            self.show(dialog)
        self._changed(dialog)
        if refused == "modify" and wished is not None and dialog.asked_here(wished):
            self._pass_offer(dialog, wished, status)

    def _pass_offer(self, dialog: Dialog, wished: Order, status: Status) -> None:
        match status.brokerd_msg:
            case BrokerdError(offer=text) if text:
                self.on_offer(dialog, wished, text)

    def _relinked(self, dialog: Dialog, before: Order) -> list[Dialog]:
        """Take note of another place in a group; return whose lines say something about it."""
        left = self.groups.members(before)
        self.groups.relink(dialog, before)
        return [one for one in left if one is not dialog]

    def _take_fill(self, status: Status) -> None:
        match status.brokerd_msg:
            case BrokerdFill() as fill:
                self.show_fill(fill)


def _cost_alike(before: Position, now: Position) -> bool:
    """Tell whether what exits would realise is as before: the same was paid, on the same side."""
    return (before.avg_price, before.size > 0) == (now.avg_price, now.size > 0) and bool(now.size)


def _as_placed(exit_: Dialog) -> Order:
    """Return an exit where it was placed first."""
    first = None if exit_.status is None else exit_.status.first_price
    return exit_.order if first is None else msgspec.structs.replace(exit_.order, price=first)
