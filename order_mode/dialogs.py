"""Messages in, lines out: every order of one market, as the EMS tells of it."""

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import replace
from decimal import Decimal
from typing import Final

import msgspec

from ems.flatten_rules import BEING_CLOSED
from ems.group_rules import NO_ENTRY
from ems.market import Market, is_paper
from ems.messages import (
    ZERO,
    ArmMode,
    ArmState,
    BrokerdError,
    BrokerdFill,
    ClientMsg,
    Connection,
    Notice,
    Order,
    Position,
    Request,
    Status,
)
from ems.ties import FILLED_ELSEWHERE
from order_mode.chart_port import ChartPort
from order_mode.dialog import Dialog, is_over
from order_mode.exit_lines import stop_distance
from order_mode.groups import Groups
from order_mode.labels import DEFAULT_FIELDS, Field, filled_words, order_words
from order_mode.order_types import is_exit
from order_mode.outlook import FeeLedger, Holding
from order_mode.prices import Prices
from order_mode.sizing import Exposure

_REFUSED: Final[dict[Request | None, str]] = {
    "modify": "The change was refused, the order stays as it was, {}: {}",
    "cancel": "The cancel was refused, the order stays, {}: {}",
}


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
        self.by_oid: dict[str, Dialog] = {}
        """Every order that has a line: the active ones, and refused ones until they are seen."""
        self.positions: dict[str, Position] = {}
        """By account."""
        self.fills: list[BrokerdFill] = []
        """Every execution that the chart shows."""
        self.prices = Prices()
        """Of the market."""
        self.lost = ""
        """Why the EMS no longer speaks to this chart; empty while it does."""
        self.disarmed: set[str] = set()
        """Live accounts whose orders the EMS would refuse: they have to be armed first."""
        self._arm_modes: dict[str, ArmMode] = {}
        self.on_question: Callable[[Dialog, Status], None] = lambda dialog, status: None
        self.on_offer: Callable[[Dialog, Order, str], None] = lambda dialog, change, text: None
        """Called with a change that its venue refused, and with what it would do if asked again."""
        """Called when the EMS asks something about a request before it takes it."""
        self._market = market
        self._chart = chart
        self._changed = changed
        self._fields = fields
        self._fees: defaultdict[str, FeeLedger] = defaultdict(lambda: FeeLedger(market))
        self.groups = Groups(market, self.holding, self.one_r)
        """Which orders belong together."""
        self._one_r: dict[str, Decimal] = {}
        self._exposures: dict[str, Exposure] = {}
        self._fill_ids: set[tuple[str, str]] = set()
        self._brokers_down: set[str] = set()

    def on_msg(self, msg: ClientMsg) -> None:
        """Take one message of the EMS."""
        match msg:
            case Status():
                self._on_status(msg)
            case Position() if msg.symbol == self._market.fqsn:
                self._on_position(msg)
            case Connection():
                self._on_connection(msg)
            case ArmState():
                (self.disarmed.discard if msg.armed else self.disarmed.add)(msg.account)
                self._arm_modes[msg.account] = msg.mode
            case Notice():
                self._chart.notify(msg.text, msg.level)

    def load_unknown(self, status: Status) -> Dialog:
        """Return a new dialog, with its line, for an order that this chart did not submit.

        Raises
        ------
        ValueError
            If the status has no ``req``, so that there is no order to draw.
        """
        if status.req is None:
            raise ValueError(f"no order to draw: {status!r} has no req")
        dialog = Dialog(status.req, self._market)
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
        line = dialog.line(
            self.last,
            lost=bool(self.lost),
            held=self.holding(dialog.order.account),
            group=self.groups.words(dialog),
            fields=self._fields,
            atr=None if dialog.drag_price is None else self._chart.atr(),
        )
        self._chart.show_line(line)

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
        self._chart.remove_line(dialog.oid)
        for other in self.groups.related(dialog):
            self._draw(other)

    def show_fill(self, fill: BrokerdFill) -> None:
        """Draw an execution once, however often it is told of."""
        key = (fill.account, fill.exec_id)
        if fill.symbol != self._market.fqsn:
            return
        dialog = self.by_oid.get(fill.oid or "")
        if fill.replaces and (fill.account, fill.replaces) in self._fill_ids:
            _put_right(self.fills, fill)
            self._count_fees_anew(fill.account)
            if dialog is not None:
                _put_right(dialog.fills, fill)
        elif key in self._fill_ids:
            return
        else:
            self.fills.append(fill)
            self._fees[fill.account].apply(fill)
            if dialog is not None:
                dialog.fills.append(fill)
        self._fill_ids.add(key)
        self._chart.show_fill(fill)

    def _count_fees_anew(self, account: str) -> None:
        self._fees[account] = FeeLedger(self._market)
        for fill in self.fills:
            if fill.account == account:
                self._fees[account].apply(fill)

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
        position = self.positions.get(account)
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

    def holding(self, account: str) -> Holding:
        """Return what an account holds here, with the fees if the fills add up to it."""
        position = self.positions.get(account)
        if position is None:
            return Holding(fees=self._fees[account].fees(ZERO))
        return Holding(position.size, position.avg_price, self._fees[account].fees(position.size))

    def one_r(self, account: str) -> Decimal | None:
        """Return the points that are one R of a position: to where its stop was placed first.

        None if the position never had a stop that loses, as far as this chart has seen.
        """
        return self._one_r.get(account)

    def _note_risk(self, account: str) -> None:
        held = self.holding(account)
        if not held.size or held.avg_price is None:
            self._one_r.pop(account, None)
            return
        first = [_as_placed(dialog) for dialog in self.position_exits(account)]
        away = stop_distance(held.avg_price, first)
        if away is not None:
            self._one_r[account] = max(away, self._one_r.get(account, ZERO))

    def entry_size(self, exit_: Order) -> Decimal | None:
        """Return what the entry of an exit has filled, or is to fill before its first fill.

        None if it is an exit of a position, which has no entry.
        """
        group = "" if exit_.link is None else exit_.link.group
        filled = sum((fill.size for fill in self.fills if fill.oid == group), ZERO)
        entry = self.by_oid.get(group)
        if entry is not None:
            return max(filled, entry.filled) or entry.target.size
        return filled or None

    def position_exits(self, account: str) -> list[Dialog]:
        """Return the stops and targets that close the position of an account, oldest first."""
        held = self.holding(account)
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

    # ---- statuses

    def _on_position(self, position: Position) -> None:
        self._exposures.clear()
        before = self.positions.get(position.account)
        self.positions[position.account] = position
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
        if order is None or order.symbol != self._market.fqsn:
            return
        if status.resp == "error":
            self._notify_end(order, status)
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
        if refused in _REFUSED:
            what = order_words(self._market, dialog.order)
            why = status.reason or "no reason given"
            self._chart.notify(_REFUSED[refused].format(what, why), "warning")
        if dialog.done and not (put_anew and status.resp == "canceled"):
            self._notify_end(dialog.order, status)
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

    def _notify_end(self, order: Order, status: Status) -> None:
        what = order_words(self._market, order)
        match status.resp:
            case "closed":
                self._chart.notify(f"Filled: {filled_words(self._market, order, status)}", "info")
            case "error":
                self._chart.notify(f"Refused: {what}: {status.reason}", "error")
            case "canceled" if status.reason and status.reason not in _ASKED_FOR:
                by_group = status.tie is not None or status.reason == FILLED_ELSEWHERE
                self._chart.notify(
                    f"Cancelled: {what}: {status.reason}", "info" if by_group else "warning"
                )
            case "triggered":
                self._chart.notify(f"{what.capitalize()} reached", "info")

    def is_one_click(self, account: str) -> bool:
        """Tell whether a live account takes orders at once.

        The EMS says of every other one what it takes. A paper account asks as one does that is
        armed, so that hands learn the same.
        """
        return not is_paper(account) and self._arm_modes.get(account, "one click") == "one click"

    def is_confirmed(self, account: str) -> bool:
        """Tell whether each order of a live account is asked about."""
        return self._arm_modes.get(account) == "confirm"

    def why_locked(self, order: Order) -> str:
        """Say why the EMS would refuse this order or a change of it, as a clause; empty if not."""
        return "" if order.action == "alert" else self.why_locked_account(order.account)

    def why_locked_account(self, account: str) -> str:
        """Say why the EMS would refuse every order of an account, as a clause; empty if not."""
        return f"{account} is LIVE and disarmed; arm it first" if account in self.disarmed else ""

    def _on_connection(self, msg: Connection) -> None:
        if not msg.up:
            self._brokers_down.add(msg.broker)
            self._chart.notify(f"Connection to {msg.broker} lost. {msg.reason}".strip(), "error")
        elif msg.broker in self._brokers_down:
            self._brokers_down.discard(msg.broker)
            self._chart.notify(f"Connection to {msg.broker} is back.", "info")


_ASKED_FOR: Final = frozenset({NO_ENTRY, BEING_CLOSED})
"""Why orders end with another or with the position: who ended that one knows, or was told."""


def _cost_alike(before: Position, now: Position) -> bool:
    """Tell whether what exits would realise is as before: the same was paid, on the same side."""
    return (before.avg_price, before.size > 0) == (now.avg_price, now.size > 0) and bool(now.size)


def _as_placed(exit_: Dialog) -> Order:
    """Return an exit where it was placed first."""
    first = None if exit_.status is None else exit_.status.first_price
    return exit_.order if first is None else msgspec.structs.replace(exit_.order, price=first)


def _put_right(fills: list[BrokerdFill], fill: BrokerdFill) -> None:
    """Put a fill in the place of the one that it replaces."""
    for row, before in enumerate(fills):
        if (before.account, before.exec_id) == (fill.account, fill.replaces):
            fills[row] = fill
