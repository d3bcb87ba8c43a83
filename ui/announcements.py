"""What is worth a notification beside the program: alerts, fills, refusals, lost connections."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

import msgspec

from ems.market import Market
from ems.messages import BrokerdFill, ClientMsg, Connection, Order, Status
from order_mode.labels import account_words, order_words
from ui.tables.cell_text import price_text, size_text

Kind: TypeAlias = Literal["alert", "fill", "refusal", "connection"]


class Announcement(msgspec.Struct, frozen=True):
    """One sentence under a title."""

    kind: Kind
    title: str
    text: str


def announcement(msg: ClientMsg, markets: Mapping[str, Market]) -> Announcement | None:
    """Return what a message of the EMS is to be announced as, None for most of them."""
    match msg:
        case Connection(up=False):
            return Announcement("connection", f"Connection to {msg.broker} lost", msg.reason)
        case Status(resp="fill", brokerd_msg=BrokerdFill() as fill):
            return _fill(fill, markets.get(fill.symbol))
        case Status(resp="triggered", req=Order(action="alert") as alert):
            price = price_text(markets.get(alert.symbol), alert.price)
            return Announcement("alert", f"{alert.symbol} reached {price}", alert.note)
        case Status(req=Order() as order) if msg.resp == "error" or msg.refused:
            return _refusal(order, msg.reason, markets.get(order.symbol))
    return None


def _fill(fill: BrokerdFill, market: Market | None) -> Announcement:
    size, price = size_text(market, fill.size), price_text(market, fill.price)
    title = f"Filled: {fill.action} {size} {fill.symbol} at {price}"
    return Announcement("fill", title, account_words(fill.account))


def _refusal(order: Order, reason: str, market: Market | None) -> Announcement:
    what = f"{order.action} {order.size:f}" if market is None else order_words(market, order)
    return Announcement("refusal", f"Refused: {what} in {order.symbol}", reason)
