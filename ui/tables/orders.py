"""The orders that are alive: at the venue, held here, or on their way."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec.structs import replace
from PyQt6.QtCore import QObject

from ems.market import Market
from ems.messages import DONE_RESPS, ClientMsg, Order, Resp, Status
from order_mode.labels import kind_words
from order_mode.order_terms import terms_words
from ui.tables.cell_text import clock, price_text, short_id, size_text
from ui.tables.row_model import Column, RowModel
from ui.tables.tone import SIDE_TONES, Tone

_STATE_WORDS: Final[dict[Resp, str]] = {
    "pending": "asked for",
    "open": "working",
    "dark_open": "held here",
    "triggered": "triggered",
}


class OrderRow(msgspec.Struct, frozen=True, kw_only=True):
    """One live order, dark order or alert."""

    order: Order
    status: Status
    """The newest that was heard."""
    resp: Resp
    """The state that it is in: never ``fill``, which is an event."""
    since_ns: int
    """When it was first heard of, UTC ns: the row keeps its place when its state changes."""
    alone: bool = False
    """True of one of an OCO group of which no other is left."""


class OrderCounts(msgspec.Struct, frozen=True):
    """How many orders are alive, by where they are."""

    at_venue: int = 0
    """Live ones, asked for or working."""
    dark: int = 0
    alerts: int = 0


class OrdersModel(RowModel[OrderRow]):
    """One row an order, keyed by its ``oid``; an order that has ended leaves."""

    def __init__(self, markets: Mapping[str, Market], parent: QObject | None = None) -> None:
        super().__init__(_columns(markets), parent)
        self._groups: defaultdict[str, set[str]] = defaultdict(set)
        """The oids of the OCO groups."""

    def on_msg(self, msg: ClientMsg) -> None:
        """Take in what the EMS says; anything but a status is for others."""
        match msg:
            case Status(resp=resp) if resp in DONE_RESPS or _is_rung(msg):
                self._place(self.get(msg.oid), None)
                self.drop(msg.oid)
            case Status():
                self._put_status(msg)

    def counts(self) -> OrderCounts:
        """Return how many orders are alive, by where they are."""
        alerts = sum(row.order.action == "alert" for row in self._rows)
        dark = sum(row.resp == "dark_open" for row in self._rows) - alerts
        return OrderCounts(len(self._rows) - dark - alerts, dark, alerts)

    def _put_status(self, status: Status) -> None:
        known = self.get(status.oid)
        order = status.req or (known.order if known else None)
        resp = status.resp
        if resp == "fill":
            if known is None:
                return  # late, of an order that has ended: it does not come back to life
            resp = known.resp
        if order is not None:
            since_ns = known.since_ns if known else status.time_ns
            alone = known is not None and known.alone
            row = OrderRow(order=order, status=status, resp=resp, since_ns=since_ns, alone=alone)
            self.put(status.oid, row)
            self._place(known, row)

    def _place(self, before: OrderRow | None, now: OrderRow | None) -> None:
        """Take note of which OCO group an order is in now, and who is left in the other."""
        left, joined = _oco(before), _oco(now)
        if left == joined:
            return
        if before is not None and left:
            self._groups[left].discard(before.order.oid)
            if not self._groups[left]:
                del self._groups[left]
        if now is not None and joined:
            self._groups[joined].add(now.order.oid)
        for group in filter(None, (left, joined)):
            oids = self._groups.get(group, set())
            for oid in oids:
                row = self.get(oid)
                if row is not None and row.alone is not (len(oids) == 1):
                    self.put(oid, replace(row, alone=not row.alone))


def _oco(row: OrderRow | None) -> str:
    """Return the OCO group that an order is in; empty for none."""
    link = None if row is None else row.order.link
    return link.group if link is not None and link.role == "peer" else ""


def state_words(row: OrderRow) -> str:
    """Return the state of an order in words; a doubt about it comes before the state itself."""
    status, state = row.status, _STATE_WORDS[row.resp]
    if status.waits:
        state = "waits for its group"
    elif status.triggered:
        state = "triggered, working"
    if status.outcome_unknown:
        return "outcome unknown"
    if status.stale:
        return f"stale, was {state}"
    if status.cancel_called:
        return "cancel asked for"
    if status.change is not None:
        return "change asked for"
    return state


def _is_rung(status: Status) -> bool:
    return status.resp == "triggered" and status.req is not None and status.req.action == "alert"


def _state_tone(row: OrderRow) -> Tone:
    status = row.status
    if status.outcome_unknown or status.stale:
        return Tone.WARNING
    waiting = status.cancel_called or status.change is not None or row.resp == "pending"
    return Tone.DIM if waiting else Tone.PLAIN


def _state_tip(row: OrderRow) -> str:
    change = row.status.change
    asked = f"asked for: {change.size} at {change.price}" if change is not None else ""
    return "\n".join(filter(None, (asked, row.status.reason, row.status.origin)))


def _side_tone(row: OrderRow) -> Tone:
    return SIDE_TONES[row.order.action]


def _mode(row: OrderRow) -> str:
    return "" if row.order.action == "alert" else row.order.exec_mode


def _type(row: OrderRow) -> str:
    return kind_words(replace(row.order, link=None) if row.alone else row.order)


def _terms(row: OrderRow) -> str:
    """The other prices of an order, and its terms."""
    order = row.order
    limit = trail = ""
    if order.limit_price is not None:
        limit = f"limit {order.limit_price:f}"
    if order.trail is not None:
        percent = " %" if order.trail.unit == "percent" else ""
        trail = f"trails {order.trail.amount:f}{percent}"
    return " · ".join(filter(None, (limit, trail, terms_words(order))))


def _group(row: OrderRow) -> str:
    link = row.order.link
    return "" if link is None else short_id(link.group)


def _columns(markets: Mapping[str, Market]) -> tuple[Column[OrderRow], ...]:
    def size(row: OrderRow) -> str:
        return size_text(markets.get(row.order.symbol), row.order.size)

    def filled(row: OrderRow) -> str:
        return size_text(markets.get(row.order.symbol), row.status.filled)

    def price(row: OrderRow) -> str:
        return price_text(markets.get(row.order.symbol), row.order.price)

    return (
        Column("Time", lambda r: clock(r.since_ns), lambda r: r.since_ns),
        Column("Market", lambda r: r.order.symbol, lambda r: r.order.symbol),
        Column("Side", lambda r: r.order.action.upper(), lambda r: r.order.action, tone=_side_tone),
        Column("Type", _type, _type),
        Column("Mode", _mode, _mode),
        Column("Size", size, lambda r: r.order.size, number=True),
        Column("Filled", filled, lambda r: r.status.filled, number=True),
        Column("Price", price, lambda r: r.order.price, number=True),
        Column("Terms", _terms, _terms),
        Column("State", state_words, state_words, tone=_state_tone, tip=_state_tip),
        Column("Account", lambda r: r.order.account, lambda r: r.order.account),
        Column(
            "Group",
            _group,
            _group,
            tone=lambda _: Tone.DIM,
            tip=lambda r: r.order.link.group if r.order.link else "",
        ),
        Column(
            "Id",
            lambda r: short_id(r.order.oid),
            lambda r: r.order.oid,
            tone=lambda _: Tone.DIM,
            tip=lambda r: r.order.oid,
        ),
    )
