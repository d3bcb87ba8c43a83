"""``ordermode orders``, ``fills``, ``positions`` and ``log``: what the journal says, as tables."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, TextIO

import msgspec

from ems.errors import EmsError
from ems.journal_reader import JournalReader, open_reader
from ems.messages import BrokerdFill
from ems.order_dialog import OrderDialog
from ems.positions import PositionBook
from order_mode.labels import kind_words
from ui.commands import ReportCommand
from ui.order_story import in_words
from ui.report_output import Column, Report, write

_INT64_MAX: Final = 2**63 - 1


class UnknownOrder(EmsError):
    """No order, or more than one, has an id that begins so."""


def report(command: ReportCommand, journal: Path, out: TextIO) -> None:
    """Print the report that the command asks for.

    Raises
    ------
    EmsError
        If there is no journal to read, or no such order.
    """
    with open_reader(journal) as reader:
        table = _REPORTS[command.report](reader, command)
    write(table, command.form, out)


def _orders(reader: JournalReader, command: ReportCommand) -> Report:
    columns = (
        Column("time", "Last change", kind="time"),
        Column("oid", "Id", kind="id"),
        Column("account", "Account"),
        Column("market", "Market"),
        Column("action", "Side"),
        Column("kind", "Type"),
        Column("exec_mode", "Mode"),
        Column("price", "Price", kind="number"),
        Column("size", "Size", kind="number"),
        Column("filled", "Filled", kind="number"),
        Column("avg_price", "Average price", kind="number"),
        Column("status", "Status"),
        Column("reqid", "Venue's id"),
        Column("reason", "Reason"),
    )
    return Report(columns, [_order_row(d) for d in reader.dialogs() if _is_asked_for(d, command)])


def _order_row(dialog: OrderDialog) -> tuple[Any, ...]:
    order = dialog.order
    return (
        dialog.changed_ns,
        order.oid,
        order.account,
        order.symbol,
        order.action,
        kind_words(order),
        order.exec_mode,
        order.price,
        order.size,
        dialog.filled,
        dialog.avg_price,
        dialog.resp,
        dialog.reqid,
        dialog.reason,
    )


def _is_asked_for(dialog: OrderDialog, command: ReportCommand) -> bool:
    order = dialog.order
    return _matches(command, order.symbol, order.account, dialog.changed_ns)


def _fills(reader: JournalReader, command: ReportCommand) -> Report:
    columns = (
        Column("time", "Time", kind="time"),
        Column("oid", "Order", kind="id"),
        Column("account", "Account"),
        Column("market", "Market"),
        Column("action", "Side"),
        Column("size", "Size", kind="number"),
        Column("price", "Price", kind="number"),
        Column("fee", "Fee", kind="number"),
        Column("fee_currency", "Currency"),
        Column("exec_id", "Execution"),
        Column("broker_time", "Venue's time", kind="time"),
    )
    rows = [
        (
            fill.time_ns,
            fill.oid,
            fill.account,
            fill.symbol,
            fill.action,
            fill.size,
            fill.price,
            fill.fee,
            fill.fee_currency,
            fill.exec_id,
            fill.broker_time_ns,
        )
        for fill in _matching_fills(reader, command)
    ]
    return Report(columns, rows)


def _positions(reader: JournalReader, command: ReportCommand) -> Report:
    """Count every fill anew: no snapshot is trusted here."""
    markets, book = reader.markets(), PositionBook()
    for market in markets.values():
        book.set_terms(market.fqsn, market.multiplier, market.currency)
    for fill in _matching_fills(reader, command):
        book.apply(fill)
    columns = (
        Column("account", "Account"),
        Column("market", "Market"),
        Column("size", "Size", kind="number"),
        Column("avg_price", "Average price", kind="number"),
        Column("realised", "Realised", kind="number"),
        Column("fees", "Fees", kind="number"),
        Column("net", "Net", kind="number"),
        Column("currency", "Currency"),
        Column("other_fees", "Other fees"),
        Column("time", "Last fill", kind="time"),
    )
    rows = [
        (
            position.account,
            position.symbol,
            position.size,
            position.avg_price,
            position.realised,
            position.fees,
            position.realised - position.fees,
            markets[position.symbol].currency if position.symbol in markets else "",
            ", ".join(f"{fee:f} {name}" for name, fee in sorted(position.other_fees.items())),
            position.time_ns,
        )
        for position in book.known()
    ]
    return Report(columns, rows)


def _log(reader: JournalReader, command: ReportCommand) -> Report:
    oid = _the_order(reader, command.oid)
    columns = (
        Column("time", "Time", kind="time"),
        Column("event", "Event", shown=False),
        Column("words", "What happened"),
        Column("state", "Then it was"),
        Column("reason", "Reason"),
        Column("message", "Message", shown=False),
    )
    rows: list[tuple[Any, ...]] = []
    for line in reader.history(oid):
        message = None if line.msg is None else msgspec.json.decode(line.msg)
        words = in_words(line.event, message)
        rows.append((line.time_ns, line.event, words, line.state, line.reason or "", message))
    return Report(columns, rows, title=f"Order {oid}")


def _the_order(reader: JournalReader, text: str) -> str:
    found = reader.oids_that_begin(text)
    if not found:
        raise UnknownOrder(f"no order's id begins with {text!r}; `ordermode orders` shows the ids")
    if len(found) > 1:
        some = ", ".join(found[:3])
        raise UnknownOrder(f"several orders' ids begin with {text!r} ({some}...); write more of it")
    return found[0]


def _matching_fills(reader: JournalReader, command: ReportCommand) -> Iterator[BrokerdFill]:
    for fill in reader.fills(command.market):
        if _matches(command, fill.symbol, fill.account, fill.time_ns):
            yield fill


def _matches(command: ReportCommand, symbol: str, account: str, time_ns: int) -> bool:
    until_ns = _INT64_MAX if command.until_ns is None else command.until_ns
    return (
        command.market in (None, symbol)
        and command.account in (None, account)
        and (command.since_ns or 0) <= time_ns < until_ns
    )


_REPORTS: Final[dict[str, Callable[[JournalReader, ReportCommand], Report]]] = {
    "orders": _orders,
    "fills": _fills,
    "positions": _positions,
    "log": _log,
}
