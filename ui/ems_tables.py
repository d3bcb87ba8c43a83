"""The tables of orders, positions, fills, alerts and messages, for anyone's window."""

import asyncio
from collections.abc import Collection
from typing import Final, Literal, TypeAlias

from PyQt6 import sip
from PyQt6.QtCore import QEvent, QTimer
from PyQt6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

from ems.client import EmsClient
from ems.embedded import Ems
from ems.errors import EmsError
from ems.messages import Cancel
from ui import theme
from ui.ems_source import BoundClient, OpensEms
from ui.hosted_loop import HostedLoop, loop_of_qt
from ui.order_story_window import OrderStory
from ui.tables import TradeTables

TableName: TypeAlias = Literal["orders", "positions", "fills", "alerts", "messages"]
ALL_TABLES: Final[tuple[TableName, ...]] = ("orders", "positions", "fills", "alerts", "messages")
_PRICES_MS: Final = 250
"""Positions are valued at the last price so often."""
_MIDDLE: Final = 127
"""Lightness of a colour, of 255."""


class EmsTables(QWidget):
    """Follows an EMS, in every market, until it is closed or deleted.

    Parameters
    ----------
    ems
        An open EMS, or what ``ordermode.connect()`` returns, which is opened now.
    show
        Which tables, as tabs.

    Attributes
    ----------
    tables : TradeTables or None
        None until the EMS is open.
    """

    tables: TradeTables | None = None

    def __init__(
        self,
        ems: Ems | OpensEms,
        *,
        show: Collection[TableName] = ALL_TABLES,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        unknown = set(show) - set(ALL_TABLES)
        if unknown or not show:
            raise ValueError(f"there are the tables {', '.join(ALL_TABLES)}, not {unknown or '{}'}")
        self._show = frozenset(show)
        self._given = ems
        self._ems: Ems
        self._client: EmsClient
        self._space = QVBoxLayout(self)
        self._space.setContentsMargins(0, 0, 0, 0)
        self._loop = loop_of_qt()
        if isinstance(ems, OpensEms) and isinstance(self._loop, HostedLoop):
            self._loop.at_end(ems, ems.aclose)
        self._prices = QTimer(self)
        self._prices.setInterval(_PRICES_MS)
        self._prices.timeout.connect(self._show_prices)
        task = self._task = self._loop.create_task(self._follow())
        task.add_done_callback(self._on_done)
        self.destroyed.connect(lambda: task.cancel())

    def detach(self) -> None:
        """Follow no more: the rows stay as they are. Twice is once."""
        self._prices.stop()
        self._task.cancel()

    async def _follow(self) -> None:
        given = await self._given.ems() if isinstance(self._given, OpensEms) else self._given
        if not isinstance(given, Ems):
            raise EmsError("tables follow an EMS in this process; this one is elsewhere")
        self._ems = given
        client = given.connect()
        loop = self._loop
        self._client = BoundClient(client, loop) if isinstance(loop, HostedLoop) else client
        try:
            tables = self.tables = self._make_tables()
            for fill in await client.fills():
                tables.fills.add(fill)
            async for msg in client:
                tables.on_msg(msg)
        finally:
            client.close()

    def _on_done(self, task: asyncio.Task[None]) -> None:
        """Show why there are no tables, or no news any more."""
        error = None if task.cancelled() else task.exception()
        if error is None or sip.isdeleted(self):
            return
        if not isinstance(error, EmsError):
            self._loop.call_exception_handler(
                {"message": "the tables have stopped", "exception": error, "task": task}
            )
        words = QLabel(f"The tables have stopped: {error}")
        words.setWordWrap(True)
        self._space.addWidget(words)

    def _make_tables(self) -> TradeTables:
        tables = TradeTables(self._ems.hub.markets, self)
        for tab, name in enumerate(ALL_TABLES):
            tables.setTabVisible(tab, name in self._show)
        first = next(tab for tab, name in enumerate(ALL_TABLES) if name in self._show)
        tables.setCurrentIndex(first)
        tables.cancel_asked.connect(self._cancel)
        tables.story_asked.connect(self._show_story)
        self._space.addWidget(tables)
        self._look(tables)
        self._prices.start()
        return tables

    def _look(self, tables: TradeTables) -> None:
        """Take colours that are read on the ground of the program that this is in."""
        app = QApplication.instance()
        ours = isinstance(app, QApplication) and app.styleSheet() == theme.stylesheet()
        is_light = self.palette().base().color().lightness() > _MIDDLE
        tables.lie_on(None if ours else "light" if is_light else "dark")

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow the program to another look."""
        super().changeEvent(event)
        looks = (QEvent.Type.PaletteChange, QEvent.Type.StyleChange)
        if event is not None and event.type() in looks and self.tables is not None:
            self._look(self.tables)

    def _cancel(self, oid: str) -> None:
        row = self.tables.orders.get(oid) if self.tables is not None else None
        if row is not None:
            self._client.cancel(Cancel(oid=oid, symbol=row.order.symbol))

    def _show_story(self, oid: str) -> None:
        OrderStory(oid, self._ems.journal.history(oid), self).show()

    def _show_prices(self) -> None:
        for fqsn, market in self._ems.hub.markets.items():
            quote, trade = self._ems.hub.last(fqsn)
            if market.chart_price == "bid":
                price = None if quote is None else quote.bid
            else:
                price = None if trade is None else trade.price
            if price is not None and self.tables is not None:
                self.tables.set_last(fqsn, price)
